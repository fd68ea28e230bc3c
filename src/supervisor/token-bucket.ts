// Owns a rate: how long the next one has to wait, served in order.

import { setTimeout } from 'node:timers/promises';

/** Token bucket that can be overdrawn by those who wait, so that they are served in order and at the rate. */
export class TokenBucket {
  readonly #perMs: number;
  readonly #size: number;
  #tokens: number;
  #at = performance.now();

  /** @param rate refills `perSecond`, holds at most `burst` */
  constructor(rate: { readonly perSecond: number; readonly burst: number }) {
    this.#perMs = rate.perSecond / 1000;
    this.#size = rate.burst;
    this.#tokens = rate.burst;
  }

  /** Takes a token; returns how long to wait for it (ms). Without `overdraw` nothing is taken when there is none. */
  take(overdraw: boolean): number {
    const now = performance.now();
    this.#tokens = Math.min(this.#size, this.#tokens + (now - this.#at) * this.#perMs);
    this.#at = now;
    if (this.#tokens < 1 && !overdraw) return (1 - this.#tokens) / this.#perMs;
    this.#tokens -= 1;
    return this.#tokens >= 0 ? 0 : -this.#tokens / this.#perMs;
  }

  /** Waits for its turn (ms). @throws {Error} the signal's reason when it aborts first */
  static async wait(ms: number, signal: AbortSignal): Promise<void> {
    await setTimeout(ms, undefined, { signal, ref: false });
  }
}
