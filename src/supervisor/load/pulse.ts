// Owns the gate's clockwork: a beat every second while there is something to look after, with how late this process's own
// timers were meanwhile.

/** Four ticks are a beat (ms). */
const TICK_MS = 250;
const TICKS = 4;

/** Beats once a second. */
export class Pulse {
  readonly #beat: (lateMs: number) => void;
  #timer: NodeJS.Timeout | null = null;
  #dueAt = 0;
  #late: number[] = [];

  /** @param beat handed how late the ticks since the last one were, at their median (ms) */
  constructor(beat: (lateMs: number) => void) {
    this.#beat = beat;
  }

  /** Beats from now on. @param keepsAlive true where somebody waits for it: the process then stays */
  start(keepsAlive: boolean): void {
    if (!this.#timer) {
      this.#dueAt = performance.now() + TICK_MS;
      this.#timer = setInterval(() => this.#tick(), TICK_MS);
    }
    if (keepsAlive) this.#timer.ref();
    else this.#timer.unref();
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    this.#late = [];
  }

  #tick(): void {
    const now = performance.now();
    this.#late.push(now - this.#dueAt);
    this.#dueAt = now + TICK_MS;
    if (this.#late.length < TICKS) return;
    const late = this.#late.sort((a, b) => a - b);
    this.#late = [];
    this.#beat(Math.max(0, late[TICKS >> 1] ?? 0));
  }
}
