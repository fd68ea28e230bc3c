// Owns counting brakes: from one check of the memory to the next, how many in a row, and what follows. Pure.

import type { BrakeSettings } from '../../model/settings.ts';

/** How often the brake was pulled. */
export interface BrakeCount {
  /** True since the last check that failed, until one that does not. */
  readonly held: boolean;
  /** Brakes since the last recycling or the last safe time. */
  readonly count: number;
  /** When the last one was counted, and when a check last failed (ms); null before the first. */
  readonly countedAt: number | null;
  readonly shortAt: number | null;
}

/** Before the first check. */
export const NO_BRAKE: BrakeCount = { held: false, count: 0, countedAt: null, shortAt: null };

/** Timers come a little early at times; a look is one all the same from this share of its time on. */
const EARLY = 0.9;

/** What a check changed. */
export type BrakeChange =
  /** One more brake. */
  | 'braked'
  /** One more, and as many in a row as recycle the workers; counting begins anew. */
  | 'recycle'
  /** Starts go on. */
  | 'released'
  /** Safe for long enough: the brakes so far are forgotten. */
  | 'forgotten'
  | null;

/**
 * Takes one check. However many starts are held, and however often each asks, there is one brake a look: a crowd at the door
 * is no sign that memory has been short for long.
 * @param isShort whether less memory is available than a start needs
 * @param at ms, never less than before
 */
export function countBrake(
  before: BrakeCount,
  { isShort, at }: { readonly isShort: boolean; readonly at: number },
  { recycleAfter, safeMs, lookEveryMs }: BrakeSettings,
): { readonly now: BrakeCount; readonly change: BrakeChange } {
  const isSafe = before.shortAt !== null && at - before.shortAt >= safeMs;
  if (!isShort) {
    const now = { ...before, held: false };
    if (before.held) return { now, change: 'released' };
    if (!isSafe) return { now, change: null };
    return { now: NO_BRAKE, change: before.count > 0 ? 'forgotten' : null };
  }
  const last = isSafe ? NO_BRAKE : before;
  const short = { ...last, held: true, shortAt: at };
  if (last.countedAt !== null && at - last.countedAt < lookEveryMs * EARLY)
    return { now: short, change: before.held ? null : 'braked' };
  const count = last.count + 1;
  const isEnough = count >= recycleAfter;
  return {
    now: { ...short, count: isEnough ? 0 : count, countedAt: at },
    change: isEnough ? 'recycle' : 'braked',
  };
}
