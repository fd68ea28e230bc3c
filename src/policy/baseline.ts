// Owns what is normal for a macro, from its own clean runs, and what is far outside of that, with the numbers in words. Pure.
//
// Each measure x is looked at as y = ln(x + a): use of a machine is skewed to the right and varies by shares, not by
// amounts. `a` is an amount below which no difference matters. The centre is the median of y and its spread
// s = 1.4826 · MAD, which a few odd runs cannot move (Iglewicz and Hoaglin, "How to Detect and Handle Outliers", ASQC 1993,
// whose modified z-score this is; 1.4826 makes the MAD of a normal distribution its standard deviation). docs/risk.md has
// the numbers and how often it is wrong.

import {
  BASELINE_MEASURES,
  type Baseline,
  type BaselineMeasure,
  type NormalRange,
  type RunNote,
} from '../model/ledger.ts';
import { formatBytes, formatDuration } from '../model/limits.ts';
import type { CleanRun } from '../model/reckoning.ts';
import { formatCount } from '../model/units.ts';

/** Clean runs before anything counts as unusual. */
export const BASELINE_RUNS_MIN = 20;
/** So many of the last clean runs are looked at. */
export const BASELINE_RUNS_MAX = 100;
/** So many spreads above the centre are far outside. */
export const FAR_OUTSIDE = 5;
/** And no less than so many times the centre. */
export const TIMES_MIN = 2;
/** A macro with more than one habit: above its second largest run by so much is outside of all of them. */
const SECOND_TIMES = 1.25;
/** Makes the MAD of a normal distribution its standard deviation. */
const MAD_TO_SIGMA = 1.4826;

/** The amount of each measure below which no difference matters: its `a`. */
export const NO_MATTER: Readonly<Record<BaselineMeasure, number>> = {
  peakHeap: 8 * 1024 * 1024,
  cpuMs: 100,
  commands: 5,
  durationMs: 1000,
};

/** True for a run that says what is normal: it completed, and nothing stepped in. */
export function isNormal({ reason, interventions }: RunNote): boolean {
  return reason === 'completed' && interventions === 0;
}

/**
 * What is normal, from clean runs, oldest first; null where they are too few. Where the last text alone has run often
 * enough only its runs count: a macro that was rewritten is soon measured by what it is now.
 */
export function toBaseline(runs: readonly CleanRun[]): Baseline | null {
  const last = runs.slice(-BASELINE_RUNS_MAX);
  const text = last.at(-1)?.text;
  const same = last.filter((run) => run.text === text);
  const counted = same.length >= BASELINE_RUNS_MIN ? same : last;
  if (counted.length < BASELINE_RUNS_MIN) return null;
  const range = (measure: BaselineMeasure) =>
    toRange(
      counted.map((run) => run[measure]),
      NO_MATTER[measure],
    );
  return {
    runs: counted.length,
    measures: {
      peakHeap: range('peakHeap'),
      cpuMs: range('cpuMs'),
      commands: range('commands'),
      durationMs: range('durationMs'),
    },
  };
}

function toRange(values: readonly number[], noMatter: number): NormalRange {
  // Typed arrays sort by number, ten times as fast as with a comparison.
  const sorted = Float64Array.from(values).sort();
  const logs = sorted.map((value) => Math.log(value + noMatter));
  const centre = quantile(logs, 0.5);
  const spread = MAD_TO_SIGMA * quantile(logs.map((log) => Math.abs(log - centre)).sort(), 0.5);
  const above = Math.max(FAR_OUTSIDE * spread, Math.log(TIMES_MIN));
  const second = sorted.at(-2) ?? 0;
  return {
    median: quantile(sorted, 0.5),
    from: quantile(sorted, 0.05),
    to: quantile(sorted, 0.95),
    // Whole bytes, ms and commands: what is said is what counts.
    high: Math.round(
      Math.max(Math.exp(centre + above), (second + noMatter) * SECOND_TIMES) - noMatter,
    ),
  };
}

/** Of sorted values, between neighbours where need be. */
function quantile(sorted: Float64Array, share: number): number {
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)] ?? 0;
  const high = sorted[Math.ceil(at)] ?? low;
  return low + (high - low) * (at - Math.floor(at));
}

/** False for what is not far outside whatever is normal: then nobody needs to look that up. */
export function mayMatter(measure: BaselineMeasure, value: number): boolean {
  return value > NO_MATTER[measure];
}

/** True for a value of a measure that is far outside of what is normal. */
export function isFarOutside(baseline: Baseline, measure: BaselineMeasure, value: number): boolean {
  return value > baseline.measures[measure].high;
}

/** What is said of a measure: how much it is now, and what it was. */
const SAYS: Readonly<Record<BaselineMeasure, readonly [now: string, was: string]>> = {
  peakHeap: ['it has used # of heap', 'used #'],
  cpuMs: ['it has used # of CPU', 'used #'],
  commands: ['it has given # commands', 'gave #'],
  durationMs: ['it has run for #', 'took #'],
};

/** An amount of a measure as people read it. */
export function formatMeasure(measure: BaselineMeasure, value: number): string {
  switch (BASELINE_MEASURES[measure]) {
    case 'bytes':
      return formatBytes(value);
    case 'ms':
      return formatDuration(value);
    case 'count':
      return formatCount(value);
  }
}

/** What is unusual, in words: how much it is, what is normal, and where far outside begins. */
export function toUnusualMessage(
  baseline: Baseline,
  measure: BaselineMeasure,
  value: number,
): string {
  const { from, to, high } = baseline.measures[measure];
  const show = (amount: number) => formatMeasure(measure, amount);
  const range = show(from) === show(to) ? show(to) : `${show(from)} to ${show(to)}`;
  const [now, was] = SAYS[measure];
  return `this is unusual for it: ${now.replace('#', show(value))}; nine in ten of its last ${baseline.runs} clean runs ${was.replace('#', range)}, and far outside begins above ${show(high)}`;
}
