// Owns who waits to be let in: how many may, in which order they go, and who has stepped aside. It lets nobody in.

import type { Refusal } from '../../model/events.ts';
import { formatDuration } from '../../model/limits.ts';
import { safeText } from '../../model/safe-text.ts';
import type { LoadSettings } from '../../model/settings.ts';
import type { Cordon } from '../pool.ts';
import { Line, type Place } from './line.ts';
import { Comeback, Pace } from './pace.ts';

/** Who wants in. */
export interface Visitor {
  readonly owner: string;
  readonly priority: number;
  readonly cordon: Cordon;
}

/** Why somebody is sent away. */
export interface Turned {
  readonly refusal: Refusal;
  /** For a person, with what to do. */
  readonly message: string;
}

/** One who waits. */
export interface Waiter<Item> {
  readonly item: Item;
  readonly visitor: Visitor;
  /** When it came (ms). */
  readonly since: number;
  place: Place<Waiter<Item>> | null;
}

interface Owner {
  waiting: number;
  readonly comeback: Comeback;
}

/** All who wait. */
export class Waiting<Item> {
  readonly #settings: () => LoadSettings;
  /** A line for each kind of place: who needs a process alone holds up nobody who does not. */
  readonly #lines: Readonly<Record<Cordon, Line<Waiter<Item>>>>;
  readonly #owners = new Map<string, Owner>();
  readonly #aside = new Set<Waiter<Item>>();
  readonly #pace = new Pace();
  readonly #comeback = new Comeback();
  /** The line that was served last: of two that are equally urgent the other is next. */
  #last: Cordon = 'shared';

  constructor(settings: () => LoadSettings) {
    this.#settings = settings;
    const agingMs = () => settings().agingMs;
    this.#lines = { solo: new Line(agingMs), shared: new Line(agingMs) };
  }

  /** Everybody, those who have stepped aside too. */
  get size(): number {
    return this.inLine + this.#aside.size;
  }

  /** Those whose turn will come. */
  get inLine(): number {
    return this.#lines.solo.size + this.#lines.shared.size;
  }

  /** Why nobody more of this owner may wait; null where one may. */
  full({ owner }: Visitor, now: number): Turned | null {
    const { queue, queuePerOwner } = this.#settings();
    const own = this.#owners.get(owner);
    const gapMs = this.#pace.gapMs(now);
    if (own && own.waiting >= queuePerOwner) {
      const retryAfterMs = own.comeback.next(now, gapMs * this.#owners.size, own.waiting);
      return full(
        `owner ${safeText(owner)} has ${own.waiting} runs waiting, the most that one owner may have (load.queuePerOwner)`,
        retryAfterMs,
      );
    }
    if (this.size < queue) return null;
    return full(
      `${this.size} runs are waiting, the most that may (load.queue)`,
      this.#comeback.next(now, gapMs, this.size),
    );
  }

  /** Joins the line. */
  add(item: Item, visitor: Visitor, now: number): Waiter<Item> {
    const waiter: Waiter<Item> = { item, visitor, since: now, place: null };
    const own = this.#owners.get(visitor.owner) ?? { waiting: 0, comeback: new Comeback() };
    own.waiting += 1;
    this.#owners.set(visitor.owner, own);
    this.#stand(waiter, now);
    return waiter;
  }

  /** Leaves the line and keeps its right to wait; false where its turn has come already. */
  stepAside(waiter: Waiter<Item>): boolean {
    if (!waiter.place) return false;
    this.#leaveLine(waiter);
    this.#aside.add(waiter);
    return true;
  }

  /** Stands in line again, at its end; nothing for one that has not stepped aside. */
  stepBack(waiter: Waiter<Item>, now: number): void {
    if (this.#aside.delete(waiter)) this.#stand(waiter, now);
  }

  /** Leaves; false for one that has left before. */
  remove(waiter: Waiter<Item>): boolean {
    if (!waiter.place && !this.#aside.delete(waiter)) return false;
    this.#leaveLine(waiter);
    this.#forget(waiter);
    return true;
  }

  /** Takes whoever goes next of those who need such a place; null where nobody does. */
  take(cordon: Cordon, now: number): Waiter<Item> | null {
    const waiter = this.#lines[cordon].take(now);
    if (!waiter) return null;
    this.#last = cordon;
    waiter.place = null;
    this.#pace.served(now);
    this.#forget(waiter);
    return waiter;
  }

  /** The kind of place that the next one needs, of those that there are; null where nobody could be let in. */
  next(now: number, hasPlace: (cordon: Cordon) => boolean): Cordon | null {
    const other = this.#last === 'shared' ? 'solo' : 'shared';
    const ofOther = hasPlace(other) ? this.#lines[other].next(now) : null;
    const ofLast = hasPlace(this.#last) ? this.#lines[this.#last].next(now) : null;
    if (ofOther === null) return ofLast === null ? null : this.#last;
    return ofLast === null || ofOther >= ofLast ? other : this.#last;
  }

  /** Takes out all of whom this holds; they come as they stand in no particular order. */
  removeWhere(leaves: (waiter: Waiter<Item>) => boolean): readonly Waiter<Item>[] {
    const all = [
      ...[...this.#lines.solo, ...this.#lines.shared].map(({ item }) => item),
      ...this.#aside,
    ].filter(leaves);
    for (const waiter of all) this.remove(waiter);
    return all;
  }

  /** How long it takes from one to the next (ms), as measured. */
  gapMs(now: number): number {
    return this.#pace.gapMs(now);
  }

  #stand(waiter: Waiter<Item>, now: number): void {
    waiter.place = this.#lines[waiter.visitor.cordon].add(waiter, waiter.visitor, now);
    this.#pace.begin(now);
  }

  #leaveLine(waiter: Waiter<Item>): void {
    if (waiter.place) this.#lines[waiter.visitor.cordon].remove(waiter.place);
    waiter.place = null;
    if (this.inLine === 0) this.#pace.rest();
  }

  #forget({ visitor: { owner } }: Waiter<Item>): void {
    if (this.inLine === 0) this.#pace.rest();
    const own = this.#owners.get(owner);
    if (!own) return;
    own.waiting -= 1;
    if (own.waiting === 0) this.#owners.delete(owner);
  }
}

function full(what: string, retryAfterMs: number): Turned {
  return {
    refusal: { code: 'queue-full', retryAfterMs },
    message: `${what}; start it again in ${formatDuration(retryAfterMs)}`,
  };
}
