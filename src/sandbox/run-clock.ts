// Owns the time of a run as its limits count it: it stands still while the run is paused.

/** A stop watch that can stand still. */
export class RunClock {
  #stillMs = 0;
  #stillSince: number | null = null;

  /** ms on an axis of its own, of which only differences mean anything. */
  get now(): number {
    return (this.#stillSince ?? performance.now()) - this.#stillMs;
  }

  /** Stands still, or goes on; the same twice changes nothing. */
  standStill(isStill: boolean): void {
    if (isStill) this.#stillSince ??= performance.now();
    else if (this.#stillSince !== null) {
      this.#stillMs += performance.now() - this.#stillSince;
      this.#stillSince = null;
    }
  }
}
