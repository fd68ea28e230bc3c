// Owns what is done to get memory back: the workers collect garbage, the fattest runs are killed, and at the very last all of
// them. Whether it is time for that is said by whoever calls.

import { formatBytes } from '../../model/limits.ts';
import type { GuardedRun } from './guarded-run.ts';

/** Garbage is collected again after so long at the earliest (ms): it takes CPU from everybody. */
const RECLAIM_EVERY_MS = 10_000;
/** A run that holds less than this is not worth killing for what it holds (bytes). */
const WORTH_BYTES = 8 * 1024 * 1024;
/** How long one that was killed may take to be gone before the next one is (ms). */
const GOING_MS = 1_000;
/** So many looks without anybody left to kill are enough to say that killing does not help. */
const HOPELESS_LOOKS = 3;

/** What relief acts through. */
export interface ReliefOptions {
  readonly runs: () => Iterable<GuardedRun>;
  /** Has the workers collect garbage, and gives up those that nobody uses. */
  readonly reclaim: () => void;
  /** Stops everything, and starts nothing until a person says so. */
  readonly emergency: (cause: { readonly by: string; readonly why: string }) => void;
}

/** Gets memory back. */
export class Relief {
  readonly #options: ReliefOptions;
  #reclaimedAt = Number.NEGATIVE_INFINITY;
  #going: { readonly run: GuardedRun; readonly since: number } | null = null;
  #hopeless = 0;

  constructor(options: ReliefOptions) {
    this.#options = options;
  }

  /** Memory is short: has garbage collected, if that was not done just now. */
  reclaim(nowMs: number): void {
    if (nowMs - this.#reclaimedAt < RECLAIM_EVERY_MS) return;
    this.#reclaimedAt = nowMs;
    this.#options.reclaim();
  }

  /** Memory has all but run out: kills the fattest run, one a look. @param why in words, for its author */
  kill(why: string, nowMs: number): void {
    const runs = [...this.#options.runs()];
    if (this.#going && runs.includes(this.#going.run) && nowMs - this.#going.since < GOING_MS)
      return;
    this.#going = null;
    const weighed = runs
      .filter(({ isKillable }) => isKillable)
      .map((run) => ({ run, bytes: run.heldBytes }))
      .sort((one, other) => other.bytes - one.bytes);
    const [fattest] = weighed;
    if (fattest && fattest.bytes >= WORTH_BYTES) {
      this.#hopeless = 0;
      this.#going = { run: fattest.run, since: nowMs };
      const many = weighed.length > 1 ? `, the most of ${weighed.length} runs` : '';
      fattest.run.kill(`${why}, and it held ${formatBytes(fattest.bytes)}${many}`);
    } else if (fattest && ++this.#hopeless >= HOPELESS_LOOKS) {
      this.#hopeless = 0;
      this.#options.emergency({
        by: 'the host guard',
        why: `${why}, and no single run holds much`,
      });
    }
  }

  /** The worst is over. */
  rest(): void {
    this.#going = null;
    this.#hopeless = 0;
  }
}
