// Owns counting what happened within a window that slides along with the time it is told: exactly up to a few thousand
// occurrences, in buckets above. It never looks at a clock.

/** The most occurrences that are counted one by one; above, in buckets. */
export const EXACT_MAX = 4096;
/** A bucketed window is cut into so many pieces. */
export const BUCKETS = 64;
/** The room a ring begins with; it doubles as it fills. */
const ROOM_MIN = 8;

/** A window that slides. Times are ms of any clock that never goes back. */
export interface SlidingWindow {
  /** True when as many as are allowed fall into the window that ends now: one more is too many. */
  isFull(now: number): boolean;
  /** How many fall into the window that ends now. */
  count(now: number): number;
  /** One more, now. */
  push(now: number): void;
  /** Forgets everything. */
  clear(): void;
}

/** A window of so many ms with so many allowed in it; it holds what came later than `now - windowMs`. */
export function createWindow(max: number, windowMs: number): SlidingWindow {
  return max > EXACT_MAX ? new BucketWindow(max, windowMs) : new ExactWindow(max, windowMs);
}

/** The last times in a ring: exact, and as large as what is allowed. */
export class ExactWindow implements SlidingWindow {
  readonly #max: number;
  readonly #windowMs: number;
  #times = new Float64Array(ROOM_MIN);
  /** How many were ever pushed since the last clearing. */
  #pushed = 0;

  constructor(max: number, windowMs: number) {
    this.#max = max;
    this.#windowMs = windowMs;
  }

  isFull(now: number): boolean {
    const oldest = this.#pushed - this.#max;
    return oldest >= 0 && this.#at(oldest) > now - this.#windowMs;
  }

  count(now: number): number {
    const kept = Math.min(this.#pushed, this.#times.length);
    let count = 0;
    while (count < kept && this.#at(this.#pushed - 1 - count) > now - this.#windowMs) count += 1;
    return count;
  }

  push(now: number): void {
    const room = this.#times.length;
    if (this.#pushed >= room && room < this.#max) this.#grow();
    this.#times[this.#pushed & (this.#times.length - 1)] = now;
    this.#pushed += 1;
  }

  clear(): void {
    this.#pushed = 0;
  }

  #at(index: number): number {
    return this.#times[index & (this.#times.length - 1)] as number;
  }

  /** A power of two, so that a mask finds the place. */
  #grow(): void {
    const kept = Array.from({ length: this.#times.length }, (_, back) =>
      this.#at(this.#pushed - this.#times.length + back),
    );
    this.#times = new Float64Array(this.#times.length * 2);
    this.#times.set(kept);
    this.#pushed = kept.length;
  }
}

/**
 * Counts by pieces of the window, 64 of them: it holds the newest 63 to 64 of 64 parts of the window. So it is never full
 * where an exact one would not be; it may miss what fell into the oldest 64th.
 */
export class BucketWindow implements SlidingWindow {
  readonly #max: number;
  readonly #bucketMs: number;
  readonly #counts = new Uint32Array(BUCKETS);
  #total = 0;
  /** The number of the newest bucket. */
  #newest = Number.NEGATIVE_INFINITY;

  constructor(max: number, windowMs: number) {
    this.#max = max;
    this.#bucketMs = windowMs / BUCKETS;
  }

  isFull(now: number): boolean {
    return this.count(now) >= this.#max;
  }

  count(now: number): number {
    this.#advance(now);
    return this.#total;
  }

  push(now: number): void {
    this.#advance(now);
    const slot = this.#newest % BUCKETS;
    this.#counts[slot] = (this.#counts[slot] as number) + 1;
    this.#total += 1;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#total = 0;
  }

  #advance(now: number): void {
    const bucket = Math.floor(now / this.#bucketMs);
    if (bucket <= this.#newest) return;
    if (bucket - this.#newest >= BUCKETS) this.clear();
    else
      for (let each = this.#newest + 1; each <= bucket; each++) {
        const slot = each % BUCKETS;
        this.#total -= this.#counts[slot] as number;
        this.#counts[slot] = 0;
      }
    this.#newest = bucket;
  }
}
