// Owns what of the patterns is watched for in a run, and which of it concerns a command: found once for each name.

import type { Pattern } from '../../model/pattern.ts';
import type { CommandMatch, LiveMatch } from '../../model/pattern-match.ts';

/** What the watcher must know of a command. */
export interface WatchedCommand {
  /** `chat.say`. */
  readonly name: string;
  readonly category: string;
  readonly privileged: boolean;
}

/** More than `max` of the commands meant within `windowMs` are too many. */
export interface CommandRule {
  readonly pattern: Pattern;
  /** Its place among the rules: what is counted for it is kept there. */
  readonly index: number;
  readonly max: number;
  readonly windowMs: number;
  readonly command: CommandMatch;
}

/** What is measured of a run over `windowMs` is at least as much as `live` says. */
export interface MeasureRule {
  readonly pattern: Pattern;
  readonly live: Pick<LiveMatch, 'heapGrowthPerSecondAtLeast' | 'cpuShareAtLeast'>;
  readonly windowMs: number;
}

/** Calls stand in each other at least so deep. */
export interface DepthRule {
  readonly pattern: Pattern;
  readonly depth: number;
}

const NONE: readonly CommandRule[] = [];

/** The rules of the patterns that have a live part. */
export class LiveRules {
  readonly measures: readonly MeasureRule[];
  readonly depths: readonly DepthRule[];
  readonly #commands: readonly CommandRule[];
  readonly #byName = new Map<string, readonly CommandRule[]>();

  constructor(patterns: readonly Pattern[]) {
    this.#commands = patterns.flatMap(toCommandRule).map((rule, index) => ({ ...rule, index }));
    this.measures = patterns.flatMap(toMeasureRule);
    this.depths = patterns.flatMap(toDepthRule);
  }

  /** The rules that a command counts for. The names are those a host has declared, so there are only so many. */
  about(command: WatchedCommand): readonly CommandRule[] {
    const known = this.#byName.get(command.name);
    if (known) return known;
    const about = this.#commands.filter((rule) => isMeant(rule.command, command));
    const found = about.length > 0 ? about : NONE;
    this.#byName.set(command.name, found);
    return found;
  }

  /** The least depth of calls that any rule asks for; Infinity where none does. */
  get leastDepth(): number {
    return Math.min(...this.depths.map(({ depth }) => depth));
  }
}

function toCommandRule(pattern: Pattern): Omit<CommandRule, 'index'>[] {
  const { match, maxOccurrences: max, timeWindowMs: windowMs } = pattern;
  if (!match.command || max === undefined || windowMs === undefined) return [];
  return [{ pattern, max, windowMs, command: match.command }];
}

function toMeasureRule(pattern: Pattern): MeasureRule[] {
  const { match, timeWindowMs: windowMs } = pattern;
  const { live } = match;
  if (!live || live.recursionDepthAtLeast !== undefined || windowMs === undefined) return [];
  return [{ pattern, live, windowMs }];
}

function toDepthRule(pattern: Pattern): DepthRule[] {
  const depth = pattern.match.live?.recursionDepthAtLeast;
  return depth === undefined ? [] : [{ pattern, depth }];
}

function isMeant(match: CommandMatch, { name, category, privileged }: WatchedCommand): boolean {
  if (match.category !== undefined && ![match.category].flat().includes(category)) return false;
  if (match.name !== undefined && ![match.name].flat().includes(name)) return false;
  if (match.except?.includes(name)) return false;
  return match.privileged === undefined || match.privileged === privileged;
}
