// ==Macro==
// @name        patrol
// @description Walks a round from the spawn, strikes down what comes close, rests when hurt
// @version     1.0.0
// @grant       movement combat
// @limit       wall=30s cpu=500ms heap=32mb commands=200
// @input       rounds:integer=1
// @expect      completed
// ==/Macro==

// The corners of the round. `input` is what `--input '{"rounds":2}'` gives, or the default above.
const corners = [
  { x: 20, y: 7 },
  { x: 26, y: 8 },
  { x: 22, y: 14 },
  { x: 20, y: 10 },
];
const HURT = 8; // below this health we rest instead of fighting

let victories = 0;

// Fights whoever stands beside us. Each blow is one command; the loop ends with the foe, or when we are hurt.
async function fight(name) {
  for (let blow = 1; blow <= 10; blow++) {
    const { defeated, foeHealth, health, fell } = await combat.attack({ target: name });
    if (defeated) {
      victories++;
      log.info(`${name} is down after ${blow} blows`);
      return;
    }
    log.debug(`${name} has ${foeHealth} health left, I have ${health}`);
    if (fell || health < HURT) return;
  }
}

for (let round = 1; round <= input.rounds; round++) {
  for (const corner of corners) {
    const { arrived, blockedBy } = await movement.goto(corner);
    if (!arrived) log.warn(`stopped on the way to ${corner.x},${corner.y} by ${blockedBy}`);

    const { foes } = await combat.foes();
    const beside = foes.find((foe) => foe.steps <= 1);
    if (beside) await fight(beside.name);

    const { health } = await combat.status();
    if (health < HURT) await combat.rest({ ticks: 20 });
  }
  log.info(`round ${round} of ${input.rounds} done`);
}

const { health } = await combat.status();
return { rounds: input.rounds, victories, health };
