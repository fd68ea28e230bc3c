// ==Macro==
// @name        waypoints
// @description Marks a few places, jumps from one to the next as fast as the cooldown lets it, and tidies up
// @version     1.0.0
// @grant       movement teleport
// @limit       wall=20s cpu=500ms heap=32mb commands=80
// @input       places:json=[{"x":24,"y":5},{"x":18,"y":16}]
// @expect      completed
// ==/Macro==

/** Jumps, and waits out the cooldown first: `readyInTicks` says how long it still is. */
async function jump(name) {
  let { readyInTicks } = await teleport.waypoints();
  while (readyInTicks > 0) {
    await movement.wait({ ticks: readyInTicks });
    ({ readyInTicks } = await teleport.waypoints());
  }
  const { x, y } = await teleport.to({ name });
  log.info(`jumped to ${name} at ${x},${y}`);
  return { name, x, y };
}

const own = [];
for (const [index, { x, y }] of input.places.entries()) {
  const { arrived, blockedBy } = await movement.goto({ x, y });
  if (!arrived) log.warn(`${blockedBy} is in the way to ${x},${y}; marking where I stand`);
  const { name } = await teleport.set({ name: `stop-${index + 1}` });
  own.push(name);
}

const jumps = [];
for (const name of ['home', ...own, 'spawn']) jumps.push(await jump(name));

// What a macro sets up it takes down: the world has room for twenty waypoints.
for (const name of own) await teleport.forget({ name });

return { jumps };
