// Owns how fast a line moves, as measured, and from that when it is worth coming back. Pure: it asks no clock.

/** Of each new gap, so much (0..1) goes into the average. */
const SHARE = 0.2;
const SHORTEST_MS = 100;
const LONGEST_MS = 60 * 60 * 1000;

/** The pace of one line. */
export class Pace {
  #gapMs: number | null = null;
  #since: number | null = null;

  /** Somebody waits from now on: the time until the first is served counts too. */
  begin(now: number): void {
    this.#since ??= now;
  }

  /** Somebody was served. */
  served(now: number): void {
    if (this.#since !== null) {
      const gapMs = now - this.#since;
      this.#gapMs = this.#gapMs === null ? gapMs : this.#gapMs + SHARE * (gapMs - this.#gapMs);
    }
    this.#since = now;
  }

  /** Nobody waits any more: until somebody does, time says nothing about the pace. */
  rest(): void {
    this.#since = null;
  }

  /** How long it takes from one to the next (ms): the average so far, or what the next one already takes where that is longer. */
  gapMs(now: number): number {
    return Math.max(this.#gapMs ?? 0, this.#since === null ? 0 : now - this.#since);
  }
}

/** When those who were sent away may come back: not all at once, but one for each that is served. */
export class Comeback {
  #until = 0;

  /**
   * In how many ms the next one may: not later than when all who wait now are served, for then there is room for as many.
   * @param gapMs from one that is served to the next
   */
  next(now: number, gapMs: number, waiting: number): number {
    const stepMs = Math.max(1, gapMs);
    const latest = now + Math.min(LONGEST_MS, stepMs * Math.max(1, waiting));
    this.#until = Math.min(latest, Math.max(now, this.#until) + stepMs);
    return Math.max(SHORTEST_MS, Math.round(this.#until - now));
  }
}
