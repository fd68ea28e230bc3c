// ==Macro==
// @name        auto-eat
// @description Looks after hunger: eats what fits it best, and says so when the food runs out
// @version     1.0.0
// @grant       combat.status inventory movement.wait
// @limit       wall=20s cpu=500ms heap=32mb commands=100
// @input       hungry:integer=8     eat from this hunger on (0 fed, 20 starving)
// @input       checks:integer=6
// @expect      completed
// ==/Macro==

// How much hunger each kind of food stills.
const FOOD = { wheat: 1, apple: 3, carrot: 3, herring: 4, bread: 6, salmon: 7 };

/** The largest food that is not wasted on this hunger, else the smallest one there is. */
function choose(items, hunger) {
  const food = items.filter(({ item }) => item in FOOD).sort((a, b) => FOOD[b.item] - FOOD[a.item]);
  return food.find(({ item }) => FOOD[item] <= hunger) ?? food.at(-1) ?? null;
}

const eaten = [];
for (let check = 1; check <= input.checks; check++) {
  const { hunger } = await combat.status();
  if (hunger >= input.hungry) {
    const { items } = await inventory.list();
    const meal = choose(items, hunger);
    if (!meal) {
      log.error('there is nothing left to eat');
      break;
    }
    const after = await inventory.eat({ item: meal.item });
    eaten.push(meal.item);
    log.info(`ate ${meal.item}: hunger ${hunger} is now ${after.hunger}, ${after.left} left`);
  }
  // Sixty ticks make us three points hungrier.
  await movement.wait({ ticks: 60 });
}

const { hunger, health } = await combat.status();
return { eaten, hunger, health };
