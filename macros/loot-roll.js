// ==Macro==
// @name        loot-roll
// @description Rolls on a weighted table, tells the rare finds aloud and checks how fair the dice are
// @version     1.0.0
// @grant       chat.say
// @limit       wall=10s cpu=500ms heap=32mb commands=20
// @input       rolls:integer=200
// @expect      completed
// ==/Macro==

const TABLE = [
  { item: 'nothing', weight: 50 },
  { item: 'coin', weight: 30 },
  { item: 'potion', weight: 15 },
  { item: 'sword', weight: 4 },
  { item: 'crown', weight: 1 },
];
const TOTAL = TABLE.reduce((sum, { weight }) => sum + weight, 0);

/** One entry, each as likely as its weight. `random()` gives the same numbers for the same `--seed`. */
function roll() {
  let left = random() * TOTAL;
  for (const entry of TABLE) {
    left -= entry.weight;
    if (left < 0) return entry;
  }
  return TABLE[0];
}

const counts = Object.fromEntries(TABLE.map(({ item }) => [item, 0]));
let told = 0;

for (let number = 1; number <= input.rolls; number++) {
  const { item, weight } = roll();
  counts[item]++;
  // Only the rare finds, and only a few of them: chat is for everybody.
  if (weight <= 4 && told < 3) {
    told++;
    await chat.say({ text: `roll ${number}: a ${item}!` });
  }
}

for (const { item, weight } of TABLE) {
  const expected = Math.round((input.rolls * weight) / TOTAL);
  log.info(`${item.padEnd(8)} ${String(counts[item]).padStart(4)} rolled, about ${expected} expected`);
}
return { rolls: input.rolls, counts };
