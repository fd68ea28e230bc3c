// ==Macro==
// @name        night-watch
// @description Watches for as long as its limits allow, and hands over in good order when it is told to stop
// @version     1.0.0
// @grant       combat.foes combat.status chat.say
// @limit       wall=1500ms cpu=500ms heap=32mb commands=60
// @expect      completed
// ==/Macro==

await chat.say({ text: 'the night watch begins' });
let rounds = 0;
let nearest = null;

// `budget()` is what is left of each limit: better to stop in time than to be stopped.
while (budget().wallMs > 500 && budget().commands > 5) {
  const { foes } = await combat.foes();
  for (const { name, steps } of foes) {
    if (nearest === null || steps < nearest.steps) nearest = { name, steps };
  }
  rounds++;
  try {
    await sleep(150);
  } catch (error) {
    // Ctrl-C cuts a sleep short and sets `signal.aborted`: time to go, without another word.
    if (signal.aborted) return { rounds, nearest };
    throw error;
  }
}

const { health } = await combat.status();
await chat.say({ text: nearest ? `all is well; the closest was ${nearest.name}` : 'all is quiet' });
return { rounds, nearest, health };
