// Owns hysteresis: from one reading to the next, which rung of a ladder a measure stands on. Pure; the clock is handed in.

/** How readily a measure climbs, and how reluctantly it comes down. */
export interface Temper {
  /** A reading must have been above a rung for so long before it counts (ms); 0 counts at once. */
  readonly risingMs: number;
  /** A rung is left only below its share minus this … */
  readonly margin: number;
  /** … and only when that lasts so long (ms). */
  readonly calmMs: number;
}

/** Where a measure stands. */
export interface Footing {
  /** How many rungs are climbed: 0 is the ground, n the rung at index n - 1. */
  readonly height: number;
  /** Since when (ms) every reading was above the present rung; null when the last one was not. */
  readonly risingSince: number | null;
  /** Since when (ms) every reading was far enough below it; null when the last one was not. */
  readonly calmSince: number | null;
}

/** Before the first reading. */
export const GROUND: Footing = { height: 0, risingSince: null, calmSince: null };

/**
 * Takes one reading.
 * @param rungs the share above which each is climbed; the highest that a share is above counts, whatever those below say
 * @param share null where nothing could be read, which counts as calm
 * @param at ms, never less than before
 */
export function climb(
  footing: Footing,
  rungs: readonly number[],
  { share, at }: { readonly share: number | null; readonly at: number },
  { risingMs, margin, calmMs }: Temper,
): Footing {
  // The rungs may have become fewer since, or others.
  const height = Math.min(footing.height, rungs.length);
  const wanted = heightOf(rungs, share, 0);
  if (wanted > height) {
    const risingSince = footing.risingSince ?? at;
    if (at - risingSince < risingMs) return { height, risingSince, calmSince: null };
    return { height: wanted, risingSince: null, calmSince: null };
  }
  const kept = heightOf(rungs, share, margin);
  if (kept >= height) return { height, risingSince: null, calmSince: null };
  const calmSince = footing.calmSince ?? at;
  if (at - calmSince < calmMs) return { height, risingSince: null, calmSince };
  // What is left of it has a time of its own to be calm.
  return { height: kept, risingSince: null, calmSince: null };
}

/** The highest rung that a share is above, each lowered by a margin. */
function heightOf(rungs: readonly number[], share: number | null, margin: number): number {
  return share === null ? 0 : rungs.findLastIndex((above) => share > above - margin) + 1;
}
