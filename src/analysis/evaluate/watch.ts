// Owns what is learnt of loops while they run: how many turns they take, and whether they can be seen never to end. A state
// that comes back says so at once; otherwise a turn is tried with every counter as a function of the turn (induction.ts).

import type { LoopNode } from '../facts/facts.ts';
import { induce, type Turn } from './induction.ts';
import type { Completion, Machine } from './machine.ts';
import { binary } from './operators.ts';
import { Cell, GiveUp, NeverEnds } from './values.ts';

/** What was seen of a loop. */
export interface Seen {
  entries: number;
  /** The most turns in one entry. */
  most: number;
  /** How many entries have ended by themselves. */
  finished: number;
}

/** Up to here a state is compared in each turn. */
const CLOSE_LOOKS = 40;
/** The turns at which induction is tried. */
const TRIES = new Set([8, 40, 200, 1000, 5000, 25_000, 125_000]);

/** Watches the loops of one evaluation. */
export class LoopWatch {
  readonly seen = new Map<LoopNode, Seen>();
  /** The loop that never ends. */
  endless: LoopNode | null = null;
  /** True when its state came back, false when it moves on for ever. */
  isRepeating = false;
  readonly #m: Machine;
  /** Loops under way, innermost last; what was given up stays here. */
  readonly active: LoopNode[] = [];
  /** `for…of` loops that take from a generator, innermost last. */
  readonly #consumers: LoopNode[] = [];

  constructor(m: Machine) {
    this.#m = m;
  }

  #enter(node: LoopNode): Seen {
    // What happens only for a proof is not counted.
    if (this.#m.isProving) return { entries: 0, most: 0, finished: 0 };
    let seen = this.seen.get(node);
    if (!seen) {
      seen = { entries: 0, most: 0, finished: 0 };
      this.seen.set(node, seen);
    }
    seen.entries++;
    return seen;
  }

  /** A loop that was come by and took no turn. */
  skipped(node: LoopNode): void {
    this.#enter(node).finished++;
  }

  /** Counts the turns of a loop over what something else gives. */
  consumed(node: LoopNode, work: (count: () => void) => void): void {
    const m = this.#m;
    const seen = this.#enter(node);
    // The count is state like any other: the loop that gives may be tried, put back, or skipped.
    const turns = new Cell(0);
    m.roots.push(turns);
    this.#consumers.push(node);
    try {
      work(() => m.assign(turns, binary(m, '+', turns.v, 1)));
    } finally {
      m.roots.pop();
      this.#consumers.pop();
      if (typeof turns.v === 'number' && turns.v > seen.most) seen.most = turns.v;
    }
    seen.finished++;
  }

  /**
   * Runs a loop whose first turn is due.
   * @param hidden state of the loop that is no variable
   * @throws {NeverEnds} when it is certain that it does not end
   */
  loop(node: LoopNode, hidden: Cell | null, turn: Turn): Completion {
    const { length } = this.active;
    this.active.push(node);
    try {
      const end = this.#run(node, hidden, turn);
      this.active.length = length;
      return end;
    } catch (error) {
      if (!(error instanceof GiveUp)) this.active.length = length;
      throw error;
    }
  }

  #run(node: LoopNode, hidden: Cell | null, turn: Turn): Completion {
    const m = this.#m;
    const seen = this.#enter(node);
    const memory = new Memory(m, hidden);
    let turns = 1;
    for (;;) {
      if (turns > seen.most) seen.most = turns;
      m.spend(1);
      const end = turn();
      if (end !== null) {
        seen.finished++;
        return end;
      }
      turns++;
      // Inside a loop that is being tried itself, nothing else is.
      if (m.journal) continue;
      if (memory.isBack(turns)) this.#neverEnds(node, true);
      if (!TRIES.has(turns)) continue;
      const result = induce(m, hidden, turn);
      if (result.isEndless) this.#neverEnds(node, false);
      turns += result.turns;
      if (result.end === null) continue;
      // The last of them was the last of all.
      seen.most = Math.max(seen.most, turns - 1);
      seen.finished++;
      return result.end;
    }
  }

  #neverEnds(node: LoopNode, isRepeating: boolean): never {
    this.isRepeating = isRepeating;
    // A generator gives for as long as somebody takes: the taker is the loop to name.
    this.endless = this.#consumers.at(-1) ?? node;
    throw new NeverEnds();
  }
}

/** Remembers a state, and tells when it is back: a macro whose state repeats repeats for ever (Brent's cycle finding). */
class Memory {
  readonly #m: Machine;
  readonly #hidden: Cell | null;
  #quick: readonly unknown[] = [];
  #whole: readonly unknown[] | null = null;

  constructor(m: Machine, hidden: Cell | null) {
    this.#m = m;
    this.#hidden = hidden;
  }

  isBack(turns: number): boolean {
    const isMilestone = (turns & (turns - 1)) === 0;
    const quick = this.#glance();
    if (this.#whole && isSame(quick, this.#quick) && this.#mayLook(turns)) {
      const now = this.#m.state(this.#hidden);
      if (now && isSame(now, this.#whole)) return true;
    }
    if (isMilestone) {
      this.#quick = quick;
      this.#whole = this.#m.state(this.#hidden);
    }
    return false;
  }

  /** A whole look costs as much as the state is large; where variables alone never differ it is not worth it each time. */
  #mayLook(turns: number): boolean {
    return turns <= CLOSE_LOOKS || turns % 16 === 0 || (this.#whole?.length ?? 0) < 200;
  }

  /** The variables of the running function. */
  #glance(): unknown[] {
    const values: unknown[] = [this.#hidden?.v];
    for (const { v } of this.#m.stack.at(-1)?.cells ?? [])
      values.push(typeof v === 'object' ? null : v);
    return values;
  }
}

function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (!Object.is(a[at], b[at])) return false;
  return true;
}
