// Owns which worker processes exist and who gets one: solo runs have a worker alone, shared runs sit together in one.

import { availableParallelism } from 'node:os';
import { CorralError } from '../model/errors.ts';
import { WorkerProcess } from './worker-process.ts';

/** Who a run shares its process with. */
export type Cordon = 'solo' | 'shared';

/** How big a pool may be, and what its workers are made for; asked for anew each time. */
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
  readonly compiles: boolean;
  readonly take: (worker: WorkerProcess) => void;
  readonly fail: (error: Error) => void;
}

/** The worker processes of one corral. */
export class Pool {
  readonly #settings: () => PoolOptions;
  readonly #all = new Set<WorkerProcess>();
  readonly #idle: WorkerProcess[] = [];
  readonly #waiting: Waiter[] = [];
  readonly #shared = new Set<WorkerProcess>();
  #solo = 0;
  #closed = false;

  /** @param settings the numbers in force; {@link adapt} has to be called when they have changed */
  constructor(settings: () => PoolOptions) {
    this.#settings = settings;
    this.#keepWarm();
  }

  /** Worker processes alive now. */
  get workers(): readonly WorkerProcess[] {
    return [...this.#all];
  }

  /** Makes what is idle fit the settings, and lets in who may come in now; what runs goes on as it is. */
  adapt(): void {
    for (const worker of [...this.#idle, ...this.#shared])
      if (worker.placed === 0 && !this.#isFit(worker)) this.#retire(worker);
    while (this.#idle.length > 0 && this.#idle.length + this.#solo > this.#settings().workersMax)
      this.#retire(this.#idle[0] as WorkerProcess);
    while (this.#waiting.length > 0 && this.#solo < this.#settings().workersMax) {
      this.#solo += 1;
      const waiter = this.#waiting.shift() as Waiter;
      waiter.take(this.#takeIdle(waiter.compiles) ?? this.#spawn(waiter.compiles));
    }
    this.#keepWarm();
  }

  /**
   * Gives a ready worker; a solo run waits in line when all are taken.
   * @param compiles false wants a worker whose V8 only interprets; none is used for the other kind
   * @throws {CorralError} `worker-start` when no process can be started, `closed` when the pool is
   * @throws the signal's reason when it aborts first
   */
  async acquire(cordon: Cordon, signal: AbortSignal, compiles: boolean): Promise<WorkerProcess> {
    if (this.#closed)
      throw new CorralError('closed', 'This corral is closed and starts no more runs.');
    signal.throwIfAborted();
    const worker =
      cordon === 'shared' ? this.#takeShared(compiles) : await this.#takeSolo(signal, compiles);
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
      if (worker.placed === 0 && !this.#isFit(worker)) this.#retire(worker);
      return;
    }
    const next = worn ? null : worker;
    const isTooMany = this.#solo > this.#settings().workersMax;
    const waiter = isTooMany ? undefined : this.#waiting.shift();
    if (waiter) waiter.take(this.#handOver(next, waiter.compiles));
    else {
      this.#solo -= 1;
      if (next && (isTooMany || !this.#isFit(next))) this.#retire(next);
      else if (next) {
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

  /** The worker itself where it is of the kind that is wanted, else a new one in its place. */
  #handOver(worker: WorkerProcess | null, compiles: boolean): WorkerProcess {
    if (worker?.options.compiles === compiles) return worker;
    if (worker) this.#retire(worker);
    return this.#spawn(compiles);
  }

  /** True for a worker made for what is set now. */
  #isFit({ options }: WorkerProcess): boolean {
    const { compiles, heapBytes } = this.#settings();
    return options.compiles === compiles && options.heapBytes === heapBytes;
  }

  /** Ends a worker that nobody is in. */
  #retire(worker: WorkerProcess): void {
    this.#forget(worker);
    worker.kill();
  }

  #takeShared(compiles: boolean): WorkerProcess {
    const fit = [...this.#shared].filter(
      (worker) =>
        worker.options.compiles === compiles &&
        !worker.dead &&
        worker.placed < SHARED_RUNS_MAX &&
        worker.runsStarted < RUNS_PER_WORKER_MAX,
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
    const worker = this.#takeIdle(compiles) ?? this.#spawn(compiles);
    this.#shared.add(worker);
    this.#keepWarm();
    return worker;
  }

  async #takeSolo(signal: AbortSignal, compiles: boolean): Promise<WorkerProcess> {
    const idle = this.#takeIdle(compiles);
    if (idle) {
      this.#solo += 1;
      return idle;
    }
    const { workersMax } = this.#settings();
    if (this.#solo < workersMax) {
      this.#solo += 1;
      // Those that are ready are of the other kind: one of them makes room.
      const [other] = this.#idle;
      if (other && this.#idle.length + this.#solo > workersMax) this.#retire(other);
      return this.#spawn(compiles);
    }
    const { promise, resolve, reject } = Promise.withResolvers<WorkerProcess>();
    const waiter: Waiter = { compiles, take: resolve, fail: reject };
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

  /** The idle worker of a kind that has waited longest: its next isolate is ready by now. */
  #takeIdle(compiles: boolean): WorkerProcess | null {
    const at = this.#idle.findIndex(
      (worker) => !worker.dead && worker.options.compiles === compiles,
    );
    return at < 0 ? null : (this.#idle.splice(at, 1)[0] ?? null);
  }

  #keepWarm(): void {
    if (this.#closed) return;
    const { workersWarm, workersMax, compiles } = this.#settings();
    while (this.#idle.length < workersWarm && this.#idle.length + this.#solo < workersMax) {
      const worker = this.#spawn(compiles);
      worker.ref(false);
      this.#idle.push(worker);
    }
  }

  #spawn(compiles: boolean): WorkerProcess {
    const worker = new WorkerProcess({ heapBytes: this.#settings().heapBytes, compiles });
    this.#all.add(worker);
    worker.exited
      .then(() => {
        this.#all.delete(worker);
        this.#forget(worker);
      })
      .catch(() => undefined);
    return worker;
  }

  /** Gives it to nobody any more. */
  #forget(worker: WorkerProcess): void {
    this.#shared.delete(worker);
    const at = this.#idle.indexOf(worker);
    if (at >= 0) this.#idle.splice(at, 1);
  }
}
