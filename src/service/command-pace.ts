// Owns how many commands an owner's runs give in a minute, all of them together: beyond the quota they are held until there is
// room again.

import type { Run } from '../corral.ts';

const MINUTE_MS = 60_000;

/** The pace of one owner. */
export class CommandPace {
  readonly #perMinute: number;
  /** When each of the latest commands was given (ms, of a clock that nobody sets), the oldest first. */
  #given: number[] = [];
  readonly #held = new Map<Run, { readonly timer: NodeJS.Timeout; readonly until: number }>();

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /** Counts a command, and holds its run where it was one too many. @returns true where it is held from now on */
  count(run: Run, now = performance.now()): boolean {
    this.#given = this.#given.filter((at) => at > now - MINUTE_MS);
    this.#given.push(now);
    if (this.#given.length <= this.#perMinute || this.#held.has(run)) return false;
    const oldest = this.#given.at(-this.#perMinute - 1) ?? now;
    const waitMs = oldest + MINUTE_MS - now;
    const timer = setTimeout(() => {
      this.#held.delete(run);
      void run.resume();
    }, waitMs);
    this.#held.set(run, { timer, until: Date.now() + waitMs });
    void run.pause();
    return true;
  }

  /** Until when a run is held here (ms since 1970); null for one that is not. */
  heldUntil(run: Run): number | null {
    return this.#held.get(run)?.until ?? null;
  }

  /** Holds it no more: it has ended, or somebody else holds it now. */
  forget(run: Run): void {
    clearTimeout(this.#held.get(run)?.timer);
    this.#held.delete(run);
  }
}
