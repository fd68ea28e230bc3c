// Owns how risky a macro has shown itself, 0..1: what each thing seen of it weighs, how that fades with time and clean runs,
// and what adds how much. Pure: whoever keeps the marks hands them in. docs/risk.md has the same table.

import type { HitNote, LiveRisk, LiveRiskPart, RunNote } from '../model/ledger.ts';
import type { KILL_REASONS } from '../model/outcome.ts';
import type { Mark } from '../model/reckoning.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** What one thing seen adds by itself (0..1), and after how long it counts half (ms). */
export interface Weight {
  readonly adds: number;
  readonly halfLifeMs: number;
}

const NONE: Weight = { adds: 0, halfLifeMs: DAY };

/** What each kind of thing seen weighs. */
export const RISK_WEIGHTS = {
  /** A pattern that matched, by its risk. */
  hit: {
    low: { adds: 0.05, halfLifeMs: DAY },
    medium: { adds: 0.12, halfLifeMs: DAY },
    high: { adds: 0.25, halfLifeMs: 3 * DAY },
    critical: { adds: 0.45, halfLifeMs: 7 * DAY },
  },
  /** A run that was stopped, by why; those at 0 are the machine's doing or a person's. */
  kill: {
    stuck: { adds: 0.7, halfLifeMs: 7 * DAY },
    'heap-limit': { adds: 0.5, halfLifeMs: 3 * DAY },
    'cpu-limit': { adds: 0.45, halfLifeMs: 3 * DAY },
    'command-limit': { adds: 0.4, halfLifeMs: 3 * DAY },
    'output-limit': { adds: 0.3, halfLifeMs: DAY },
    'wall-limit': { adds: 0.12, halfLifeMs: DAY },
    'idle-limit': { adds: 0.05, halfLifeMs: DAY },
    /** Only when nobody shared its process; else whoever was in there would answer for one. */
    'worker-lost': { adds: 0.35, halfLifeMs: 3 * DAY },
    'host-pressure': NONE,
    emergency: NONE,
  } satisfies Record<(typeof KILL_REASONS)[number], Weight>,
  /** A run stopped by a pattern, on top of the pattern's own weight. */
  patternKill: { adds: 0.5, halfLifeMs: 7 * DAY },
  /** A run that used {@link NEAR_LIMIT} of a limit or more, and was not stopped. */
  nearLimit: { adds: 0.08, halfLifeMs: DAY },
} as const;

/** From this share of a limit on it counts as neared. */
export const NEAR_LIMIT = 0.8;
/** Seen oftener than this, a thing adds nothing more: the fifth time says the same of the macro as the fourth. */
export const SAME_MAX = 4;
/** What a clean run leaves of everything seen before it. */
export const CLEAN_LEAVES = 0.9;
/** Clean runs closer together than this (ms) count once, so that nobody washes a macro clean within a second. */
export const CLEAN_EVERY_MS = 60_000;
/** A mark below this weighs nothing. */
const FADED = 0.002;
/** Risk is told in so many steps. */
const STEPS = 1000;

/** A share (0..1) as a weight that can be summed: 1 − e^−weight is the share again. */
function toHazard(share: number): number {
  // A share of exactly 1 would outweigh everything for ever.
  return -Math.log1p(-Math.min(Math.max(share, 0), 1 - 1e-6));
}

function toShare(hazard: number): number {
  return -Math.expm1(-hazard);
}

/** What is left of a weight after some time; a clock that was set back makes nothing heavier. */
function faded(weight: number, ageMs: number, halfLifeMs: number): number {
  return weight * 2 ** (-Math.max(0, ageMs) / halfLifeMs);
}

function markOf(cause: string, weight: Weight, at: number, why: string): Mark {
  const hazard = toHazard(weight.adds);
  const { halfLifeMs } = weight;
  return { cause, gross: hazard, net: hazard, at, count: 1, why, halfLifeMs, countedAt: 0 };
}

/** What a pattern that matched leaves behind. */
export function markOfHit({ pattern, risk, at, action }: HitNote): Mark {
  return markOf(
    `pattern:${pattern}`,
    RISK_WEIGHTS.hit[risk],
    at,
    `the pattern ${pattern} matched (risk ${risk}, ${action})`,
  );
}

/** What a run that ended leaves behind: nothing for most. */
export function marksOfRun(note: RunNote): readonly Mark[] {
  const { reason, at, nearestLimit, nearestName } = note;
  const weight = killWeight(note);
  if (weight)
    return weight.adds > 0
      ? [markOf(`kill:${reason}`, weight, at, `it was stopped for ${reason}`)]
      : [];
  if (nearestLimit < NEAR_LIMIT) return [];
  const share = `${Math.floor(nearestLimit * 100)} %`;
  const why = `a run used ${share} of its ${nearestName ?? 'limit'}`;
  return [markOf('near-limit', RISK_WEIGHTS.nearLimit, at, why)];
}

