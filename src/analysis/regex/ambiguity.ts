// Owns whether a regular expression can take exponentially long: whether some text leads from a state back to itself in two
// ways, and a text can follow that makes the whole fail, so that every combination of ways is tried.

import { components } from '../facts/components.ts';
import type { Automaton, State } from './automaton.ts';
import { type CharSet, complement, exampleOf, includes, intersection, union } from './char-set.ts';

/** A text that takes exponentially long: `prefix`, many times `pump`, then `suffix`. */
export interface Attack {
  readonly prefix: string;
  readonly pump: string;
  readonly suffix: string;
}

/** Signs that texts are made of to make a match fail, and how many at the most. */
const SIGNS = [...'\n a0-!x'];
const SUFFIX_MAX = 2;

/** A text that leads from a state back to itself in two ways. */
interface Pump {
  readonly state: number;
  readonly text: string;
}

/** Steps one expression may cost; beyond them nothing is said. */
const FUEL = 2_000_000;

/** Finds a way to make an expression slow; null where there is none, undefined where that took too long to find out. */
export function findAttack(automaton: Automaton): Attack | null | undefined {
  const search = new Search(automaton.states);
  return search.run();
}

class Search {
  readonly #states: readonly State[];
  #fuel = FUEL;

  constructor(states: readonly State[]) {
    this.#states = states;
  }

