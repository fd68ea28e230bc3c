// Owns which worker processes exist and who gets one: solo runs have a worker alone, shared runs sit together in one.

import { availableParallelism } from 'node:os';
import { CorralError } from '../model/errors.ts';
import type { WorkerFeedEvent } from '../model/feed.ts';
import type { WorkerSettings } from '../model/settings.ts';
import { Launcher } from './processes/launcher.ts';
import type { Tracked } from './tracked.ts';
import { NICE, NICE_SPARE, niceOfSolo } from './walls/layers.ts';
import { WarmSize } from './warm-size.ts';
import { WorkerProcess } from './worker-process.ts';
import { type WearReason, WorkerWear } from './worker-wear.ts';

/** Who a run shares its process with. */
export type Cordon = 'solo' | 'shared';

/** What a worker is made for. */
export interface WorkerKind {
  /** The heap (bytes) isolates are prepared for. */
  readonly heapBytes: number;
  /** False has V8 interpret only. */
  readonly compiles: boolean;
}

/** How big a pool may be, and what its workers are made for. */
export interface PoolOptions {
  /** How many, and how many runs in one; asked at each use. {@link Pool.adapt} has to be called when they have changed. */
  readonly settings: () => WorkerSettings;
  /** Asked at each use too. */
  readonly kind: () => WorkerKind;
  readonly tracked: Tracked;
  /** A worker that nobody waits for could not be started. */
  readonly failed: (error: unknown) => void;
  readonly tell: (event: WorkerFeedEvent) => void;
  /** False while memory is so short that nothing is kept ready. */
  readonly mayWarm: () => boolean;
}

/** Shared workers beyond which runs sit together instead of in a process more. */
const SHARED_WORKERS_MAX = Math.max(2, availableParallelism());
/** How often one that nobody has needed goes, where more are ready than need be (ms). */
const CALM_MS = 10_000;
/** So many workers in a row that die before anybody uses them are not replaced before the next start. */
const STILLBORN_MAX = 3;

interface Waiter {
  readonly compiles: boolean;
  readonly take: (worker: WorkerProcess) => void;
  readonly fail: (error: Error) => void;
}

