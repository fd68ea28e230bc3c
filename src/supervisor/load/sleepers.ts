// Owns knowing how many of the active runs are asleep, from the CPU that their workers tell of.

/** A run that has used no more than this since the last look is asleep (ms of CPU). */
const ASLEEP_MS = 10;

/** One run, by what it has used so far. */
export interface Working {
  /** ms. */
  readonly cpuMs: number;
}

/** The active runs and what each had used at the last look. */
export class Sleepers {
  /** Null for one that was not looked at yet: it has only just begun. */
  readonly #runs = new Map<Working, number | null>();

  add(run: Working): void {
    this.#runs.set(run, null);
  }

  delete(run: Working): void {
    this.#runs.delete(run);
  }

  /** How many have slept since the last time this was asked. */
  count(): number {
    let asleep = 0;
    for (const [run, before] of this.#runs) {
      if (before !== null && run.cpuMs - before <= ASLEEP_MS) asleep += 1;
      this.#runs.set(run, run.cpuMs);
    }
    return asleep;
  }
}
