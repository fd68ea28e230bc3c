// Owns a rate: how long the next one has to wait, served in order.

/** Token bucket that can be overdrawn by those who wait, so that they are served in order and at the rate. */
export class TokenBucket {
  readonly #perMs: number;
  readonly #size: number;
  readonly #now: () => number;
  #tokens: number;
  #at: number;

  /**
   * @param rate refills `perSecond`, holds at most `burst`
   * @param now the clock it refills by (ms)
   */
  constructor(
    rate: { readonly perSecond: number; readonly burst: number },
    now: () => number = () => performance.now(),
  ) {
    this.#perMs = rate.perSecond / 1000;
    this.#size = rate.burst;
    this.#tokens = rate.burst;
    this.#now = now;
    this.#at = now();
  }

  /** Takes a token; returns how long to wait for it (ms). Without `overdraw` nothing is taken when there is none. */
  take(overdraw: boolean): number {
    const now = this.#now();
    this.#tokens = Math.min(this.#size, this.#tokens + (now - this.#at) * this.#perMs);
    this.#at = now;
    if (this.#tokens < 1 && !overdraw) return (1 - this.#tokens) / this.#perMs;
    this.#tokens -= 1;
    return this.#tokens >= 0 ? 0 : -this.#tokens / this.#perMs;
  }

  /** Waits for its turn (ms). @throws {Error} the signal's reason when it aborts first */
  static wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const waiting = waitersOf(signal);
      const timer = setTimeout(() => {
        waiting.delete(timer);
        resolve();
      }, ms).unref();
      waiting.set(timer, reject);
    });
  }
}

type Waiters = Map<NodeJS.Timeout, (reason: unknown) => void>;
const waiters = new WeakMap<AbortSignal, Waiters>();

/** All who wait under one signal: thousands of commands may, and a listener each would cost more than they do. */
function waitersOf(signal: AbortSignal): Waiters {
  const known = waiters.get(signal);
  if (known) return known;
  const waiting: Waiters = new Map();
  waiters.set(signal, waiting);
  const leave = () => {
    for (const [timer, reject] of waiting) {
      clearTimeout(timer);
      reject(signal.reason);
    }
    waiting.clear();
  };
  signal.addEventListener('abort', leave, { once: true });
  return waiting;
}
