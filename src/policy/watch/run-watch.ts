// Owns watching one run: what it is about to do, what was measured of it, and which patterns that makes match. It acts on
// nothing and looks at no clock.

import type { Occurrence } from '../../model/events.ts';
import { formatBytes } from '../../model/limits.ts';
import type { RuleCount, ScopeCounts, Seen } from './counts.ts';
import {
  type Hit,
  LISTED,
  type Measured,
  type Nesting,
  toCommandHit,
  toDepthHit,
  toMeasureHit,
} from './hit.ts';
import type { MacroCounts } from './macro-counts.ts';
import { type Reading, Readings } from './readings.ts';
import type { CommandRule, LiveRules, MeasureRule, WatchedCommand } from './rules.ts';

/** When something happened, and where. */
export interface Moment {
  /** On the watcher's clock, the same for all runs (ms). */
  readonly time: number;
  /** On the run's clock: ms since it started, pauses left out. */
  readonly at: number;
  /** The line of the macro, null where unknown. */
  readonly line: number | null;
}

/** What a sample came to. */
export interface Judged {
  readonly hits: readonly Hit[];
  /** True when a reading after a collection of garbage would settle whether a heap grows. */
  readonly wantsCollection: boolean;
}

const NO_HITS: readonly Hit[] = [];
const NOTHING: Judged = { hits: NO_HITS, wantsCollection: false };
/** After a collection the next one is asked for only after this part of the window. */
const COLLECT_PART = 0.2;

interface Measuring {
  readonly rule: MeasureRule;
  readonly readings: Readings;
  collectAgainAt: number;
}

/** The watch over one run. */
export class RunWatch {
  readonly #rules: LiveRules;
  readonly #own: ScopeCounts;
  /** By the macro's name, and by its text: neither another name nor another text begins anew. */
  readonly #macros: readonly MacroCounts[];
  readonly #run: number;
  #measuring: readonly Measuring[] | null = null;

  constructor(parts: {
    readonly rules: LiveRules;
    readonly own: ScopeCounts;
    readonly macros: readonly MacroCounts[];
    readonly run: number;
  }) {
    this.#rules = parts.rules;
    this.#own = parts.own;
    this.#macros = parts.macros;
    this.#run = parts.run;
  }

  /** What a command would make match if it were carried out now. A match uses up what it counted. */
  look(command: WatchedCommand, moment: Moment): readonly Hit[] {
    let hits: Hit[] | null = null;
    for (const rule of this.#rules.about(command)) {
      const full = this.#full(rule, moment.time);
      if (!full) continue;
      hits ??= [];
      hits.push(this.#hit(rule, full, command, moment));
    }
    return hits ?? NO_HITS;
  }

  /** True when all runs of the macro together have given so many commands within the last minute. */
  isMinuteFull(time: number, max: number): boolean {
    for (const { minute } of this.#macros) if (minute.count(time) >= max) return true;
    return false;
  }

  /** Counts a command that is carried out. */
  count(command: WatchedCommand, { time, at, line }: Moment): void {
    const seen: Seen = { time, at, name: command.name, line, run: this.#run };
    for (const rule of this.#rules.about(command)) {
      this.#own.of(rule).push(seen);
      if (rule.pattern.scope === 'run') continue;
      for (const macro of this.#macros) macro.counts.of(rule).push(seen);
    }
    for (const { minute } of this.#macros) minute.push(time);
  }

  /** Judges a sample. */
  sample(reading: Reading): Judged {
    if (this.#rules.measures.length === 0) return NOTHING;
    this.#measuring ??= this.#rules.measures.map((rule) => ({
      rule,
      readings: new Readings(rule.windowMs),
      collectAgainAt: 0,
    }));
    let wantsCollection = false;
    const hits: Hit[] = [];
    for (const each of this.#measuring) {
      each.readings.add(reading);
      const judged = this.#judge(each, reading.at);
      if (judged === 'unsure') wantsCollection = true;
      else if (judged) hits.push(judged);
    }
    return hits.length === 0 && !wantsCollection ? NOTHING : { hits, wantsCollection };
  }

  /** Judges calls that stand in each other. */
  nested(nesting: Nesting, at: number): readonly Hit[] {
    return this.#rules.depths
      .filter(({ depth }) => nesting.depth >= depth)
      .map(({ pattern, depth }) => toDepthHit(pattern, depth, nesting, at));
  }

  /** The scope in which a rule's window is full: the run itself, or its macro. */
  #full(rule: CommandRule, time: number): { scope: Hit['scope']; count: RuleCount } | null {
    const own = this.#own.known(rule);
    if (own?.window.isFull(time)) return { scope: 'run', count: own };
    for (const { counts } of this.#macros) {
      const count = counts.known(rule);
      if (count?.window.isFull(time)) return { scope: 'macro', count };
    }
    return null;
  }

  #hit(
    rule: CommandRule,
    { scope, count }: { scope: Hit['scope']; count: RuleCount },
    { name }: WatchedCommand,
    moment: Moment,
  ): Hit {
    const measured = count.window.count(moment.time) + 1;
    const before = count.last
      .filter(({ time }) => time > moment.time - rule.windowMs)
      .slice(1 - LISTED)
      .map((seen) => this.#toOccurrence(seen, moment));
    const { at, line } = moment;
    const occurrences = [...before, { at, name, line }];
    this.#own.known(rule)?.clear();
    for (const { counts } of this.#macros) counts.known(rule)?.clear();
    return toCommandHit(rule.pattern, { scope, measured, occurrences });
  }

  /** What another run gave stands on this one's clock too, before its start if need be. */
  #toOccurrence({ time, at, name, line, run }: Seen, moment: Moment): Occurrence {
    const own = run === this.#run;
    return { at: own ? at : moment.at - (moment.time - time), name, line };
  }

  #judge(measuring: Measuring, at: number): Hit | 'unsure' | null {
    const { rule, readings } = measuring;
    const found = measure(measuring);
    if (!found) return null;
    if (!found.isCertain) {
      if (at < measuring.collectAgainAt) return null;
      measuring.collectAgainAt = at + COLLECT_PART * rule.windowMs;
      return 'unsure';
    }
    const occurrences = readings
      .heap(LISTED)
      .map(({ at, bytes }) => ({ at, name: `heap ${formatBytes(bytes)}`, line: null }));
    readings.clear();
    return toMeasureHit(rule.pattern, found.measured, occurrences);
  }
}

/** What was measured of everything a rule asks for; null where one of it does not hold. */
function measure({ rule: { live }, readings }: Measuring) {
  const measured: Measured[] = [];
  let isCertain = true;
  const { heapGrowthPerSecondAtLeast: heap, cpuShareAtLeast: cpu } = live;
  if (heap !== undefined) {
    const { growth } = readings;
    if (!growth || growth.perSecond < heap) return null;
    isCertain = growth.isCertain;
    measured.push({ what: 'heap-growth', measured: growth.perSecond, allowed: heap });
  }
  if (cpu !== undefined) {
    const share = readings.cpuShare;
    if (share === null || share < cpu) return null;
    measured.push({ what: 'cpu-share', measured: share, allowed: cpu });
  }
  const [first, ...others] = measured;
  return first ? { measured: [first, ...others] as const, isCertain } : null;
}
