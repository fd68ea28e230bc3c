// Owns how often functions run: as often as the places that call them, each as often as the loops around it turn.

import type { AnyNode } from 'acorn';
import { constantOf } from '../facts/constants.ts';
import type { CallNode, Facts, FunctionFact, LoopFact, Site } from '../facts/facts.ts';
import { heldFunction } from '../facts/held.ts';
import { runsOfCallback } from './item-counts.ts';

/** Longer chains of calls are not followed. */
const DEPTH_MAX = 300;

/** How long each turn of a loop surely waits, ms. */
type PauseOf = (loop: LoopFact) => number;

/** How often the loops and functions of a program run. */
export class Calls {
  readonly #facts: Facts;
  readonly #boundOf: (loop: LoopFact) => number | null;
  readonly #main: AnyNode | null;
  readonly #callers = new Map<FunctionFact, Site<CallNode>[]>();
  /** Functions that are given to something that calls them: how often is not known. */
  readonly #given = new Map<FunctionFact, Given>();
  readonly #turns = new Map<LoopFact, number | null>();
  readonly #runs = new Map<FunctionFact, number | null>();

  readonly #isEndless: (loop: LoopFact) => boolean;

  /**
   * @param boundOf the most turns of a loop, null where not known
   * @param isEndless true for a loop that surely never ends
   */
  constructor(
    facts: Facts,
    boundOf: (loop: LoopFact) => number | null,
    isEndless: (loop: LoopFact) => boolean,
  ) {
    this.#facts = facts;
    this.#isEndless = isEndless;
    this.#boundOf = boundOf;
    this.#main = facts.main as AnyNode | null;
    for (const site of facts.calls) {
      const callee = facts.calleeOf(site.node);
      if (callee) {
        const callers = this.#callers.get(callee);
        if (callers) callers.push(site);
        else this.#callers.set(callee, [site]);
      }
      this.#note(site);
    }
  }

  /** Two timers with one function run it twice as often; that is not reckoned. */
  #note(site: Site<CallNode>): void {
    const every = everyMs(site.node, this.#facts);
    for (const [index, each] of site.node.arguments.entries()) {
      const direct = this.#facts.factOf(each);
      const fact = heldFunction(each, this.#facts);
      const isOnlyGiven = direct !== null && !this.#isNamedWithin(direct);
      const runs = isOnlyGiven ? runsOfCallback(site.node, index, this.#facts) : null;
      if (fact) this.#given.set(fact, { everyMs: direct ? every : null, runs, site });
    }
  }

  /** True for a function that has a name of its own and uses it. */
  #isNamedWithin({ node }: FunctionFact): boolean {
    const own = node?.type === 'FunctionExpression' && node.id && this.#facts.variableOf(node.id);
    return own ? own.reads.length > 0 : false;
  }

  /** The most turns all loops around a place take together, in one call of its function. */
  turnsAround(loop: LoopFact | null): number | null {
    if (!loop) return 1;
    const known = this.#turns.get(loop);
    if (known !== undefined) return known;
    // Loops stand no deeper than a tree may be.
    const turns = times(this.turnsAround(loop.outer), this.#boundOf(loop));
    this.#turns.set(loop, turns);
    return turns;
  }

  /** The most times a function runs in a run of the macro; null where not known. */
  runsOf(fact: FunctionFact, depth = 0): number | null {
    if (fact.node === null) return 1;
    if (depth > DEPTH_MAX) return null;
    const known = this.#runs.get(fact);
    if (known !== undefined) return known;
    // Whoever comes by it again on the way is in a circle.
    this.#runs.set(fact, null);
    const runsBy = (site: Site) => times(this.#turnsAt(site), this.runsOf(site.owner, depth + 1));
    const given = this.#given.get(fact);
    let runs: number | null = null;
    if (given?.runs != null) runs = times(given.runs, runsBy(given.site));
    else if (this.#isCounted(fact)) runs = this.#sum(fact, runsBy);
    else if (this.#isMain(fact)) runs = 1;
    this.#runs.set(fact, runs);
    return runs;
  }

  /** The most times a run of the macro comes by a place; null where not known. */
  timesOf(site: Site): number | null {
    return times(this.#turnsAt(site), this.runsOf(site.owner));
  }

  #turnsAt({ node, loop }: Site): number | null {
    const turns = this.turnsAround(loop);
    return turns !== null && loop && isInHead(node, loop) ? turns + 1 : turns;
  }

  #sum(fact: FunctionFact, runsBy: (site: Site<CallNode>) => number | null): number | null {
    let total = 0;
    for (const site of this.#callers.get(fact) ?? []) {
      const runs = runsBy(site);
      if (runs === null) return null;
      total += runs;
    }
    return total;
  }

  /** True when each use of a function's name is a call that is known. */
  #isCounted(fact: FunctionFact): boolean {
    const { node } = fact;
    if (this.#given.has(fact) || !node || node === this.#main) return false;
    const callers = this.#callers.get(fact) ?? [];
    const { variableOf } = this.#facts;
    const own = node.id && variableOf(node.id);
    const isExpression = node.type === 'FunctionExpression';
    if (isExpression && own && own.reads.length > 0) return false;
    const [first] = callers;
    const variable = (first && variableOf(first.node.callee)) ?? (isExpression ? null : own);
    // Called where it stands.
    if (!variable) return callers.length === 1;
    const isCalled = callers.every((site) => variableOf(site.node.callee) === variable);
    return (
      isCalled && variable.reads.length === callers.length && !this.#isExported(node as AnyNode)
    );
  }

  #isExported(node: AnyNode): boolean {
    return this.#exported.has(node);
  }

  get #exported(): ReadonlySet<AnyNode> {
    this.#exportedNodes ??= new Set(
      this.#facts.program.body.flatMap((each) =>
        each.type === 'ExportNamedDeclaration' && each.declaration ? [each.declaration] : [],
      ),
    );
    return this.#exportedNodes;
  }
  #exportedNodes: Set<AnyNode> | null = null;

