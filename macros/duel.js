// ==Macro==
// @name        duel
// @description Walks up to one foe and fights it to the end, guard up, running away when it goes badly
// @version     1.0.0
// @grant       combat movement
// @limit       wall=20s cpu=500ms heap=32mb commands=80
// @input       foe:string=bob       the name of the foe
// @input       fleeAt:integer=5     the health at which we run
// @expect      completed
// ==/Macro==

const { foes } = await combat.foes();
const foe = foes.find(({ name }) => name === input.foe);
if (!foe) {
  log.warn(`${input.foe} is not in sight; I see ${foes.map(({ name }) => name).join(', ') || 'nobody'}`);
  return { foe: input.foe, outcome: 'not found', blows: 0 };
}

// `near` stops beside the foe: a blow reaches one step.
await movement.goto({ x: foe.x, y: foe.y, near: true });

// A foe may run, hide or fall to somebody else, so a fight is never longer than this.
const BLOWS_MAX = 20;
let outcome = 'gave up';
let blows = 0;

while (blows < BLOWS_MAX) {
  // Commands can be written as slash lines too; this is the same as `combat.guard()`.
  if (blows % 5 === 0) await command('/guard');

  const blow = await combat.attack({ target: input.foe });
  blows++;
  log.info(`blow ${blows}: ${blow.damage} damage, it has ${blow.foeHealth} left and I have ${blow.health}`);

  if (blow.defeated) {
    outcome = blow.loot ? `won, and a ${blow.loot}` : 'won';
    break;
  }
  if (blow.fell || blow.health <= input.fleeAt) {
    if (!blow.fell) await combat.flee();
    outcome = blow.fell ? 'lost' : 'fled';
    break;
  }
}

const { health } = await combat.status();
return { foe: input.foe, outcome, blows, health };