  run(): Attack | null | undefined {
    const circles = components(this.#states.map(({ next }) => [...next.keys()]));
    for (const circle of circles) {
      const pump = this.#pumpOf(circle);
      if (this.#fuel < 0) return undefined;
      if (pump === null) continue;
      const active = this.#after(pump);
      const suffix = active && this.#failure(active);
      if (suffix !== null) return { prefix: this.#wayTo(pump.state), pump: pump.text, suffix };
    }
    return null;
  }

  #state(index: number): State {
    return this.#states[index] as State;
  }

  /** A text that leads from a state of the circle back to itself in two ways; null where there is none. */
  #pumpOf(circle: readonly number[]): Pump | null {
    const inside = new Set(circle);
    for (const from of circle)
      for (const [to, ways] of this.#state(from).next)
        if (ways > 1 && inside.has(to))
          return { state: from, text: this.#roundText(from, to, inside) };
    return this.#pairPump(circle, inside);
  }

  /** The text of the shortest way from a state over the next one back to it. */
  #roundText(from: number, over: number, inside: ReadonlySet<number>): string {
    const back = over === from ? [] : this.#path(over, from, inside);
    return [over, ...back].map((each) => exampleOf(this.#state(each).chars) ?? '').join('');
  }

  #path(from: number, to: number, inside: ReadonlySet<number>): number[] {
    const cameFrom = new Map<number, number>();
    const queue = [from];
    for (const at of queue) {
      for (const next of this.#state(at).next.keys()) {
        if (!inside.has(next) || cameFrom.has(next)) continue;
        cameFrom.set(next, at);
        if (next === to) return unwind(cameFrom, from, to);
        queue.push(next);
      }
    }
    return [];
  }

  /** Two walkers read the same text: when they part and meet again where they were, there are two ways. */
  #pairPump(circle: readonly number[], inside: ReadonlySet<number>): Pump | null {
    const size = circle.length;
    if (size < 2 || !circle.some((from) => this.#parts(from, inside))) return null;
    const place = new Map(circle.map((state, index) => [state, index]));
    const edges: number[][] = Array.from({ length: size * size }, () => []);
    for (const [i, p] of circle.entries()) {
      for (const [j, q] of circle.entries()) {
        const out = edges[i * size + j] as number[];
        for (const nextP of this.#state(p).next.keys()) {
          if (!inside.has(nextP)) continue;
          for (const nextQ of this.#state(q).next.keys()) {
            if (--this.#fuel < 0) return null;
            if (!inside.has(nextQ)) continue;
            if (intersection(this.#state(nextP).chars, this.#state(nextQ).chars).length > 0)
              out.push((place.get(nextP) ?? 0) * size + (place.get(nextQ) ?? 0));
          }
        }
      }
    }
    for (const component of components(edges)) {
      const same = component.find((pair) => Math.floor(pair / size) === pair % size);
      const parted = component.find((pair) => Math.floor(pair / size) !== pair % size);
      if (same === undefined || parted === undefined) continue;
      const text = this.#pairText(circle, edges, same, parted);
      return { state: circle[same % size] as number, text };
    }
    return null;
  }

  /** True when one character leads from a state to two others. */
  #parts(from: number, inside: ReadonlySet<number>): boolean {
    const nexts = [...this.#state(from).next.keys()].filter((next) => inside.has(next));
    return nexts.some((a, at) => {
      const { chars } = this.#state(a);
      return nexts.slice(at + 1).some((b) => {
        // With no fuel left it is not known; whoever asks finds that out next.
        return --this.#fuel < 0 || intersection(chars, this.#state(b).chars).length > 0;
      });
    });
  }

  #pairText(
    circle: readonly number[],
    edges: readonly number[][],
    same: number,
    parted: number,
  ): string {
    const size = circle.length;
    const way = [...pathIn(edges, same, parted), ...pathIn(edges, parted, same)];
    return way
      .map((pair) => {
        const p = this.#state(circle[Math.floor(pair / size)] as number).chars;
        const q = this.#state(circle[pair % size] as number).chars;
        return exampleOf(intersection(p, q)) ?? '';
      })
      .join('');
  }

  /**
   * The states that reading the pump again and again leads to; null when the expression has matched by then: it is found
   * a few steps back from where the text ends, and no other way is tried.
   */
  #after({ state, text }: Pump): ReadonlySet<number> | null {
    let active: ReadonlySet<number> = new Set([state]);
    const seen = new Set(active);
    for (let size = 0; size !== seen.size; ) {
      size = seen.size;
      for (const sign of text) {
        active = this.#step(active, sign.codePointAt(0) ?? 0);
        for (const each of active) {
          if (this.#state(each).end === 'free') return null;
          seen.add(each);
        }
      }
    }
    return active;
  }

  #step(active: ReadonlySet<number>, sign: number): Set<number> {
    const reached = new Set<number>();
    for (const state of active)
      for (const next of this.#state(state).next.keys()) {
        this.#fuel--;
        if (includes(this.#state(next).chars, sign)) reached.add(next);
      }
    return reached;
  }

  /** A text after which nothing matches any more; null where the expression then always matches. */
  #failure(states: ReadonlySet<number>): string | null {
    let waiting: { readonly active: ReadonlySet<number>; readonly text: string }[] = [
      { active: states, text: '' },
    ];
    for (let round = 0; round <= SUFFIX_MAX; round++) {
      const longer: typeof waiting = [];
      for (const { active, text } of waiting) {
        const nexts = [...active].flatMap((state) => [...this.#state(state).next.keys()]);
        const taken: CharSet = union(...nexts.map((state) => this.#state(state).chars));
        const free = exampleOf(complement(taken));
        if (free !== null) return `${text}${free}`;
        // Every character is taken: what ends the text may still make it fail.
        if (![...active].some((state) => this.#state(state).end !== 'no')) return text;
        for (const sign of SIGNS) {
          const reached = this.#step(active, sign.charCodeAt(0));
          const isMatched = [...reached].some((state) => this.#state(state).end === 'free');
          if (!isMatched) longer.push({ active: reached, text: text + sign });
        }
      }
      waiting = longer;
    }
    return null;
  }

  /** A text that leads to a state. */
  #wayTo(state: number): string {
    const cameFrom = new Map<number, number>();
    const queue = [0];
    for (const at of queue) {
      if (at === state) {
        const way = unwind(cameFrom, 0, at);
        return way.map((each) => exampleOf(this.#state(each).chars) ?? '').join('');
      }
      for (const next of this.#state(at).next.keys()) {
        if (cameFrom.has(next)) continue;
        cameFrom.set(next, at);
        queue.push(next);
      }
    }
    return '';
  }
}

/** The steps from one place to another, without the first. */
function unwind(cameFrom: ReadonlyMap<number, number>, from: number, to: number): number[] {
  const way: number[] = [];
  for (let at: number | undefined = to; at !== undefined; at = cameFrom.get(at)) {
    way.unshift(at);
    if (cameFrom.get(at) === from || way.length > 1000) break;
  }
  return way;
}

function pathIn(edges: readonly number[][], from: number, to: number): number[] {
  const cameFrom = new Map<number, number>();
  const queue = [from];
  for (const at of queue) {
    for (const next of edges[at] ?? []) {
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, at);
      if (next === to) return unwind(cameFrom, from, to);
      queue.push(next);
    }
  }
  return [];
}
