// Owns time that stands still while a run is paused: its wall clock, its sleeps, and how long nothing can wake it.

/** A stop watch with an alarm, which rings once when it has run for so long. Not started yet. */
export class PausableTimer {
  readonly #limitMs: number;
  readonly #ring: (measuredMs: number) => void;
  #timer: NodeJS.Timeout | null = null;
  #startedAt: number | null = null;
  #beforeMs = 0;

  /** @param limitMs at most 2 ** 31 - 1; infinite for one that only measures */
  constructor(limitMs: number, ring: (measuredMs: number) => void = () => undefined) {
    this.#limitMs = limitMs;
    this.#ring = ring;
  }

  /** ms it has run. */
  get elapsedMs(): number {
    return this.#beforeMs + (this.#startedAt === null ? 0 : performance.now() - this.#startedAt);
  }

  /** Starts or goes on. */
  start(): void {
    if (this.#startedAt !== null) return;
    this.#startedAt = performance.now();
    this.#arm();
  }

  /** A timer may fire a fraction of a ms early: then it is set again, so that what is told is never below the limit. */
  #arm(): void {
    if (this.#limitMs === Number.POSITIVE_INFINITY) return;
    const leftMs = this.#limitMs - this.elapsedMs;
    this.#timer = setTimeout(
      () => (this.elapsedMs < this.#limitMs ? this.#arm() : this.#ring(this.elapsedMs)),
      Math.max(1, leftMs),
    );
  }

  /** Stands still; the alarm is off. */
  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#beforeMs = this.elapsedMs;
    this.#startedAt = null;
  }
}
