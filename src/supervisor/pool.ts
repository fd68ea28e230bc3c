// Owns which worker processes exist and who gets one: solo runs have a worker alone, shared runs sit together in one.

import { availableParallelism } from 'node:os';
import { CorralError } from '../model/errors.ts';
import { WorkerProcess } from './worker-process.ts';

/** Who a run shares its process with. */
export type Cordon = 'solo' | 'shared';

/** How big a pool may be. */
export interface PoolOptions {
  /** The most worker processes for solo runs at once. */
  readonly workersMax: number;
  /** Workers kept started and idle, so that a run does not wait for a process. */
  readonly workersWarm: number;
  /** The heap (bytes) isolates are prepared for. */
  readonly heapBytes: number;
  /** False has V8 interpret only. */
  readonly compiles: boolean;
}

/** Shared workers beyond which runs sit together instead of in a process more. */
const SHARED_WORKERS_MAX = Math.max(2, availableParallelism());
/** The most runs in one shared worker; 500 sleeping macros take about 1 MB each. */
const SHARED_RUNS_MAX = 500;
/** A worker is replaced after this many runs, so that no leak in it grows old. */
const RUNS_PER_WORKER_MAX = 1000;

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
  #solo = 0;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
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
    const worn = worker.dead || worker.runsStarted >= RUNS_PER_WORKER_MAX || this.#closed;
    if (worn && !worker.dead && worker.placed === 0) worker.kill();
    if (cordon === 'shared') {
      if (worker.placed === 0) worker.ref(false);
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
  }

  /** Kills every worker and refuses who waits; resolves when no process is left. */
  async close(): Promise<void> {
    this.#closed = true;
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
    const fit = [...this.#shared].filter(
      (worker) =>
        !worker.dead && worker.placed < SHARED_RUNS_MAX && worker.runsStarted < RUNS_PER_WORKER_MAX,
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
    if (this.#solo < this.#options.workersMax) {
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
    for (let idle = this.#idle.shift(); idle; idle = this.#idle.shift())
      if (!idle.dead) return idle;
    return null;
  }

  #keepWarm(): void {
    if (this.#closed) return;
    while (
      this.#idle.length < this.#options.workersWarm &&
      this.#idle.length + this.#solo < this.#options.workersMax
    ) {
      const worker = this.#spawn();
      worker.ref(false);
      this.#idle.push(worker);
    }
  }

  #spawn(): WorkerProcess {
    const worker = new WorkerProcess(this.#options);
    this.#all.add(worker);
    worker.exited
      .then(() => {
        this.#all.delete(worker);
        this.#shared.delete(worker);
        const at = this.#idle.indexOf(worker);
        if (at >= 0) this.#idle.splice(at, 1);
      })
      .catch(() => undefined);
    return worker;
  }
}
