// ==Macro==
// @name        fisherman
// @description Fishes from the dock, throws old boots away and rests when tired
// @version     1.0.0
// @grant       teleport.to inventory combat.rest
// @limit       wall=30s cpu=500ms heap=32mb commands=100
// @input       casts:integer=12
// @expect      completed
// ==/Macro==

const TIRED = 10; // one cast costs 4 energy

await teleport.to({ name: 'dock' });

const caught = {};
for (let cast = 1; cast <= input.casts; cast++) {
  const { caught: item, energy, room } = await inventory.fish();

  if (item === 'boot') {
    log.info(`cast ${cast}: an old boot, back into the water`);
    await inventory.drop({ item: 'boot' });
  } else if (item) {
    caught[item] = (caught[item] ?? 0) + 1;
    log.info(`cast ${cast}: a ${item}!`);
  } else {
    log.debug(`cast ${cast}: nothing`);
  }

  if (room === 0) {
    log.warn('the bag is full');
    break;
  }
  if (energy < TIRED) await combat.rest({ ticks: 10 });
}

return { casts: input.casts, caught };
