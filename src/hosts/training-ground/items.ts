// Owns what can be carried: the table of items and the bags (the player's own, chests) that hold them.

/** Every item: how much hunger it stills, and how much it adds to a blow while carried. */
export const ITEMS = {
  apple: { food: 3, damage: 0 },
  bread: { food: 6, damage: 0 },
  wheat: { food: 1, damage: 0 },
  carrot: { food: 3, damage: 0 },
  herring: { food: 4, damage: 0 },
  salmon: { food: 7, damage: 0 },
  boot: { food: 0, damage: 0 },
  pelt: { food: 0, damage: 0 },
  coin: { food: 0, damage: 0 },
  wood: { food: 0, damage: 0 },
  stone: { food: 0, damage: 0 },
  dagger: { food: 0, damage: 2 },
  sword: { food: 0, damage: 4 },
} as const satisfies Record<string, { food: number; damage: number }>;

/** An item's name. */
export type ItemName = keyof typeof ITEMS;

/** All item names. */
export const ITEM_NAMES = Object.keys(ITEMS) as [ItemName, ...ItemName[]];

/** The most items (counted singly) the player can carry. */
export const CARRY_MAX = 64;

/** How many of each item something holds; counts are above 0. */
export type Bag = Map<ItemName, number>;

/** A bag as commands tell it: by name, most useful for reading. */
export function toList(bag: Bag): { item: ItemName; count: number }[] {
  return [...bag]
    .map(([item, count]) => ({ item, count }))
    .sort((a, b) => (a.item < b.item ? -1 : 1));
}

/** How many items are in a bag, counted singly. */
export function totalOf(bag: Bag): number {
  let total = 0;
  for (const count of bag.values()) total += count;
  return total;
}

/** Puts items into a bag. */
export function addTo(bag: Bag, item: ItemName, count: number): void {
  if (count > 0) bag.set(item, (bag.get(item) ?? 0) + count);
}

/**
 * Takes items out of a bag.
 * @param where how a person calls the bag, for the message: `your bag`, `chest "barn"`
 * @throws {Error} when it holds fewer.
 */
export function removeFrom(bag: Bag, item: ItemName, count: number, where: string): void {
  const held = bag.get(item) ?? 0;
  if (held < count) {
    const holds = toList(bag)
      .map((entry) => `${entry.count} ${entry.item}`)
      .join(', ');
    throw new Error(
      `there ${held === 1 ? 'is' : 'are'} only ${held} ${item} in ${where}, not ${count}; it holds ${holds || 'nothing'}`,
    );
  }
  if (held === count) bag.delete(item);
  else bag.set(item, held - count);
}

/** The best damage any carried item adds. */
export function bestDamage(bag: Bag): number {
  return Math.max(0, ...[...bag.keys()].map((item) => ITEMS[item].damage));
}