  /** True for the function a module exports: it runs once, unless the macro calls it too. */
  #isMain({ node }: FunctionFact): boolean {
    if (!node || node !== this.#main) return false;
    const { variableOf, program } = this.#facts;
    const names = program.body.find((each) => each.type === 'ExportDefaultDeclaration');
    const byName = names && variableOf(names.declaration as AnyNode);
    const own = byName ?? (node.id && variableOf(node.id as AnyNode));
    return !own || own.reads.length === (byName ? 1 : 0);
  }

  /** True when a function may run more than once because of a loop, a timer or a circle. */
  isInLoop(fact: FunctionFact): boolean {
    const runs = this.runsOf(fact);
    return runs === null || runs > 1;
  }

  /** Tells, for a window (ms), the most times each function may be running in it; null where not known. */
  within(windowMs: number, pauseOf: PauseOf): (fact: FunctionFact) => number | null {
    const known = new Map<FunctionFact, number | null>();
    const most = (fact: FunctionFact, depth: number): number | null => {
      const all = this.runsOf(fact);
      if (fact.node === null || this.#isMain(fact)) return all;
      const before = known.get(fact);
      if (before !== undefined) return before;
      if (depth > DEPTH_MAX) return all;
      known.set(fact, null);
      const begun = (site: Site, isLong: boolean) =>
        times(this.turnsWithin(site, windowMs, pauseOf, isLong), most(site.owner, depth + 1));
      const given = this.#given.get(fact);
      const isAtOnce = !fact.node.async && !fact.node.generator;
      let free: number | null = null;
      if (given?.runs != null && isAtOnce) free = times(given.runs, begun(given.site, false));
      else if (given) free = this.#givenWithin(given, windowMs);
      else if (this.#isCounted(fact))
        free = this.#sum(fact, (site) => (this.#waitsFor(site, fact) ? begun(site, true) : null));
      const runs = least(free, all);
      known.set(fact, runs);
      return runs;
    };
    return (fact) => most(fact, 0);
  }

  /** True when the caller goes on only after the function has ended. */
  #waitsFor({ parent }: Site, { node }: FunctionFact): boolean {
    return parent.type === 'AwaitExpression' || !(node?.async || node?.generator);
  }

  /**
   * The most turns of the loops around a place that fall into a window (ms).
   * @param isLong true when what happens there takes time: what began before the window counts too
   */
  turnsWithin(
    { node, loop }: Site,
    windowMs: number,
    pauseOf: PauseOf,
    isLong: boolean,
  ): number | null {
    let turns: number | null = 1;
    for (let at = loop; at && turns !== null; at = at.outer) {
      const bound = this.#boundOf(at);
      const head = at === loop && isInHead(node, at) ? 1 : 0;
      const pauseMs = pauseOf(at);
      const free = this.#isEndless(at) ? Number.POSITIVE_INFINITY : null;
      const begun = pauseMs > 0 ? turnsIn(windowMs, pauseMs) : free;
      const straddling = at !== loop || isLong ? 1 : 0;
      const paced = begun === null ? null : begun + straddling + head;
      turns = times(turns, least(paced, bound === null ? null : bound + head));
    }
    return turns;
  }

  /** `every(ms, fn)` runs its function once each ms and never twice at once; other callbacks run who knows how often. */
  #givenWithin({ everyMs: ms, site }: Given, windowMs: number): number | null {
    if (ms === null || site.loop || this.runsOf(site.owner) !== 1) return null;
    return turnsIn(windowMs, Math.max(ms, EVERY_MS_MIN)) + 1;
  }
}

/** `every` is no faster. */
const EVERY_MS_MIN = 10;

/** Null is not known; nothing, however often, is nothing. */
function times(a: number | null, b: number | null): number | null {
  if (a === 0 || b === 0) return 0;
  return a === null || b === null ? null : a * b;
}

/** The smaller of two bounds, of which either may be unknown. */
function least(a: number | null, b: number | null): number | null {
  if (a === null) return b;
  return b === null ? a : Math.min(a, b);
}

/** True in the part of a loop's head that runs once more than its body. */
function isInHead(node: AnyNode, { node: loop }: LoopFact): boolean {
  // An update runs after a turn, so no more often than the body.
  if (loop.type === 'ForStatement' && loop.update && node.start >= loop.update.start) return false;
  return node.start < loop.body.start;
}

/** The most turns that begin in a window when each takes so many ms; a timer may fire a fraction of a ms early. */
export function turnsIn(windowMs: number, pauseMs: number): number {
  return Math.floor(windowMs / Math.max(pauseMs - 1, pauseMs * 0.9)) + 1;
}

interface Given {
  /** For a function given to `every`: how often it runs, ms. */
  readonly everyMs: number | null;
  /** The most times that one such call runs it; null where not known. */
  readonly runs: number | null;
  readonly site: Site<CallNode>;
}

function everyMs(call: CallNode, facts: Facts): number | null {
  if (call.type !== 'CallExpression' || facts.globalName(call.callee) !== 'every') return null;
  const ms = call.arguments[0] && constantOf(call.arguments[0], facts.scopes)?.value;
  return typeof ms === 'number' ? ms : null;
}
