// Owns what a ledger asks of whoever reckons with what it keeps: `store/` keeps marks and clean runs, `policy/` knows what
// they weigh and how they fade. The shape only.

import type { Baseline, HitNote, LiveRisk, RunNote } from './ledger.ts';

/** Something that speaks against a macro, as it fades. */
export interface Mark {
  /** What it is: `pattern:<id>`, `kill:<reason>`, `near-limit`. */
  readonly cause: string;
  /** What it weighed when it was last seen, faded by time alone before that. */
  readonly gross: number;
  /** The same, counted down by clean runs too. */
  readonly net: number;
  /** When it was last seen (ms since 1970). */
  readonly at: number;
  /** How often it was seen, all in all. */
  readonly count: number;
  /** What was seen last, one line. */
  readonly why: string;
  /** It weighs half after so long (ms). */
  readonly halfLifeMs: number;
  /** When a clean run last counted it down (ms since 1970); 0 for never. */
  readonly countedAt: number;
}

/** What one clean run used. */
export interface CleanRun {
  /** The digest of the text that ran. */
  readonly text: string;
  /** Bytes. */
  readonly peakHeap: number;
  readonly cpuMs: number;
  readonly commands: number;
  readonly durationMs: number;
}

/** The arithmetic of a ledger: pure. */
export interface LedgerReckoning {
  /** What a pattern that matched leaves behind. */
  markOfHit(hit: HitNote): Mark;
  /** What a run that ended leaves behind. */
  marksOfRun(note: RunNote): readonly Mark[];
  /** One mark of what was known before and what was seen now. */
  addMark(known: Mark | null, seen: Mark): Mark;
  /** True for a run that speaks for its macro. */
  isClean(note: RunNote): boolean;
  /** What a clean run leaves of a mark. */
  countDown(mark: Mark, at: number): Mark;
  /** True once a mark weighs nothing any more. */
  isFaded(mark: Mark, at: number): boolean;
  /** How risky a macro has shown itself; of two marks of one cause the heavier counts. */
  toLiveRisk(marks: readonly Mark[], staticRisk: number, at: number): LiveRisk;
  /** How many clean runs it takes to say what is normal, and of how many the last are looked at. */
  readonly baselineRuns: { readonly min: number; readonly max: number };
  /** True for a run that says what is normal. */
  isNormal(note: RunNote): boolean;
  /** What is normal, from the last clean runs, oldest first; null where they are too few. */
  toBaseline(runs: readonly CleanRun[]): Baseline | null;
}
