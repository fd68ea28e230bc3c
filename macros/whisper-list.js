// ==Macro==
// @name        whisper-list
// @description Whispers to every player in turn and collects the answers, slowing down when told to
// @version     1.0.0
// @grant       chat
// @limit       wall=20s cpu=500ms heap=32mb commands=60
// @input       text:string="market at noon, by the well"
// @input       rounds:integer=3
// @expect      completed
// ==/Macro==

let waits = 0;

/** Whispering too fast throws; the error's `code` says why, and anything else is not ours to handle. */
async function whisper(to, text) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await chat.whisper({ to, text });
    } catch (error) {
      if (error.code !== 'rate-limited' || attempt === 5) throw error;
      waits++;
      await sleep(200 * attempt);
    }
  }
}

const { players } = await chat.players();
const answers = new Map();

for (let round = 1; round <= input.rounds; round++) {
  for (const { name, trade } of players) {
    const { answer } = await whisper(name, `${input.text} (${round})`);
    if (!answers.has(name)) log.info(`${name} the ${trade}: ${answer}`);
    answers.set(name, answer);
  }
}

return { whispered: players.length * input.rounds, waits, answers: Object.fromEntries(answers) };
