// ==Macro==
// @name        round-announcer
// @description Announces each round of a contest at a steady pace, then the winner
// @version     1.0.0
// @grant       chat.say combat.status
// @limit       wall=20s cpu=500ms heap=32mb commands=40
// @input       rounds:integer=3
// @input       seconds:number=0.4    between two rounds
// @expect      completed
// ==/Macro==

await chat.say({ text: `${input.rounds} rounds, red against blue. Ready?` });

// `every` calls its function again and again, never twice at once. The run goes on until it is stopped, so it must be.
const wins = await new Promise((resolve) => {
  const tally = { red: 0, blue: 0 };
  let round = 0;
  const clock = every(input.seconds * 1000, async () => {
    round++;
    const winner = random() < 0.5 ? 'red' : 'blue';
    tally[winner]++;
    await chat.say({ text: `round ${round} goes to ${winner}` });
    if (round < input.rounds) return;
    clock.stop();
    resolve(tally);
  });
});

const winner = wins.red === wins.blue ? 'nobody' : wins.red > wins.blue ? 'red' : 'blue';
await chat.say({ text: `it is over, ${wins.red} to ${wins.blue}: ${winner} wins` });

return { rounds: input.rounds, wins, winner };
