// Owns what a macro can cost: how many commands each place can give, how often at the most in any stretch of time, and how
// many there are in all. Every bound holds: what is not known is null, never a guess.

import type { AnyNode } from 'acorn';
import type { Command } from '../../model/command.ts';
import { constantOf } from '../facts/constants.ts';
import { isSurelyReached } from '../facts/each-turn.ts';
import { type Facts, type FunctionFact, isNamed, type LoopFact } from '../facts/facts.ts';
import type { Fuel } from '../facts/uses.ts';
import type { LoopEnd } from '../loops/judge.ts';
import type { CommandSite, CommandSites, Escape } from './command-sites.ts';
import { Calls } from './multiplicity.ts';
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
  /** True when it is surely given: in each turn of a loop whose turns are known, or outside of loops. */
  readonly isSteady: boolean;
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
  /** The same if the host held nothing back. */
  freelyInWindow(matches: (use: CommandUse) => boolean, windowMs: number): number | null;
}

const SECOND_MS = 1000;

/** A loop whose end is judged. */
interface CostedLoop {
  readonly fact: LoopFact;
  readonly end: LoopEnd;
}

/** A use, and what its rate hangs on. */
interface Rated extends CommandUse {
  readonly site: CommandSite | null;
}

/** Reckons what a macro can cost. */
export function costOf(
  facts: Facts,
  loops: readonly CostedLoop[],
  catalogue: readonly Command[] | null,
  { sites, escapes }: CommandSites,
): Cost {
  if (sites.length === 0 && escapes.length === 0) return NOTHING;
  const reckoner = new Reckoner(facts, loops);
  const uses: Rated[] = sites.map((site) => reckoner.use(site));
  const categories = (catalogue ?? uses).map(({ category }) => category);
  uses.push(...unseen(escapes, [...new Set(categories)]));
  const first = sites[0] && isSure(facts, sites[0]) ? uses[0] : null;
  const intervalOf = (matching: readonly CommandUse[]): Interval => ({
    min: first && matching.includes(first) ? 1 : 0,
    max: sum(matching.map(({ max }) => max)),
  });
  const mostInWindow: Cost['mostInWindow'] = (matches, windowMs) =>
    reckoner.mostIn(uses.filter(matches), windowMs);
  const freelyInWindow: Cost['freelyInWindow'] = (matches, windowMs) =>
    reckoner.freelyIn(uses.filter(matches), windowMs);
  const byCategory: Record<string, Interval> = {};
  const peakPerSecond: Record<string, number | null> = {};
  for (const [category, own] of Map.groupBy(uses, (use) => use.category)) {
    byCategory[category] = intervalOf(own);
    const most = reckoner.mostIn(own, SECOND_MS);
    peakPerSecond[category] = most === Number.POSITIVE_INFINITY ? null : most;
  }
  const commands = facts.calls.some((site) => callsMacros(site.node, facts))
    ? { min: intervalOf(uses).min, max: null }
    : intervalOf(uses);
  return { uses, commands, byCategory, peakPerSecond, mostInWindow, freelyInWindow };
}

const NOTHING: Cost = {
  uses: [],
  commands: { min: 0, max: 0 },
  byCategory: {},
  peakPerSecond: {},
  mostInWindow: () => 0,
  freelyInWindow: () => 0,
};

/** What a macro that is called gives counts for its caller too. */
function callsMacros({ callee }: { readonly callee: AnyNode }, facts: Facts): boolean {
  if (callee.type !== 'MemberExpression') return false;
  const { object } = callee;
  if (object.type === 'MemberExpression') return isNamed(object.property, 'macros');
  return isNamed(object, 'macros') || facts.variableOf(object)?.name === 'macros';
}

/** Stands for the commands of a category that may be given without a call of their own being seen: `chat.*`. */
function unseen(escapes: readonly Escape[], every: readonly string[]): Rated[] {
  const first = new Map<string, Rated>();
  for (const { node, category } of escapes)
    for (const each of category === null ? [...every, 'command'] : [category]) {
      const { start, end } = node;
      const use = {
        name: `${each}.*`,
        category: each,
        start,
        end,
        inLoop: false,
        max: null,
        isSteady: false,
      };
      if (!first.has(each)) first.set(each, { ...use, site: null });
    }
  return [...first.values()];
}

function sum(numbers: readonly (number | null)[]): number | null {
  let total = 0;
  for (const each of numbers) {
    if (each === null) return null;
    total += each;
  }
  return total;
}

/** Nodes looked at to tell which commands are surely given. */
const STEADY_STEPS = 100_000;

class Reckoner {
  readonly #facts: Facts;
  readonly #calls: Calls;
  readonly #ends: ReadonlyMap<LoopFact, LoopEnd>;
  readonly #fuel: Fuel = { steps: STEADY_STEPS };
  readonly #pauses = new Map<LoopFact, number>();

