// Owns which of the runs under way use the processors: their CPU is compared from look to look.

import type { GuardedRun } from './guarded-run.ts';

/** A run is busy that used this share of a processor since the last look. */
const BUSY_SHARE = 0.02;

/** The runs under way. */
export class BusyRuns {
  /** With the CPU each had used at the last look (ms). */
  readonly #runs = new Map<GuardedRun, number>();
  /** How many were busy up to the last look. */
  busy = 0;

  get all(): readonly GuardedRun[] {
    return [...this.#runs.keys()];
  }

  get count(): number {
    return this.#runs.size;
  }

  add(run: GuardedRun): void {
    this.#runs.set(run, 0);
  }

  delete(run: GuardedRun): void {
    this.#runs.delete(run);
  }

  /** @param elapsedMs since the last look */
  look(elapsedMs: number): void {
    this.busy = 0;
    for (const [run, before] of this.#runs) {
      const { cpuMs } = run;
      if (cpuMs - before > elapsedMs * BUSY_SHARE) this.busy += 1;
      this.#runs.set(run, cpuMs);
    }
  }
}
