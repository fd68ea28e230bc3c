// ==Macro==
// @name        orders
// @description Reckons orders, a result for each; made for `corral run --batch`
// @version     1.0.0
// @grant
// @limit       wall=20s cpu=500ms heap=32mb commands=0
// @input       items:json=[{"item":"bread","count":2},{"item":"sword"}] discount:number=0
// @expect      completed
// ==/Macro==

const PRICES = new Map([
  ['bread', 3],
  ['apple', 1],
  ['lantern', 12],
]);

/** What one order comes to; one that cannot be filled is a result too, so that the others of its run keep theirs. */
function reckon({ item, count = 1 }) {
  const price = PRICES.get(item);
  if (price === undefined) return { item, problem: 'not sold here' };
  return { item, count, coins: Math.round(price * count * (1 - input.discount)) };
}

// As many results as there are items: each goes to the line of the batch file it belongs to.
return input.items.map(reckon);