  constructor(facts: Facts, loops: readonly CostedLoop[]) {
    this.#facts = facts;
    const ends = new Map(loops.map(({ fact, end }) => [fact, end]));
    this.#ends = ends;
    this.#calls = new Calls(
      facts,
      (loop) => ends.get(loop)?.bound ?? null,
      (loop) => ends.get(loop)?.verdict === 'infinite',
    );
  }

  // A method: V8 keeps a function that is written where a property is set, and all it sees, far longer than it lives.
  #pauseOf(loop: LoopFact): number {
    const pauseMs = this.#pauses.get(loop) ?? pauseOf(loop, this.#facts);
    this.#pauses.set(loop, pauseMs);
    return pauseMs;
  }

  /** The most times each function may be running in a window; null where not known. */
  #runningIn(windowMs: number): (fact: FunctionFact) => number | null {
    return this.#calls.within(windowMs, (loop) => this.#pauseOf(loop));
  }

  use(command: CommandSite): Rated {
    const { site, name, category } = command;
    const { node, loop, owner } = site;
    const { start, end } = node;
    const inLoop = loop !== null || this.#calls.isInLoop(owner);
    const max = this.#calls.timesOf(site);
    const isSteady = this.#isSteady(command);
    return { name, category, start, end, inLoop, max, isSteady, site: command };
  }

  #isSteady({ site: { node, loop, owner } }: CommandSite): boolean {
    if (!loop) return owner.returns.length === 0 && isSurelyReached(node, owner.body, this.#fuel);
    const end = this.#ends.get(loop);
    const isCounted =
      end?.verdict === 'infinite' ||
      (end?.bound != null && loop.exits.length === 0) ||
      runsUntilStopped(loop);
    return isCounted && isSurelyReached(node, loop.node.body, this.#fuel);
  }

  /** The most that these uses give in a window, each command no faster than the host lets it pass. */
  mostIn(uses: readonly Rated[], windowMs: number): number | null {
    const running = this.#runningIn(windowMs);
    const byName = Map.groupBy(uses, ({ name }) => name);
    const most = [...byName.values()].map((own) => {
      const free = sum(own.map((use) => this.#freely(use, windowMs, running)));
      const held = heldTo(own, windowMs);
      if (held === null) return free;
      return free === null ? held : Math.min(free, held);
    });
    return sum(most);
  }

  /** The same if the host held nothing back. */
  freelyIn(uses: readonly Rated[], windowMs: number): number | null {
    const running = this.#runningIn(windowMs);
    return sum(uses.map((use) => this.#freely(use, windowMs, running)));
  }

  /** What falls into a window by the pauses around it, however fast the host answers. */
  #freely(
    { site: command, max }: Rated,
    windowMs: number,
    running: (fact: FunctionFact) => number | null,
  ): number | null {
    if (!command) return null;
    const { site } = command;
    const turns = this.#calls.turnsWithin(site, windowMs, (loop) => this.#pauseOf(loop), false);
    const around = running(site.owner);
    const free = turns === 0 || around === 0 ? 0 : turns && around && turns * around;
    if (free === null || max === null) return free ?? max;
    return Math.min(free, max);
  }
}

/** `while (!signal.aborted)`. */
function runsUntilStopped({ node, exits }: LoopFact): boolean {
  if (node.type !== 'WhileStatement' || exits.length > 0) return false;
  const { test } = node;
  return (
    test.type === 'UnaryExpression' &&
    test.operator === '!' &&
    test.argument.type === 'MemberExpression' &&
    isNamed(test.argument.object, 'signal') &&
    isNamed(test.argument.property, 'aborted')
  );
}

/** What the host lets pass of a command that it makes wait; null when it does not hold these uses back. */
function heldTo(uses: readonly Rated[], windowMs: number): number | null {
  const command = uses[0]?.site?.command;
  if (!command?.rate || command.onLimit !== 'wait') return null;
  const isHeld = uses.every(({ site }) => site?.site.parent.type === 'AwaitExpression');
  const { burst, perSecond } = command.rate;
  return isHeld ? burst + Math.ceil((perSecond * windowMs) / SECOND_MS) + 1 : null;
}

/** True when a place stands at the macro's top, with nothing before it that could end the macro or go around it. */
function isSure({ program, scopes }: Facts, { site, command }: CommandSite): boolean {
  const { owner, loop, node, parent } = site;
  if (owner.node !== null || loop || !command || command.privileged) return false;
  const isPlain = node.arguments.every((each) => constantOf(each, scopes) ?? isFilled(each));
  const here = program.body.find(({ type }) => type !== 'FunctionDeclaration');
  if (!isPlain || here?.type !== 'ExpressionStatement') return false;
  return (
    here.expression === node || (here.expression === parent && parent.type === 'AwaitExpression')
  );
}

/** An object of literals. */
function isFilled(node: AnyNode): boolean {
  return (
    node.type === 'ObjectExpression' &&
    node.properties.every((each) => each.type === 'Property' && each.value.type === 'Literal')
  );
}
