// Owns how often functions run: as often as the places that call them, each as often as the loops around it turn.

import type { AnyNode } from 'acorn';
import { constantOf } from './constants.ts';
import type { CallNode, Facts, FunctionFact, LoopFact, Site } from './facts.ts';

/** How often the loops and functions of a program run. */
export class Calls {
  readonly #facts: Facts;
  readonly #boundOf: (loop: LoopFact) => number | null;
  readonly #callers = new Map<FunctionFact, Site<CallNode>[]>();
  /** Functions that are used otherwise than by calling them by name: who calls them how often is not known. */
  readonly #given = new Map<FunctionFact, Given>();
  readonly #known = new Map<FunctionFact, number | null>();

  /** @param boundOf the most turns of a loop, null where not known */
  constructor(facts: Facts, boundOf: (loop: LoopFact) => number | null) {
    this.#facts = facts;
    this.#boundOf = boundOf;
    for (const site of facts.calls) {
      const callee = facts.calleeOf(site.node);
      if (callee) this.#callers.set(callee, [...(this.#callers.get(callee) ?? []), site]);
      const every = everyMs(site.node, facts);
      for (const each of site.node.arguments) {
        const fact = facts.factOf(each) ?? functionOf(each, facts);
        if (fact) this.#given.set(fact, { everyMs: every, site });
      }
    }
  }

  /** The most turns all loops around a place take together, in one call of its function. */
  turnsAround(loop: LoopFact | null): number | null {
    let turns: number | null = 1;
    for (let at = loop; at && turns !== null; at = at.outer) {
      const bound = this.#boundOf(at);
      turns = bound === null ? null : turns * bound;
    }
    return turns;
  }

  /** The most times a function runs in a run of the macro; null where not known. */
  runsOf(fact: FunctionFact): number | null {
    if (fact.node === null) return 1;
    const known = this.#known.get(fact);
    if (known !== undefined) return known;
    // Whoever comes by it again on the way is in a circle.
    this.#known.set(fact, null);
    const runs = this.#count(fact);
    this.#known.set(fact, runs);
    return runs;
  }

  #count(fact: FunctionFact): number | null {
    if (this.#given.has(fact) || !this.#isOnlyCalled(fact)) return this.#isMain(fact) ? 1 : null;
    let total = 0;
    for (const { owner, loop } of this.#callers.get(fact) ?? []) {
      const turns = this.turnsAround(loop);
      const runs = this.runsOf(owner);
      if (turns === 0 || runs === 0) continue;
      if (turns === null || runs === null) return null;
      total += turns * runs;
    }
    return total;
  }

  /** True when each use of a function's name is a call that was counted. */
  #isOnlyCalled(fact: FunctionFact): boolean {
    const callers = this.#callers.get(fact) ?? [];
    const names = callers.flatMap(({ node }) => this.#facts.variableOf(node.callee) ?? []);
    const [variable] = names;
    if (!variable) return callers.length === 1;
    const calls = callers.filter(({ node }) => this.#facts.variableOf(node.callee) === variable);
    return variable.reads.length === calls.length && !this.#isExported(fact);
  }

  #isExported(fact: FunctionFact): boolean {
    return this.#facts.program.body.some(
      (node) =>
        (node.type === 'ExportNamedDeclaration' || node.type === 'ExportDefaultDeclaration') &&
        node.declaration === (fact.node as AnyNode | null),
    );
  }

  /** True for the function a module exports: it runs once. */
  #isMain(fact: FunctionFact): boolean {
    const callers = this.#callers.get(fact) ?? [];
    return callers.length === 0 && !this.#given.has(fact) && this.#isExported(fact);
  }

  /** True when a function may run more than once because of a loop, a timer or a circle. */
  isInLoop(fact: FunctionFact): boolean {
    const runs = this.runsOf(fact);
    return runs === null ? !this.#isMain(fact) : runs > 1;
  }

  /** The most times a function runs within a window (ms); Infinity as often as it can, null not known. */
  runsWithin(
    fact: FunctionFact,
    windowMs: number,
    pauseOf: (loop: LoopFact) => number,
  ): number | null {
    const seen = new Set<FunctionFact>();
    const within = (each: FunctionFact): number | null => {
      if (each.node === null || this.#isMain(each)) return 1;
      if (seen.has(each)) return null;
      seen.add(each);
      const given = this.#given.get(each);
      if (given) return this.#givenWithin(given, windowMs);
      if (!this.#isOnlyCalled(each)) return null;
      let total = 0;
      for (const { owner, loop } of this.#callers.get(each) ?? []) {
        const inside = this.#turnsWithin(loop, windowMs, pauseOf);
        const around = within(owner);
        if (inside === null || around === null) return null;
        total += inside * around;
      }
      seen.delete(each);
      return total;
    };
    const most = within(fact);
    const all = this.runsOf(fact);
    if (most === null) return all;
    return all === null ? most : Math.min(most, all);
  }

  #turnsWithin(
    loop: LoopFact | null,
    windowMs: number,
    pauseOf: (loop: LoopFact) => number,
  ): number | null {
    let turns = 1;
    for (let at = loop; at; at = at.outer) {
      const bound = this.#boundOf(at);
      const pauseMs = pauseOf(at);
      if (pauseMs > 0) turns *= Math.min(bound ?? Infinity, turnsIn(windowMs, pauseMs));
      else if (bound !== null) turns *= bound;
      else return null;
    }
    return turns;
  }

  /** `every(ms, fn)` runs its function once each ms; other callbacks run who knows how often. */
  #givenWithin({ everyMs: ms, site }: Given, windowMs: number): number | null {
    if (ms === null || ms <= 0 || site.loop || site.owner.node !== null) return null;
    return turnsIn(windowMs, ms);
  }
}

/** The most turns that begin in a window when each takes so many ms; a timer may fire a fraction of a ms early. */
export function turnsIn(windowMs: number, pauseMs: number): number {
  return Math.floor(windowMs / Math.max(pauseMs - 1, pauseMs * 0.9)) + 1;
}

interface Given {
  /** For a function given to `every`: how often it runs, ms. */
  readonly everyMs: number | null;
  readonly site: Site<CallNode>;
}

function everyMs(call: CallNode, facts: Facts): number | null {
  if (call.type !== 'CallExpression' || facts.globalName(call.callee) !== 'every') return null;
  const ms = call.arguments[0] && constantOf(call.arguments[0], facts.scopes)?.value;
  return typeof ms === 'number' ? ms : null;
}

function functionOf(node: AnyNode, facts: Facts): FunctionFact | null {
  const variable = facts.variableOf(node);
  const value = variable?.writes.length === 1 ? variable.writes[0]?.value : null;
  return value ? facts.factOf(value) : null;
}
