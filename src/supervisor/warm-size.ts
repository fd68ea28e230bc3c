// Owns how many workers are kept ready: as many as are asked for while one starts, between the two numbers that are set.
// Pure: it asks no clock.

import type { WorkerSettings } from '../model/settings.ts';

/** What was asked for counts this long (ms), less and less. */
const MEMORY_MS = 20_000;
/** How long a worker takes to start until it was measured (ms). */
const START_MS = 200;
/** Of each new start, so much (0..1) goes into the average. */
const SHARE = 0.2;

/** How many are kept ready. */
export class WarmSize {
  readonly #settings: () => WorkerSettings;
  #startMs = START_MS;
  /** What was asked for, each one less by now the longer ago it was. */
  #asked = 0;
  #at = 0;

  constructor(settings: () => WorkerSettings) {
    this.#settings = settings;
  }

  /** A run asked for a worker that was ready. */
  asked(now: number): void {
    this.#asked = this.#left(now) + 1;
    this.#at = now;
  }

  /** A worker took so long to start (ms). */
  started(ms: number): void {
    this.#startMs += SHARE * (ms - this.#startMs);
  }

  /** How many to keep ready. */
  size(now: number): number {
    const { warm, warmMax } = this.#settings();
    const perMs = this.#left(now) / MEMORY_MS;
    // Twice what comes on average while one starts: what comes does so in bursts.
    const wanted = Math.floor(2 * perMs * this.#startMs);
    return Math.max(warm, Math.min(wanted, warmMax));
  }

  #left(now: number): number {
    return this.#asked * Math.exp(-(now - this.#at) / MEMORY_MS);
  }
}
