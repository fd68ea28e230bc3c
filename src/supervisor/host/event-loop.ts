// Owns how late this process's event loop is: what waits for it (answers, clocks, the watchdogs) waits so long.

import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { PressureReading } from '../../model/pressure.ts';

/** How often it is tried (ms). Sooner costs more than all other measures together: 20 ms took 0.4 % of a core, this 0.05 %. */
const EVERY_MS = 100;
/** Late by so much on average is all there is (ms): a macro's every command then waits that long. */
export const LOOP_DELAY_MAX_MS = 250;

/** Measures the event loop while it is {@link start}ed. */
export class EventLoopMeter {
  #delays: ReturnType<typeof monitorEventLoopDelay> | null = null;
  #last: PressureReading | null = null;

  /** Begins to measure; false where it has begun. */
  start(): boolean {
    if (this.#delays) return false;
    this.#delays = monitorEventLoopDelay({ resolution: EVERY_MS });
    return this.#delays.enable();
  }

  stop(): void {
    this.#delays?.disable();
    this.#delays = null;
    this.#last = null;
  }

  /** The average delay since the last reading; null while nothing is known. */
  read(): PressureReading | null {
    if (!this.#delays) return null;
    // Not once since then: nothing new is known, or the loop was held up all along.
    if (this.#delays.count === 0) return this.#last;
    // What is noted is how long after the one before a try came.
    const used = Math.max(0, this.#delays.mean / 1e6 - EVERY_MS);
    this.#delays.reset();
    const limit = LOOP_DELAY_MAX_MS;
    const share = used / limit;
    this.#last = { what: 'event-loop', of: 'process', share, used, limit, unit: 'ms' };
    return this.#last;
  }
}
