// Owns when a worker process has done enough, and getting rid of one on purpose: no new runs, then exit code 42. Who comes in
// its place is the pool's.

import type { WorkerFeedEvent } from '../model/feed.ts';
import { formatDuration } from '../model/limits.ts';
import type { WorkerSettings } from '../model/settings.ts';
import type { WorkerProcess } from './worker-process.ts';

/** Why a worker is got rid of. */
export type WearReason = 'age' | 'memory' | 'runs' | 'brake' | 'idle' | 'settings';

/** A worker without runs that does not end by itself within this time is killed (ms): a loaded machine is slow at that too. */
const EXIT_MS = 20_000;
/** The longest a timer may run (ms). */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** What people read of a worker that had to be killed for it. */
const MEANING: Record<WearReason, string> = {
  age: 'it was old',
  memory: 'it held too much memory at rest',
  runs: 'it had done enough runs',
  brake: 'memory was short for too long',
  idle: 'nobody needed it',
  settings: 'it was made for other settings',
};

/** What {@link WorkerWear} acts through. */
export interface WorkerWearOptions {
  /** Asked at each use, since they may change. */
  readonly settings: () => WorkerSettings;
  readonly tell: (event: WorkerFeedEvent) => void;
  /** Told of an idle worker that has grown old. */
  readonly onOld: (worker: WorkerProcess) => void;
}

/** The wear of the workers of one pool. */
export class WorkerWear {
  readonly #options: WorkerWearOptions;
  readonly #retiring = new WeakMap<WorkerProcess, WearReason>();
  #closed = false;

  constructor(options: WorkerWearOptions) {
    this.#options = options;
  }

  /** Watches over a worker that was just started. */
  take(worker: WorkerProcess): void {
    const { tell } = this.#options;
    const gone = new AbortController();
    worker.ready
      .then(() => {
        tell({ type: 'worker', pid: worker.pid, what: 'started', why: null, exitCode: null });
        this.#retireWhenOld(worker, gone.signal);
      })
      .catch(() => undefined);
    worker.exited
      .then((exit) => {
        gone.abort();
        tell({
          type: 'worker',
          pid: worker.pid,
          what: 'exited',
          why: this.#whyGone(worker),
          exitCode: exit.exitCode,
        });
      })
      .catch(() => undefined);
  }

  /** True for a worker that may take a run: alive, not on its way out, and not worn; one that is worn is retired here. */
  isFit(worker: WorkerProcess): boolean {
    if (worker.dead || worker.killed || this.#retiring.has(worker)) return false;
    const why = this.#whyWorn(worker);
    if (why === null) return true;
    this.retire(worker, why);
    return false;
  }

  /** True for one that is on its way out. */
  isRetiring(worker: WorkerProcess): boolean {
    return this.#retiring.has(worker);
  }

  /**
   * Gives a worker no more runs, and ends it once it has none.
   * @param killAfterMs how long its runs may take; null lets them take what their own limits allow
   */
  retire(worker: WorkerProcess, why: WearReason, killAfterMs: number | null = null): void {
    if (worker.dead) return;
    if (!this.#retiring.has(worker)) {
      this.#retiring.set(worker, why);
      this.#options.tell({
        type: 'worker',
        pid: worker.pid,
        what: 'draining',
        why,
        exitCode: null,
      });
      this.rested(worker);
    }
    if (killAfterMs !== null && worker.placed > 0) this.#killAfter(worker, why, killAfterMs);
  }

  /** A worker has no run any more: one on its way out goes now. */
  rested(worker: WorkerProcess): void {
    const why = this.#retiring.get(worker);
    if (why === undefined || worker.placed > 0 || worker.dead) return;
    worker.send({ type: 'recycle' });
    this.#killAfter(worker, why, EXIT_MS);
  }

  /** From now on every end is the corral's own. */
  close(): void {
    this.#closed = true;
  }

  #killAfter(worker: WorkerProcess, why: WearReason, inMs: number): void {
    const timer = setTimeout(
      () =>
        worker.kill(
          `its process was recycled (${MEANING[why]}), and it did not end within ${formatDuration(inMs)}`,
        ),
      Math.min(inMs, TIMER_MS_MAX),
    ).unref();
    worker.exited.then(() => clearTimeout(timer)).catch(() => undefined);
  }

  #whyWorn(worker: WorkerProcess): WearReason | null {
    const { ageMs, restBytes, runs } = this.#options.settings();
    if (worker.runsStarted >= runs) return 'runs';
    if (worker.restUsage.rssBytes > restBytes) return 'memory';
    return performance.now() - worker.readyAt >= ageMs ? 'age' : null;
  }

  #whyGone(worker: WorkerProcess): string {
    if (this.#closed) return 'closed';
    return this.#retiring.get(worker) ?? (worker.killed ? 'stopped' : 'lost');
  }

  /** One that nobody uses would never be looked at. */
  #retireWhenOld(worker: WorkerProcess, gone: AbortSignal): void {
    if (gone.aborted) return;
    const leftMs = worker.readyAt + this.#options.settings().ageMs - performance.now();
    if (leftMs <= 0) {
      this.#options.onOld(worker);
      return;
    }
    const again = () => this.#retireWhenOld(worker, gone);
    const timer = setTimeout(again, Math.min(leftMs, TIMER_MS_MAX)).unref();
    gone.addEventListener('abort', () => clearTimeout(timer), { once: true });
  }
}
