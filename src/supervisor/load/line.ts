// Owns the order of those who wait: by priority, in turns by owner, and nobody for ever. Every step takes the same time
// however long the line is. It starts nothing and asks no clock.

import { Chain, type Link } from './chain.ts';

/** The lowest and the highest priority. */
export const PRIORITY_MIN = -10;
export const PRIORITY_MAX = 10;

/** Whoever stands in line. */
export interface Place<Item> {
  readonly item: Item;
  readonly owner: string;
}

/** What one owner has waiting at one level, and its turn there. */
class Turns<Item> {
  readonly owner: string;
  readonly places = new Chain<Standing<Item>>();
  readonly #ring: Chain<Turns<Item>>;
  #turn: Link<Turns<Item>>;

  constructor(owner: string, ring: Chain<Turns<Item>>) {
    this.owner = owner;
    this.#ring = ring;
    this.#turn = ring.push(this);
  }

  /** Has had its turn. */
  comeLast(): void {
    this.leave();
    this.#turn = this.#ring.push(this);
  }

  leave(): void {
    this.#ring.remove(this.#turn);
  }
}

/** One priority: its owners take turns. */
class Level<Item> {
  readonly ring = new Chain<Turns<Item>>();
  readonly byOwner = new Map<string, Turns<Item>>();
  /** All of the level, in the order in which they came to it. */
  readonly arrivals = new Chain<Standing<Item>>();

  join(place: Standing<Item>): void {
    const turns = this.byOwner.get(place.owner) ?? new Turns<Item>(place.owner, this.ring);
    this.byOwner.set(place.owner, turns);
    place.inTurns = turns.places.push(place);
    place.inArrivals = this.arrivals.push(place);
  }

  leave(place: Standing<Item>): void {
    const turns = this.byOwner.get(place.owner);
    if (!turns || !place.inTurns || !place.inArrivals) return;
    turns.places.remove(place.inTurns);
    this.arrivals.remove(place.inArrivals);
    place.inTurns = place.inArrivals = null;
    if (!turns.places.isEmpty) return;
    turns.leave();
    this.byOwner.delete(place.owner);
  }

  /** The first of the owner whose turn it is; that owner then comes last. */
  takeTurn(): Standing<Item> | null {
    const turns = this.ring.first?.value;
    const place = turns?.places.first?.value;
    if (!turns || !place) return null;
    this.leave(place);
    if (this.byOwner.has(turns.owner)) turns.comeLast();
    return place;
  }
}

class Standing<Item> implements Place<Item> {
  readonly item: Item;
  readonly owner: string;
  priority: number;
  /** When it came to this level (ms). */
  since: number;
  inTurns: Link<Standing<Item>> | null = null;
  inArrivals: Link<Standing<Item>> | null = null;

  constructor(item: Item, owner: string, priority: number, since: number) {
    this.item = item;
    this.owner = owner;
    this.priority = priority;
    this.since = since;
  }
}

/**
 * A line. The highest priority goes first; among equals the owners take turns, and of one owner who came first. Whoever has
 * waited `agingMs` goes up by one priority and stands behind those of the same owner there, so that a stream of others,
 * however urgent, cannot keep anybody waiting for good.
 */
export class Line<Item> {
  readonly #levels = Array.from(
    { length: PRIORITY_MAX - PRIORITY_MIN + 1 },
    () => new Level<Item>(),
  );
  readonly #agingMs: () => number;
  #size = 0;

  constructor(agingMs: () => number) {
    this.#agingMs = agingMs;
  }

  get size(): number {
    return this.#size;
  }

  /** Joins. @param now ms; never less than in any call before */
  add(
    item: Item,
    who: { readonly owner: string; readonly priority: number },
    now: number,
  ): Place<Item> {
    const place = new Standing(item, who.owner, who.priority, now);
    this.#level(place.priority).join(place);
    this.#size += 1;
    return place;
  }

  /** Leaves; nothing happens for one that has left. */
  remove(place: Place<Item>): void {
    const standing = place as Standing<Item>;
    if (!standing.inTurns) return;
    this.#level(standing.priority).leave(standing);
    this.#size -= 1;
  }

  /** The priority, as it is by now, of who goes next; null when nobody waits. */
  next(now: number): number | null {
    this.#rise(now);
    for (let priority = PRIORITY_MAX; priority >= PRIORITY_MIN; priority--)
      if (!this.#level(priority).ring.isEmpty) return priority;
    return null;
  }

  /** Takes who goes next out of the line. */
  take(now: number): Item | null {
    const priority = this.next(now);
    const place = priority === null ? null : this.#level(priority).takeTurn();
    if (!place) return null;
    this.#size -= 1;
    return place.item;
  }

  /** All who wait, in no particular order. */
  *[Symbol.iterator](): Generator<Place<Item>, void, void> {
    for (const { arrivals } of this.#levels)
      for (let link = arrivals.first; link; link = link.after) yield link.value;
  }

  #level(priority: number): Level<Item> {
    return this.#levels[priority - PRIORITY_MIN] as Level<Item>;
  }

  /** From the top, so that nobody goes up two steps at once. */
  #rise(now: number): void {
    const before = now - this.#agingMs();
    for (let priority = PRIORITY_MAX - 1; priority >= PRIORITY_MIN; priority--) {
      const level = this.#level(priority);
      for (
        let link = level.arrivals.first;
        link && link.value.since <= before;
        link = level.arrivals.first
      ) {
        const place = link.value;
        level.leave(place);
        place.priority += 1;
        place.since = now;
        this.#level(place.priority).join(place);
      }
    }
  }
}
