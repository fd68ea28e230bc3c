// Owns what is counted of all runs of a macro together: commands by rule, commands in a minute, and how often it was paused.

import type { Pattern } from '../../model/pattern.ts';
import { ScopeCounts } from './counts.ts';
import { BucketWindow } from './window.ts';

/** The window of a guard level's `commandsPerMinute` (ms). */
export const MINUTE_MS = 60_000;
/** Pauses are remembered for so long (ms). */
export const PAUSES_MS = 60 * MINUTE_MS;
/** The most pauses of one pattern that are remembered. */
const PAUSES_MAX = 100;

/** What is counted of one macro. */
export class MacroCounts {
  readonly counts = new ScopeCounts();
  /** Commands of the last minute; how many are allowed is the guard level's to say, and may change. */
  readonly minute = new BucketWindow(Number.POSITIVE_INFINITY, MINUTE_MS);
  readonly #pauses = new Map<Pattern['id'], number[]>();

  /** How often a pattern has paused it within the last hour. */
  pauses(id: Pattern['id'], time: number): number {
    return this.#recent(id, time).length;
  }

  /** Notes that a pattern pauses it. */
  notePause(id: Pattern['id'], time: number): void {
    this.#pauses.set(id, [...this.#recent(id, time), time].slice(-PAUSES_MAX));
  }

  #recent(id: Pattern['id'], time: number): number[] {
    return (this.#pauses.get(id) ?? []).filter((each) => each > time - PAUSES_MS);
  }
}
