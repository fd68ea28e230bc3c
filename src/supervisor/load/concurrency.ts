// Owns how many runs may be active at once right now: at most as many as is set, by half as many again fewer each second
// that something is short, and a few more each second that nothing is. Pure: it asks no clock and measures nothing.

import { formatDuration } from '../../model/limits.ts';
import type { LoadSettings } from '../../model/settings.ts';
import type { Latency } from './start-latency.ts';

/** Under pressure so much (0..1) of what is active is left. */
const SHRINK = 0.7;
/** Without, this share of what is set comes back each look; at least one. */
const GROW = 0.05;
/** Half of all turns of the event loop later than this (ms): this process itself does not keep up. */
const LOOP_DELAY_MS = 100;
/** Starts slower than this (ms), and than so many times the usual, are slow. */
const SLOW_MS = 100;
const SLOW_TIMES = 8;

/** What is seen at one look. */
export interface Signs {
  /** Runs active now. */
  readonly active: number;
  /** Why nothing is let in, null while it is. */
  readonly held: string | null;
  /** The event loop's usual delay since the last look (ms). */
  readonly loopDelayMs: number;
  /** Null where too few runs were started since the last look. */
  readonly latency: Latency | null;
}

/** How many may be active. */
export class Concurrency {
  readonly #settings: () => LoadSettings;
  /** Null for as many as is set. */
  #max: number | null = null;

  constructor(settings: () => LoadSettings) {
    this.#settings = settings;
  }

  /** How many may be active now: 1 to `load.active`. */
  get max(): number {
    const { active, adaptive } = this.#settings();
    return adaptive && this.#max !== null ? Math.min(this.#max, active) : active;
  }

  /** True when as many may be as is set. */
  get isFull(): boolean {
    return this.#max === null;
  }

  /** Once a second. Gives why fewer may be than before, null where that is not so. */
  look(signs: Signs): string | null {
    const { active: limit, adaptive } = this.#settings();
    const why = adaptive ? pressureOf(signs) : null;
    if (why === null) {
      const grown = this.max + Math.ceil(limit * GROW);
      this.#max = adaptive && grown < limit ? grown : null;
      return null;
    }
    const before = this.max;
    // From what is active: room that nobody used is none to take away.
    this.#max = Math.max(1, Math.floor(Math.min(before, Math.max(1, signs.active)) * SHRINK));
    return this.#max < before ? why : null;
  }
}

function pressureOf({ held, loopDelayMs, latency }: Signs): string | null {
  if (held !== null) return held;
  if (loopDelayMs > LOOP_DELAY_MS)
    return `this process answers ${formatDuration(loopDelayMs)} late`;
  if (latency && latency.medianMs > Math.max(SLOW_MS, latency.usualMs * SLOW_TIMES))
    return `a start takes ${formatDuration(latency.medianMs)} instead of ${formatDuration(latency.usualMs)}`;
  return null;
}
