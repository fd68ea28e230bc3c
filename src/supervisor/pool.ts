// Owns which worker processes exist and who gets one: solo runs have a worker alone, shared runs sit together in one.

import { availableParallelism } from 'node:os';
import { CorralError } from '../model/errors.ts';
import type { WorkerSettings } from '../model/settings.ts';
import type { Tracked } from './tracked.ts';
import { WarmSize } from './warm-size.ts';
import { WorkerProcess } from './worker-process.ts';

/** Who a run shares its process with. */
export type Cordon = 'solo' | 'shared';

/** How big a pool may be. */
export interface PoolOptions {
  /** How many, and how many runs in one; asked at each use. */
  readonly settings: () => WorkerSettings;
  /** The heap (bytes) isolates are prepared for. */
  readonly heapBytes: number;
  /** False has V8 interpret only. */
  readonly compiles: boolean;
  readonly tracked: Tracked;
  /** A worker that nobody waits for could not be started. */
  readonly failed: (error: unknown) => void;
}

/** Shared workers beyond which runs sit together instead of in a process more. */
const SHARED_WORKERS_MAX = Math.max(2, availableParallelism());
/** How often one that nobody has needed goes, where more are ready than need be (ms). */
const CALM_MS = 10_000;

interface Waiter {
  readonly take: (worker: WorkerProcess) => void;
  readonly fail: (error: Error) => void;
}

/** The worker processes of one corral. */
export class Pool {
  readonly #options: PoolOptions;
  readonly #all = new Set<WorkerProcess>();
  readonly #idle: WorkerProcess[] = [];
  readonly #waiting: Waiter[] = [];
  readonly #shared = new Set<WorkerProcess>();
  readonly #warm: WarmSize;
  #calming: NodeJS.Timeout | null = null;
  #solo = 0;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#warm = new WarmSize(options.settings);
    this.#keepWarm();
  }

  /** Worker processes alive now. */
  get workers(): readonly WorkerProcess[] {
    return [...this.#all];
  }

  /**
   * Gives a ready worker; a solo run waits in line when all are taken.
   * @throws {CorralError} `worker-start` when no process can be started, `closed` when the pool is
   * @throws the signal's reason when it aborts first
   */
  async acquire(cordon: Cordon, signal: AbortSignal): Promise<WorkerProcess> {
    if (this.#closed)
      throw new CorralError('closed', 'This corral is closed and starts no more runs.');
    signal.throwIfAborted();
    const worker = cordon === 'shared' ? this.#takeShared() : await this.#takeSolo(signal);
    worker.placed += 1;
    worker.runsStarted += 1;
    worker.ref(true);
    try {
      await worker.ready;
      signal.throwIfAborted();
    } catch (error) {
      this.release(worker, cordon);
      throw error;
    }
    return worker;
  }

  /** Takes a worker back once its run is gone from it; a dead or worn one is replaced. */
  release(worker: WorkerProcess, cordon: Cordon): void {
    worker.placed -= 1;
    if (worker.placed === 0 && !worker.dead) worker.rest();
    const worn = worker.dead || worker.runsStarted >= this.#options.settings().runs || this.#closed;
    if (worn && !worker.dead && worker.placed === 0) worker.kill();
    if (cordon === 'shared') {
      if (worker.placed === 0) worker.ref(false);
      this.#calmSoon();
      return;
    }
    const next = worn ? null : worker;
    const waiter = this.#waiting.shift();
    if (waiter) waiter.take(next ?? this.#spawn());
    else {
      this.#solo -= 1;
      if (next) {
        next.ref(false);
        this.#idle.push(next);
      }
    }
    this.#keepWarm();
    this.#calmSoon();
  }

  /** Kills every worker and refuses who waits; resolves when no process is left. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#calming) clearTimeout(this.#calming);
    for (const { fail } of this.#waiting.splice(0))
      fail(new CorralError('closed', 'This corral was closed.'));
    const gone = [...this.#all].map((worker) => {
      worker.ref(true);
      worker.kill();
      return worker.exited;
    });
    await Promise.all(gone);
  }

  #takeShared(): WorkerProcess {
    const { runs, sharedRuns } = this.#options.settings();
    const fit = [...this.#shared].filter(
      (worker) => !worker.dead && worker.placed < sharedRuns && worker.runsStarted < runs,
    );
    // The one with the fewest runs; among equals the one that was used longest ago, whose next isolate is ready.
    const calmest = fit.reduce<WorkerProcess | null>(
      (best, worker) => (best === null || worker.placed < best.placed ? worker : best),
      null,
    );
    if (calmest && (calmest.placed === 0 || fit.length >= SHARED_WORKERS_MAX)) {
      this.#shared.delete(calmest);
      this.#shared.add(calmest);
      return calmest;
    }
    const worker = this.#takeIdle() ?? this.#spawn();
    this.#shared.add(worker);
    this.#keepWarm();
    return worker;
  }

  async #takeSolo(signal: AbortSignal): Promise<WorkerProcess> {
    const idle = this.#takeIdle();
    if (idle) {
      this.#solo += 1;
      return idle;
    }
    if (this.#solo < this.#options.settings().max) {
      this.#solo += 1;
      return this.#spawn();
    }
    const { promise, resolve, reject } = Promise.withResolvers<WorkerProcess>();
    const waiter: Waiter = { take: resolve, fail: reject };
    this.#waiting.push(waiter);
    const leave = () => {
      const at = this.#waiting.indexOf(waiter);
      if (at >= 0) this.#waiting.splice(at, 1);
      reject(signal.reason);
    };
    signal.addEventListener('abort', leave, { once: true });
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  /** The idle worker that has waited longest: its next isolate is ready by now. */
  #takeIdle(): WorkerProcess | null {
    this.#warm.asked(performance.now());
    for (let idle = this.#idle.shift(); idle; idle = this.#idle.shift())
      if (!idle.dead) return idle;
    return null;
  }

  #keepWarm(): void {
    if (this.#closed) return;
    const size = this.#warm.size(performance.now());
    const { max } = this.#options.settings();
    while (this.#idle.length < size && this.#idle.length + this.#solo < max) {
      const worker = this.#spawn();
      worker.ref(false);
      this.#idle.push(worker);
    }
  }

  /** After a while without need, the one that was needed longest ago goes; then the next. */
  #calmSoon(): void {
    if (this.#calming || this.#closed) return;
    this.#calming = setTimeout(() => {
      this.#calming = null;
      const spare = [...this.#shared].filter(({ placed }) => placed === 0).concat(this.#idle);
      if (spare.length <= this.#warm.size(performance.now())) return;
      spare[0]?.kill();
      this.#calmSoon();
    }, CALM_MS).unref();
  }

  #spawn(): WorkerProcess {
    const from = performance.now();
    const worker = new WorkerProcess(this.#options);
    this.#all.add(worker);
    const { tracked } = this.#options;
    const started = worker.ready.then(
      () => this.#warm.started(performance.now() - from),
      (error: unknown) => {
        // Whoever waits for it is told by itself.
        if (worker.placed === 0 && !this.#closed) this.#options.failed(error);
      },
    );
    tracked.track(started, 'the start of a worker');
    const gone = worker.exited.then(() => {
      this.#all.delete(worker);
      this.#shared.delete(worker);
      const at = this.#idle.indexOf(worker);
      if (at >= 0) this.#idle.splice(at, 1);
    });
    tracked.track(gone, 'the end of a worker');
    return worker;
  }
}
