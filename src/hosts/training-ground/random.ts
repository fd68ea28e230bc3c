// Owns the training ground's chance: a seeded generator, so that a world can be lived through twice.

/** A seeded source of chance. */
export interface Chance {
  /** The next number, 0 up to but not including 1. */
  next(): number;
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number;
  /** One of the items, all equally likely. */
  pick<Item>(items: readonly [Item, ...Item[]]): Item;
}

/** Creates a generator (mulberry32): one 32-bit word of state, plenty for a game. */
export function createChance(seed: number): Chance {
  let state = Math.trunc(seed) | 0;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    between: (least, most) => least + Math.floor(next() * (most - least + 1)),
    pick: (items) => items[Math.floor(next() * items.length)] ?? items[0],
  };
}
