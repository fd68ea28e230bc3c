// Owns how long starts take now, beside how long they take when all is calm. Pure: it asks no clock.

/** Fewer starts between two looks say nothing. */
const ENOUGH = 3;
/** So many starts between two looks are kept; of more, every second one. */
const KEPT_MAX = 128;
/** What is usual moves towards more by so much a look, so that it follows the machine within half a minute. */
const DRIFT = 1.1;

/** What starts took since the last look (ms). */
export interface Latency {
  readonly medianMs: number;
  /** The usual one. */
  readonly usualMs: number;
}

/** From sending a macro to its worker until the first word about it. */
export class StartLatency {
  #times: number[] = [];
  #usualMs: number | null = null;

  /** A start took so long (ms). */
  note(ms: number): void {
    this.#times.push(ms);
    if (this.#times.length > KEPT_MAX) this.#times = this.#times.filter((_, at) => at % 2 === 0);
  }

  /** What it was since the last look; null where too few were started. */
  look(): Latency | null {
    const times = this.#times.sort((a, b) => a - b);
    this.#times = [];
    const medianMs = times[times.length >> 1];
    if (medianMs === undefined || times.length < ENOUGH) return null;
    const usualMs = Math.min(medianMs, (this.#usualMs ?? medianMs) * DRIFT);
    this.#usualMs = usualMs;
    return { medianMs, usualMs };
  }
}
