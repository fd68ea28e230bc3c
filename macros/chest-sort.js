// ==Macro==
// @name        chest-sort
// @description Brings everything to the chest it belongs in: food home, goods to the barn, fish to the dock
// @version     1.0.0
// @grant       movement inventory
// @limit       wall=30s cpu=500ms heap=32mb commands=200
// @input       keep:json=["dagger","sword","bread"]    what stays in the bag
// @expect      completed
// ==/Macro==

const BELONGS = {
  home: ['apple', 'bread', 'carrot', 'coin'],
  barn: ['wheat', 'wood', 'stone', 'pelt'],
  dock: ['herring', 'salmon', 'boot'],
};
const homeOf = (item) => Object.keys(BELONGS).find((chest) => BELONGS[chest].includes(item)) ?? null;

/** Walks to a chest. A blow stops us on the way, so one command may not be enough. */
async function reach({ x, y }) {
  for (let attempt = 1; attempt <= 12; attempt++) {
    const { arrived } = await movement.goto({ x, y, near: true });
    if (arrived) return true;
  }
  return false;
}

const { chests } = await inventory.chests();
const moved = {};

// Twice round: the first round picks up what lies in the wrong chest, the second brings the last of it home.
for (const { name: chest, x, y } of [...chests, ...chests]) {
  if (!(await reach({ x, y }))) {
    log.warn(`there is no getting through to the ${chest} chest`);
    continue;
  }

  const { items: inChest } = await inventory.open({ chest });
  for (const { item, count } of inChest) {
    if (homeOf(item) === chest) continue;
    const { room } = await inventory.list();
    if (room > 0) await inventory.take({ chest, item, count: Math.min(count, room) });
  }

  const { items: carried } = await inventory.list();
  for (const { item, count } of carried) {
    if (homeOf(item) !== chest || input.keep.includes(item)) continue;
    const { inChest: now } = await inventory.put({ chest, item, count });
    moved[item] = (moved[item] ?? 0) + count;
    log.info(`${count} ${item} into the ${chest} chest, which now holds ${now}`);
  }
}

return { moved };
