// Owns how many dumps are kept, for how long, and how large all may be.

/** What is kept; what goes beyond any of them is removed, the oldest first. */
export interface KeepLimits {
  /** Dumps. */
  readonly count: number;
  /** ms since the end of the run. */
  readonly ageMs: number;
  /** Bytes of all files of all dumps. */
  readonly bytes: number;
}

const DAY_MS = 24 * 60 * 60_000;
/** What is kept unless somebody says otherwise: 1,000 dumps, 30 days, 1 GB. */
export const KEEP_DEFAULT: KeepLimits = { count: 1_000, ageMs: 30 * DAY_MS, bytes: 2 ** 30 };
