// Owns making a reading of counts and limits; the tightest of several is the one that holds.

import type { PressureBound, PressureMeasure, PressureReading } from '../../model/pressure.ts';

/** What is used of what there is, and whose limit that is. */
export interface Bound {
  readonly of: PressureBound;
  readonly used: number | null;
  readonly limit: number | null;
}

/** The reading of the bound that is nearest; null where none tells both numbers. Without a limit there is no share. */
export function toTightest(
  what: PressureMeasure,
  unit: PressureReading['unit'],
  bounds: readonly Bound[],
): PressureReading | null {
  let tightest: PressureReading | null = null;
  for (const { of, used, limit } of bounds) {
    if (used === null || limit === null || !Number.isFinite(limit) || limit <= 0) continue;
    const share = used / limit;
    if (tightest === null || share > tightest.share)
      tightest = { what, of, share, used, limit, unit };
  }
  return tightest;
}