/** Null for a run that was not stopped. */
function killWeight({ reason, alone, durationMs }: RunNote): Weight | null {
  if (reason.startsWith('pattern:')) return RISK_WEIGHTS.patternKill;
  // A worker lost before the macro ran is the machinery's.
  if (reason === 'worker-lost' && !(alone && durationMs > 0)) return NONE;
  return Object.hasOwn(RISK_WEIGHTS.kill, reason)
    ? RISK_WEIGHTS.kill[reason as keyof typeof RISK_WEIGHTS.kill]
    : null;
}

/** One mark of what was known before and what was seen now. */
export function addMark(known: Mark | null, seen: Mark): Mark {
  if (!known) return seen;
  const at = Math.max(known.at, seen.at);
  const before = (weight: number) => faded(weight, at - known.at, known.halfLifeMs);
  const now = faded(seen.gross, at - seen.at, seen.halfLifeMs);
  const sum = (old: number) => Math.max(old, Math.min(old + now, SAME_MAX * seen.gross));
  return {
    ...seen,
    at,
    gross: sum(before(known.gross)),
    net: sum(before(known.net)),
    count: known.count + seen.count,
    why: seen.at >= known.at ? seen.why : known.why,
    countedAt: Math.max(known.countedAt, seen.countedAt),
  };
}

/** True for a run that speaks for its macro: it completed, and nothing about it was near a limit, matched or unusual. */
export function isClean(note: RunNote): boolean {
  return (
    note.reason === 'completed' &&
    note.interventions === 0 &&
    note.unusual.length === 0 &&
    note.nearestLimit < NEAR_LIMIT
  );
}

/** What a clean run leaves of a mark. */
export function countDown(mark: Mark, at: number): Mark {
  const sinceMs = at - mark.countedAt;
  // A clock that was set back must not hold off counting for ever.
  if (sinceMs >= 0 && sinceMs < CLEAN_EVERY_MS) return mark;
  return { ...mark, at: Math.min(mark.at, at), net: mark.net * CLEAN_LEAVES, countedAt: at };
}

/** True once a mark weighs nothing any more. */
export function isFaded({ net, at, halfLifeMs }: Mark, now: number): boolean {
  return faded(net, now - at, halfLifeMs) < FADED;
}

interface Weighed {
  readonly mark: Mark;
  readonly gross: number;
  readonly net: number;
}

/**
 * How risky a macro has shown itself: its static risk and what was seen of it, each taking its share of what the others
 * leave below 1. Clean runs take from what was seen, never from what the text says. The parts add up to the score.
 */
export function toLiveRisk(marks: readonly Mark[], staticRisk: number, at: number): LiveRisk {
  const weighed = heaviest(marks, at);
  const text = toHazard(staticRisk);
  const gross = weighed.reduce((sum, each) => sum + each.gross, text);
  const net = weighed.reduce((sum, each) => sum + each.net, text);
  const score = Math.round(toShare(net) * STEPS);
  const before = Math.max(score, Math.round(toShare(gross) * STEPS));
  const steps = apportion(before, [text, ...weighed.map((each) => each.gross)]);
  const parts: LiveRiskPart[] = [
    { cause: 'static', adds: steps[0] ?? 0, why: 'what lint says of its text' },
    ...weighed.map(({ mark }, index) => ({
      cause: mark.cause,
      adds: steps[index + 1] ?? 0,
      why: mark.count > 1 ? `${mark.why}; seen ${mark.count} times` : mark.why,
    })),
    { cause: 'clean-runs', adds: score - before, why: 'clean runs since' },
  ];
  return {
    score: score / STEPS,
    parts: parts
      .filter(({ adds }) => adds !== 0)
      .map((part) => ({ ...part, adds: part.adds / STEPS })),
  };
}

/** Of each cause the heavier mark, faded; the heaviest first. */
function heaviest(marks: readonly Mark[], at: number): Weighed[] {
  const byCause = new Map<string, Weighed>();
  for (const mark of marks) {
    const fade = (weight: number) => faded(weight, at - mark.at, mark.halfLifeMs);
    const each = { mark, gross: fade(mark.gross), net: fade(mark.net) };
    if (each.net > (byCause.get(mark.cause)?.net ?? 0)) byCause.set(mark.cause, each);
  }
  return [...byCause.values()].sort((a, b) => b.gross - a.gross);
}

/** Shares a whole number of steps out by weight, the largest remainders first, so that they add up. */
function apportion(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  if (sum === 0) return weights.map(() => 0);
  const exact = weights.map((weight) => (total * weight) / sum);
  const steps = exact.map(Math.floor);
  const order = exact
    .map((value, index) => ({ index, rest: value - Math.floor(value) }))
    .sort((a, b) => b.rest - a.rest || a.index - b.index);
  let left = total - steps.reduce((all, step) => all + step, 0);
  for (const { index } of order) {
    if (left <= 0) break;
    steps[index] = (steps[index] ?? 0) + 1;
    left -= 1;
  }
  return steps;
}
