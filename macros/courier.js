// ==Macro==
// @name        courier
// @description Carries things from one chest to another (a macro written as a module)
// @version     1.0.0
// @grant       movement inventory teleport.to
// @limit       wall=20s cpu=500ms heap=32mb commands=60
// @input       from:string=home to:string=barn
// @input       item:string=bread count:integer=2
// @expect      completed
// ==/Macro==

// A module exports one function, which is handed everything that the other form finds as globals.
export default async ({ input, movement, inventory, teleport, log }) => {
  await teleport.to({ name: 'home' }); // the farm is peaceful; the grass outside is not
  const { chests } = await inventory.chests();

  const walkTo = async (name) => {
    const chest = chests.find((one) => one.name === name);
    if (!chest) throw new Error(`there is no chest called ${name}; there are ${chests.map((one) => one.name).join(', ')}`);
    const { steps } = await movement.goto({ x: chest.x, y: chest.y, near: true });
    log.info(`${steps} steps to the ${name} chest`);
    return steps;
  };

  let steps = await walkTo(input.from);
  const { items } = await inventory.open({ chest: input.from });
  const there = items.find(({ item }) => item === input.item)?.count ?? 0;
  const count = Math.min(there, input.count);
  if (count > 0) await inventory.take({ chest: input.from, item: input.item, count });
  if (count < input.count) log.warn(`there are only ${there} ${input.item} in the ${input.from} chest`);

  steps += await walkTo(input.to);
  if (count > 0) await inventory.put({ chest: input.to, item: input.item, count });

  return { delivered: count, item: input.item, steps };
};
