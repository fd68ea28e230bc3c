// Owns how many runs may be active at once right now: at most as many as is set, fewer of those that work for each second that
// something is short, and a few more for each that nothing is. Pure: it asks no clock and measures nothing.

import { formatDuration } from '../../model/limits.ts';
import type { LoadSettings } from '../../model/settings.ts';
import type { Latency } from './start-latency.ts';

/** Under pressure so much (0..1) of what works is left. */
const SHRINK = 0.7;
/** Without, this share of what is set comes back each look; at least one. */
const GROW = 0.05;
/** Half of all turns of the event loop later than this (ms): this process itself does not keep up. */
const LOOP_DELAY_MS = 100;
/** Starts slower than this (ms), and than so many times the usual, are slow. */
const SLOW_MS = 250;
const SLOW_TIMES = 8;

/** What is seen at one look. */
export interface Signs {
  /** Runs active now. */
  readonly active: number;
  /** Of them, those that have hardly used CPU since the last look. */
  readonly asleep: number;
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
  /** How many may work; null for as many as is set. */
  #working: number | null = null;
  #asleep = 0;

  constructor(settings: () => LoadSettings) {
    this.#settings = settings;
  }

  /** How many may be active now: 1 to `load.active`. */
  get max(): number {
    const { active, adaptive } = this.#settings();
    if (!adaptive || this.#working === null) return active;
    // Who is asleep costs next to nothing and takes nobody's place.
    return Math.min(this.#working + this.#asleep, active);
  }

  /** True when as many may be as is set. */
  get isFull(): boolean {
    return this.#working === null;
  }

  /** Once a second. Gives why fewer may work than before, null where that is not so. */
  look(signs: Signs): string | null {
    const { active: limit, adaptive } = this.#settings();
    const why = adaptive ? pressureOf(signs) : null;
    this.#asleep = signs.asleep;
    const before = this.#working ?? limit;
    if (why === null) {
      const grown = before + Math.ceil(limit * GROW);
      this.#working = adaptive && grown < limit ? grown : null;
      return null;
    }
    // From what works: room that nobody used is none to take away.
    const working = Math.max(1, signs.active - signs.asleep);
    this.#working = Math.max(1, Math.floor(Math.min(before, working) * SHRINK));
    return this.#working < before ? why : null;
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