/** The worker processes of one corral. */
export class Pool {
  readonly #options: PoolOptions;
  readonly #launcher = new Launcher();
  readonly #all = new Set<WorkerProcess>();
  readonly #idle: WorkerProcess[] = [];
  readonly #waiting: Waiter[] = [];
  readonly #shared = new Set<WorkerProcess>();
  readonly #warm: WarmSize;
  readonly #wear: WorkerWear;
  #calming: NodeJS.Timeout | null = null;
  #solo = 0;
  /** Workers in a row that died before anybody used them. */
  #stillborn = 0;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#warm = new WarmSize(options.settings);
    this.#wear = new WorkerWear({ ...options, onOld: (worker) => this.#replaceOld(worker) });
    this.keepWarm();
  }

  /** Of the workers alive now; of one that is about to be started, none. */
  get workerPids(): readonly number[] {
    return [...this.#all].map(({ pid }) => pid).filter((pid) => pid > 0);
  }

  /** Of every process that is there for macros: the workers, and what starts them. */
  get pids(): readonly number[] {
    const { pid } = this.#launcher;
    return pid === null ? this.workerPids : [pid, ...this.workerPids];
  }

  /** Makes what is idle fit the settings, and lets in who may come in now; what runs goes on as it is. */
  adapt(): void {
    const { max } = this.#options.settings();
    for (const worker of [...this.#idle, ...this.#shared])
      if (worker.placed === 0 && !this.#isFit(worker)) this.#retire(worker, 'settings');
    while (this.#idle.length > 0 && this.#idle.length + this.#solo > max)
      this.#retire(this.#idle[0] as WorkerProcess, 'settings');
    while (this.#waiting.length > 0 && this.#solo < max) {
      this.#solo += 1;
      const waiter = this.#waiting.shift() as Waiter;
      waiter.take(this.#takeIdle(waiter.compiles) ?? this.#spawn(waiter.compiles));
    }
    this.keepWarm();
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
    worker.giveWay(cordon === 'solo' ? niceOfSolo(this.#solo) : NICE);
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
      if (worker.placed === 0 && !this.#isFit(worker)) this.#retire(worker, 'settings');
      this.#calmSoon();
      return;
    }
    const next = worn ? null : worker;
    const isTooMany = this.#solo > this.#options.settings().max;
    const waiter = isTooMany ? undefined : this.#waiting.shift();
    if (waiter) waiter.take(this.#handOver(next, waiter.compiles));
    else {
      this.#solo -= 1;
      if (next && (isTooMany || !this.#isFit(next))) this.#retire(next, 'settings');
      else if (next) {
        next.ref(false);
        this.#idle.push(next);
      }
    }
    this.keepWarm();
    this.#calmSoon();
  }

  /** Replaces every worker by a fresh one; what runs in them may take so long (ms). */
  recycle(why: WearReason, killAfterMs: number): void {
    for (const worker of [...this.#all]) this.#retire(worker, why, killAfterMs);
    this.keepWarm();
  }

  /** Gives memory back: workers nobody uses go, the others collect garbage. */
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
    if (this.#calming) clearTimeout(this.#calming);
    for (const { fail } of this.#waiting.splice(0))
      fail(new CorralError('closed', 'This corral was closed.'));
    const gone = [...this.#all].map((worker) => {
      worker.ref(true);
      worker.kill();
      return worker.exited;
    });
    await Promise.all(gone);
    await this.#launcher.close();
  }

  /** The worker itself where it is of the kind that is wanted, else a new one in its place. */
  #handOver(worker: WorkerProcess | null, compiles: boolean): WorkerProcess {
    if (worker?.options.compiles === compiles) return worker;
    if (worker) this.#retire(worker, 'settings');
    return this.#spawn(compiles);
  }

  /** True for a worker made for what is set now. */
  #isFit({ options }: WorkerProcess): boolean {
    const { compiles, heapBytes } = this.#options.kind();
    return options.compiles === compiles && options.heapBytes === heapBytes;
  }

  /** Gives a worker to nobody any more, and ends it once nobody is in it; `killAfterMs` as for `WorkerWear.retire`. */
  #retire(worker: WorkerProcess, why: WearReason, killAfterMs: number | null = null): void {
    this.#forget(worker);
    this.#wear.retire(worker, why, killAfterMs);
  }

  #replaceOld(worker: WorkerProcess): void {
    this.#retire(worker, 'age');
    this.keepWarm();
  }

  /** At once, and not at the next start; but what dies again and again would be started for ever. */
  #replaceDead(worker: WorkerProcess): void {
    if (worker.runsStarted === 0 && !this.#wear.isRetiring(worker)) this.#stillborn += 1;
    if (this.#stillborn < STILLBORN_MAX) this.keepWarm();
  }

  #takeShared(compiles: boolean): WorkerProcess {
    const { sharedRuns } = this.#options.settings();
    const fit = [...this.#shared].filter(
      (worker) =>
        worker.options.compiles === compiles &&
        worker.placed < sharedRuns &&
        this.#wear.isFit(worker),
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
    this.keepWarm();
    return worker;
  }

  async #takeSolo(signal: AbortSignal, compiles: boolean): Promise<WorkerProcess> {
    const idle = this.#takeIdle(compiles);
    if (idle) {
      this.#solo += 1;
      return idle;
    }
    const { max } = this.#options.settings();
    if (this.#solo < max) {
      this.#solo += 1;
      // Those that are ready are of the other kind: one of them makes room.
      const [other] = this.#idle;
      if (other && this.#idle.length + this.#solo > max) this.#retire(other, 'idle');
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
    this.#warm.asked(performance.now());
    const at = this.#idle.findIndex(
      (worker) => worker.options.compiles === compiles && this.#wear.isFit(worker),
    );
    return at < 0 ? null : (this.#idle.splice(at, 1)[0] ?? null);
  }

  /** Starts what is to be kept ready. */
  keepWarm(): void {
    if (this.#closed || !this.#options.mayWarm()) return;
    const size = this.#warm.size(performance.now());
    const { max } = this.#options.settings();
    while (this.#idle.length < size && this.#idle.length + this.#solo < max) {
      const worker = this.#spawn(this.#options.kind().compiles);
      worker.giveWay(NICE_SPARE);
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
      if (spare[0]) this.#retire(spare[0], 'idle');
      this.#calmSoon();
    }, CALM_MS).unref();
  }

  #spawn(compiles: boolean): WorkerProcess {
    const from = performance.now();
    const { heapBytes } = this.#options.kind();
    const worker = new WorkerProcess({ heapBytes, compiles }, this.#launcher.start);
    this.#all.add(worker);
    this.#wear.take(worker);
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
      this.#forget(worker);
      this.#replaceDead(worker);
    });
    tracked.track(gone, 'the end of a worker');
    return worker;
  }

  /** Gives it to nobody any more. */
  #forget(worker: WorkerProcess): void {
    this.#shared.delete(worker);
    const at = this.#idle.indexOf(worker);
    if (at >= 0) this.#idle.splice(at, 1);
  }
}
