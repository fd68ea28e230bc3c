// Owns what a macro can cost: how many commands each place can give, how often at the most in any stretch of time, and how
// many there are in all. Every bound holds: what is not known is null, never a guess.

import type { AnyNode } from 'acorn';
import type { Command } from '../model/command.ts';
import { type CommandSite, commandSites } from './command-sites.ts';
import type { Facts, FunctionFact, LoopFact } from './facts.ts';
import type { LoopEnd } from './loops/judge.ts';
import { Calls, turnsIn } from './multiplicity.ts';
import { pauseOf } from './pauses.ts';

/** A place that gives a command; offsets into the source. */
export interface CommandUse {
  /** `chat.say`. */
  readonly name: string;
  readonly category: string;
  readonly start: number;
  readonly end: number;
  readonly inLoop: boolean;
  /** The most times in a run; null where unknown or unbounded. */
  readonly max: number | null;
}

/** An interval of how many. */
export interface Interval {
  readonly min: number;
  /** Null where unknown or unbounded. */
  readonly max: number | null;
}

/** What a macro can cost. */
export interface Cost {
  readonly uses: readonly CommandUse[];
  readonly commands: Interval;
  readonly byCategory: Readonly<Record<string, Interval>>;
  /** The most in any second, by category; null where unknown. */
  readonly peakPerSecond: Readonly<Record<string, number | null>>;
  /**
   * The most of the commands meant that fall into any window of that length (ms); Infinity says as fast as it can, null
   * not known.
   */
  mostInWindow(matches: (use: CommandUse) => boolean, windowMs: number): number | null;
}

const SECOND_MS = 1000;

/** A loop whose end is judged. */
interface CostedLoop {
  readonly fact: LoopFact;
  readonly end: LoopEnd;
}

/** A use, and what its rate hangs on. */
interface Rated extends CommandUse {
  /** The most in any window (ms); Infinity as fast as it can, null not known. */
  readonly within: (windowMs: number) => number | null;
}

/** Reckons what a macro can cost. */
export function costOf(
  facts: Facts,
  loops: readonly CostedLoop[],
  catalogue: readonly Command[] | null,
): Cost {
  const sites = commandSites(facts, catalogue);
  if (sites.length === 0) return NOTHING;
  const reckoner = new Reckoner(facts, loops, sites);
  const uses = sites.map((site) => reckoner.rate(site));
  const categories = [...new Set(uses.map(({ category }) => category))];
  const mostInWindow: Cost['mostInWindow'] = (matches, windowMs) =>
    sum(uses.filter(matches).map(({ within }) => within(windowMs)));
  const min = reckoner.isSure ? 1 : 0;
  const intervalOf = (matching: readonly CommandUse[]): Interval => ({
    min: min && matching[0] === uses[0] ? 1 : 0,
    max: sum(matching.map(({ max }) => max)),
  });
  return {
    uses,
    commands: intervalOf(uses),
    byCategory: Object.fromEntries(
      categories.map((name) => [
        name,
        intervalOf(uses.filter(({ category }) => category === name)),
      ]),
    ),
    peakPerSecond: Object.fromEntries(
      categories.map((name) => {
        const most = mostInWindow(({ category }) => category === name, SECOND_MS);
        return [name, most === Number.POSITIVE_INFINITY ? null : most];
      }),
    ),
    mostInWindow,
  };
}

const NOTHING: Cost = {
  uses: [],
  commands: { min: 0, max: 0 },
  byCategory: {},
  peakPerSecond: {},
  mostInWindow: () => 0,
};

function sum(numbers: readonly (number | null)[]): number | null {
  let total = 0;
  for (const each of numbers) {
    if (each === null) return null;
    total += each;
  }
  return total;
}

class Reckoner {
  /** True when the first place that gives a command surely gives one. */
  readonly isSure: boolean;
  readonly #facts: Facts;
  readonly #calls: Calls;
  readonly #ends: ReadonlyMap<LoopFact, CostedLoop>;

  constructor(facts: Facts, loops: readonly CostedLoop[], sites: readonly CommandSite[]) {
    this.#facts = facts;
    this.#ends = new Map(loops.map((loop) => [loop.fact, loop]));
    this.#calls = new Calls(facts, (loop) => this.#ends.get(loop)?.end.bound ?? null);
    this.isSure = isSureAtTop(facts, sites[0] as CommandSite);
  }

  rate({ site, name, category, command }: CommandSite): Rated {
    const { owner, loop, node } = site;
    const perCall = this.#calls.turnsAround(loop);
    const runs = this.#calls.runsOf(owner);
    const max = multiply(perCall, runs);
    const rate = command?.rate ?? null;
    const isHeld = rate !== null && command?.onLimit === 'wait' && isAwaited(site.parent);
    const within = (windowMs: number): number | null => {
      const free = this.#freely(loop, owner, windowMs, max);
      if (!isHeld || !rate) return free;
      const held = rate.burst + Math.ceil((rate.perSecond * windowMs) / SECOND_MS) + 1;
      return free === null ? held : Math.min(free, held);
    };
    const inLoop = loop !== null || this.#calls.isInLoop(owner);
    return { name, category, start: node.start, end: node.end, inLoop, max, within };
  }

  /** What falls into a window by the pauses of the loops around it, however fast the host answers. */
  #freely(
    loop: LoopFact | null,
    owner: FunctionFact,
    windowMs: number,
    max: number | null,
  ): number | null {
    let inside: number | null = 1;
    for (let at = loop; at; at = at.outer) {
      const judged = this.#ends.get(at);
      const pauseMs = pauseOf(at, this.#facts);
      const bound = judged?.end.bound ?? null;
      if (pauseMs > 0) {
        const turns = turnsIn(windowMs, pauseMs);
        inside = multiply(inside, bound === null ? turns : Math.min(bound, turns));
      } else if (bound !== null) inside = multiply(inside, bound);
      else inside = judged?.end.verdict === 'infinite' ? multiply(inside, Infinity) : null;
      if (inside === null) break;
    }
    const around = this.#calls.runsWithin(owner, windowMs, (each) => pauseOf(each, this.#facts));
    const most = multiply(inside, around);
    if (max === null) return most;
    return most === null ? max : Math.min(most, max);
  }
}

/** Null is not known; nothing times anything is nothing. */
function multiply(a: number | null, b: number | null): number | null {
  if (a === 0 || b === 0) return 0;
  return a === null || b === null ? null : a * b;
}

function isAwaited({ type }: { readonly type: string }): boolean {
  return type === 'AwaitExpression';
}

/** True when a place stands at the macro's top, with nothing before it that could end the macro or go around it. */
function isSureAtTop({ program }: Facts, { site }: CommandSite): boolean {
  if (site.owner.node !== null || site.loop) return false;
  for (const statement of program.body) {
    const isHere = site.node.start >= statement.start && site.node.end <= statement.end;
    if (isHere) return isPlain(statement, site.node);
    if (!isHarmless(statement.type)) return false;
  }
  return false;
}

function isPlain(statement: AnyNode, call: AnyNode): boolean {
  if (statement.type !== 'ExpressionStatement') return false;
  const { expression } = statement;
  return (
    expression === call || (expression.type === 'AwaitExpression' && expression.argument === call)
  );
}

function isHarmless(type: string): boolean {
  return type === 'FunctionDeclaration' || type === 'EmptyStatement';
}
