// Owns which worker processes exist and who gets one: solo runs have a worker alone, shared runs sit together in one.

import { availableParallelism } from 'node:os';
import { CorralError } from '../model/errors.ts';
import type { WorkerFeedEvent } from '../model/feed.ts';
import type { WorkerSettings } from '../model/settings.ts';
import { WorkerProcess } from './worker-process.ts';
import { type WearReason, WorkerWear } from './worker-wear.ts';

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
  /** When a worker is replaced; asked at each use. */
  readonly settings: () => WorkerSettings;
  readonly tell: (event: WorkerFeedEvent) => void;
  /** False while memory is so short that nothing is kept ready. */
  readonly mayWarm: () => boolean;
}

/** Shared workers beyond which runs sit together instead of in a process more. */
const SHARED_WORKERS_MAX = Math.max(2, availableParallelism());
/** The most runs in one shared worker; 500 sleeping macros take about 1 MB each. */
const SHARED_RUNS_MAX = 500;

/** So many workers in a row that die before anybody uses them are not replaced before the next start. */
const STILLBORN_MAX = 3;

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
  readonly #wear: WorkerWear;
  #solo = 0;
  /** Workers in a row that died before anybody used them. */
  #stillborn = 0;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    const { settings, tell } = options;
    this.#wear = new WorkerWear({ settings, tell, onOld: (worker) => this.#retire(worker, 'age') });
    this.keepWarm();
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
    if (!worker.dead) this.#stillborn = 0;
    if (worker.placed === 0 && !worker.dead) worker.rest();
    const worn = !this.#wear.isFit(worker) || this.#closed;
    this.#wear.rested(worker);
    if (this.#closed && worker.placed === 0) worker.kill();
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
    this.keepWarm();
  }

  /** Replaces every worker by a fresh one; what runs in them may take so long (ms). */
  recycle(why: WearReason, killAfterMs: number): void {
    for (const worker of [...this.#all]) this.#retire(worker, why, killAfterMs);
  }

  /** Gives memory back: workers nobody uses go, the others collect garbage. Nothing is kept ready until {@link keepWarm}. */
  reclaim(): void {
    for (const worker of [...this.#all]) {
      if (worker.placed === 0) this.#retire(worker, 'idle');
      else worker.send({ type: 'reclaim' });
    }
  }

  /** Kills every worker and refuses who waits; resolves when no process is left. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#wear.close();
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
      (worker) => worker.placed < SHARED_RUNS_MAX && this.#wear.isFit(worker),
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
    this.keepWarm();
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
      if (this.#wear.isFit(idle)) return idle;
    return null;
  }

  /** Starts what is to be kept ready. */
  keepWarm(): void {
    if (this.#closed || !this.#options.mayWarm()) return;
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
    this.#wear.take(worker);
    worker.exited
      .then(() => {
        this.#all.delete(worker);
        this.#forget(worker);
        this.#replace(worker);
      })
      .catch(() => undefined);
    return worker;
  }

  /** At once, and not at the next start; but what dies again and again would be started for ever. */
  #replace(dead: WorkerProcess): void {
    if (dead.runsStarted === 0 && !this.#wear.isRetiring(dead)) this.#stillborn += 1;
    if (this.#stillborn < STILLBORN_MAX) this.keepWarm();
  }

  #retire(worker: WorkerProcess, why: WearReason, killAfterMs: number | null = null): void {
    this.#wear.retire(worker, why, killAfterMs);
    this.#forget(worker);
    this.keepWarm();
  }

  /** Gives it no more runs. */
  #forget(worker: WorkerProcess): void {
    this.#shared.delete(worker);
    const at = this.#idle.indexOf(worker);
    if (at >= 0) this.#idle.splice(at, 1);
  }
}
