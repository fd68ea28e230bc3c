// Owns the automaton of a regular expression: a state for each place that takes a character, and how many ways lead from one
// to the next without taking any. What takes no character (anchors, lookarounds) is noted where it stands.

import type { AST } from '@eslint-community/regexpp';
import { type CharSet, charsOf } from './char-set.ts';

/** A place that takes one character. */
export interface State {
  readonly chars: CharSet;
  /** The states that may come next, and by how many ways (2 stands for many). */
  readonly next: Map<number, number>;
  /** How the expression may end after it. */
  end: End;
}

/** `no`; only where something else holds (`$`, a lookaround); or freely. */
export type End = 'no' | 'if' | 'free';

/** An automaton; state 0 is the start and takes nothing. */
export interface Automaton {
  readonly states: readonly State[];
  /** Expressions inside lookarounds: they are matched on their own. */
  readonly inner: readonly AST.Alternative[][];
}

/** Thrown for expressions too large to be judged. */
export class TooLarge extends Error {}

const STATES_MAX = 600;
const WAYS_FUEL = 100_000;
/** A repetition of at least so many turns is as bad as one without end. */
const MANY = 16;
/** A group may refer to itself. */
const REFERENCES_MAX = 2;

/** A node of the graph before characters are all that is left. */
interface Node {
  /** Index of the state for one that takes a character. */
  readonly state: number | null;
  readonly out: Node[];
  /** True for anchors and lookarounds: the way on is open only if something holds. */
  isGuard: boolean;
  isEnd: boolean;
  /** True where a repetition goes round. */
  isTurn: boolean;
}

/** Builds the automaton. @throws {TooLarge} */
export function automatonOf(alternatives: readonly AST.Alternative[], flags: string): Automaton {
  const builder = new Builder(flags);
  const start = builder.node(0);
  const end = builder.node(null);
  end.isEnd = true;
  builder.states.push({ chars: [], next: new Map(), end: 'no' });
  builder.alternatives(alternatives, start, end);
  builder.connect();
  return { states: builder.states, inner: builder.inner };
}

class Builder {
  readonly states: State[] = [];
  readonly inner: AST.Alternative[][] = [];
  readonly #flags: string;
  readonly #taking: Node[] = [];
  #fuel = WAYS_FUEL;
  #referring = 0;

  constructor(flags: string) {
    this.#flags = flags;
  }

  node(state: number | null): Node {
    const node: Node = { state, out: [], isGuard: false, isEnd: false, isTurn: false };
    if (state !== null) this.#taking.push(node);
    return node;
  }

  alternatives(list: readonly AST.Alternative[], from: Node, to: Node): void {
    for (const { elements } of list) {
      let at = from;
      for (const [index, element] of elements.entries()) {
        const after = index === elements.length - 1 ? to : this.node(null);
        this.#element(element, at, after);
        at = after;
      }
      if (elements.length === 0) from.out.push(to);
    }
  }

  #element(element: AST.Element, from: Node, to: Node): void {
    switch (element.type) {
      case 'Character':
      case 'CharacterSet':
      case 'CharacterClass':
      case 'ExpressionCharacterClass':
        this.#take(charsOf(element, this.#flags), from, to);
        return;
      case 'Group':
      case 'CapturingGroup':
        this.alternatives(element.alternatives, from, to);
        return;
      case 'Quantifier':
        this.#repeat(element, from, to);
        return;
      case 'Assertion': {
        if ('alternatives' in element) this.inner.push(element.alternatives);
        const guard = this.node(null);
        // A word's edge or the text's start says nothing of what comes later.
        guard.isGuard = element.kind !== 'start' && element.kind !== 'word';
        from.out.push(guard);
        guard.out.push(to);
        return;
      }
      // It takes what its group took, which is one of the texts the group can take.
      case 'Backreference': {
        const group = Array.isArray(element.resolved) ? element.resolved[0] : element.resolved;
        if (group && this.#referring < REFERENCES_MAX) {
          this.#referring++;
          this.alternatives(group.alternatives, from, to);
          this.#referring--;
        } else from.out.push(to);
      }
    }
  }

  #take(chars: CharSet, from: Node, to: Node): void {
    if (this.states.length >= STATES_MAX) throw new TooLarge();
    const node = this.node(this.states.length);
    this.states.push({ chars, next: new Map(), end: 'no' });
    from.out.push(node);
    node.out.push(to);
  }

  #repeat({ element, min, max }: AST.Quantifier, from: Node, to: Node): void {
    const isMany = max >= MANY;
    const once = isMany ? Math.min(min, 2) : min;
    let at = from;
    for (let n = 0; n < once; n++) {
      const after = this.node(null);
      this.#element(element, at, after);
      at = after;
    }
    if (isMany) {
      // The way in and the way round are apart: to begin anew is another way than to go on.
      const begin = this.node(null);
      const after = this.node(null);
      after.isTurn = true;
      at.out.push(begin, to);
      this.#element(element, begin, after);
      after.out.push(begin, to);
      return;
    }
    for (let n = once; n < max; n++) {
      const after = this.node(null);
      at.out.push(to);
      this.#element(element, at, after);
      at = after;
    }
    at.out.push(to);
  }

  /** Counts the ways from each state to the next ones, none of which goes round twice for nothing. */
  connect(): void {
    for (const node of this.#taking) {
      const state = this.states[node.state ?? 0] as State;
      const onWay = new Set<Node>();
      const go = (at: Node, isGuarded: boolean): void => {
        if (--this.#fuel < 0) throw new TooLarge();
        if (at.state !== null) {
          state.next.set(at.state, Math.min(2, (state.next.get(at.state) ?? 0) + 1));
          return;
        }
        // A turn that takes nothing is not repeated.
        if (at.isTurn && onWay.has(at)) return;
        if (at.isEnd) state.end = isGuarded && state.end !== 'free' ? 'if' : 'free';
        if (at.isTurn) onWay.add(at);
        for (const next of at.out) go(next, isGuarded || at.isGuard);
        onWay.delete(at);
      };
      for (const next of node.out) go(next, false);
    }
  }
}
