// Owns the pauses that patterns ask for in one run: holds it, and lets it go on after the pattern's time. A person's word
// goes before: one who resumes it ends the pause, and one who pauses it too is not overruled by the time.

import type { LiveRun } from '../run.ts';

/** The pauses of one run. */
export class PatternPauses {
  readonly #live: LiveRun;
  #timer: NodeJS.Timeout | null = null;
  /** When it goes on (ms); Infinity when somebody has to say so, null while no pattern holds it. */
  #due: number | null = null;
  #leave: (() => void) | null = null;

  constructor(live: LiveRun) {
    this.#live = live;
  }

  /**
   * Holds the run. Where several patterns do, the longest pause counts.
   * @param resumeAfterMs null until somebody resumes it
   */
  pause(resumeAfterMs: number | null): void {
    const due = resumeAfterMs === null ? Infinity : performance.now() + resumeAfterMs;
    this.#due = Math.max(this.#due ?? 0, due);
    this.#leave ??= this.#live.on('state', ({ state }) => {
      if (state !== 'paused') this.#forget();
    });
    this.#arm();
    void this.#live.hold();
  }

  #arm(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#due === null || this.#due === Infinity) return;
    this.#timer = setTimeout(() => this.#letGo(), Math.max(0, this.#due - performance.now()));
  }

  #letGo(): void {
    this.#forget();
    if (!this.#live.isHeldByHand) void this.#live.resume();
  }

  #forget(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#due = null;
    this.#leave?.();
    this.#leave = null;
  }
}
