// Owns getting a stopped run out of its worker: look at it while it is stopped, then dispose of it, or kill the process.

import type { SnapshotFile } from '../dumps/snapshot-file.ts';
import type { FromWorkerOf } from '../model/wire.ts';
import type { Cordon } from './pool.ts';
import { longestDelayMs, readMacroCpuMs, readRunDelays, readTurns } from './process-clock.ts';
import { NICE } from './walls/layers.ts';
import type { WorkerExit, WorkerProcess } from './worker-process.ts';

/**
 * An isolate that can be interrupted stops within a few ms of CPU. One that has used this much more without stopping
 * (ms of CPU, its worker's own thread left out) is inside one built-in and never will; CPU and not wall time, so that a loaded machine
 * does not make an honest loop look stuck.
 */
const GRACE_CPU_MS = 150;
/**
 * One that is stopped for what it holds gets more: the debugger walks all of that before it can stop anything, and whoever
 * grows on meanwhile meets the ceiling on its process.
 */
const GRACE_CPU_LARGE_MS = 480;
/**
 * The worker's own thread, which is to stop it, needs so many turns for that. One that has not had them on a full machine is
 * waited for, until the macro has used so many times its grace.
 */
const TURNS_MIN = 30;
const STARVED_PATIENCE = 4;
/** Where others share the process, their CPU counts too, and giving up costs them theirs: so many times as long. */
const SHARED_PATIENCE = 4;
/**
 * And a worker that uses none is given up after this (ms of wall time, less what it had to wait for a turn where a machine has
 * more to do than it can), or after that, whatever it waited for.
 */
const GRACE_WALL_MS = 3_000;
const GRACE_STARVED_MS = 15_000;
const LOOK_MS = 20;
/** How long a heap snapshot may take (ms): some 20 MB a second. */
const SNAPSHOT_MS = 60_000;
/** How long a disposal may take before the process goes instead (ms). */
const DISPOSE_MS = 2_000;
/** And among many others, whose isolates take turns with its own (ms). */
const DISPOSE_SHARED_MS = 10_000;

/**
 * CPU (ms) that a macro may use from the order to stop until it is given up.
 * @param isLarge true for one that holds too much
 */
export function graceCpuMs(cordon: Cordon, isLarge: boolean): number {
  const grace = isLarge ? GRACE_CPU_LARGE_MS : GRACE_CPU_MS;
  return grace * (cordon === 'shared' ? SHARED_PATIENCE : 1);
}

/** Brings one run down. */
export class BringDown {
  /** What the stopped macro looked like, null where it could not be stopped. */
  examination: FromWorkerOf<'examined'> | null = null;
  /** How the worker ended, null while it lives. */
  exit: (WorkerExit & { readonly pid: number }) | null = null;
  readonly #worker: WorkerProcess;
  readonly #run: string;
  readonly #cordon: Cordon;
  readonly #gone = Promise.withResolvers<void>();
  readonly #snapshotTaken = Promise.withResolvers<void>();
  #snapshot: SnapshotFile | null = null;
  #hasSnapshotPart = false;
  #isSnapshotWhole = false;
  #examined: (() => void) | null = null;
  #isTold = false;
  #disposing = false;
  #killed = false;

  constructor(worker: WorkerProcess, run: string, cordon: Cordon) {
    this.#worker = worker;
    this.#run = run;
    this.#cordon = cordon;
  }

  /** True when the worker was lost or killed before anybody could look at the macro. */
  get lost(): boolean {
    return this.exit !== null || this.#killed;
  }

  /**
   * Stops the macro and waits for what it looks like, for the grace, or for the worker's end. At a limit of CPU the worker
   * has begun with that by itself, and may be done.
   * @param isLarge true for one that holds too much
   */
  async examine(isLarge: boolean): Promise<void> {
    if (this.lost || this.#isTold) return;
    const grace = graceCpuMs(this.#cordon, isLarge);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#examined = resolve;
    // Whoever waits for the end of a run is not to wait for a machine that is full: what is left of it is short.
    this.#worker.giveWay(NICE);
    this.#worker.send({ type: 'examine', run: this.#run, graceCpuMs: grace });
    const { pid } = this.#worker;
    // The worker's own thread may have to get through what the macro asked for before: that is no sign of one that is stuck.
    const cpuFrom = readMacroCpuMs(pid) ?? 0;
    const [delaysFrom, turnsFrom] = [readRunDelays(pid), readTurns(pid) ?? 0];
    const from = performance.now();
    const isGivenUp = (): boolean => {
      const waited = performance.now() - from;
      const used = (readMacroCpuMs(pid) ?? Number.POSITIVE_INFINITY) - cpuFrom;
      const isDue = waited >= grace && used >= grace;
      if (!isDue && waited < GRACE_WALL_MS) return false;
      if (waited >= GRACE_STARVED_MS) return true;
      const turns = (readTurns(pid) ?? Number.POSITIVE_INFINITY) - turnsFrom;
      if (isDue && (turns >= TURNS_MIN || used >= grace * STARVED_PATIENCE)) return true;
      return waited - longestDelayMs(delaysFrom, readRunDelays(pid)) >= GRACE_WALL_MS;
    };
    const timer = setInterval(() => {
      if (isGivenUp()) resolve();
    }, LOOK_MS);
    try {
      await Promise.race([promise, this.#gone.promise]);
    } finally {
      clearInterval(timer);
    }
  }

  /** The worker told what the macro looks like; its profiles come next. */
  examined(message: FromWorkerOf<'examined'>): void {
    this.examination = message;
  }

  /** The worker told where CPU and memory went: the last it has to say of a macro it was asked to examine. */
  profiled(): void {
    if (!this.examination) return;
    this.#isTold = true;
    this.#examined?.();
  }

  /** Has the heap of an examined macro written; waits until all of it is there, or for the worker's end. */
  async takeSnapshot(file: SnapshotFile): Promise<void> {
    if (!this.examination || this.lost) {
      file.fail('the macro could not be asked for it');
      return;
    }
    this.#snapshot = file;
    this.#worker.send({ type: 'snapshot', run: this.#run });
    const timer = setTimeout(() => this.kill(), SNAPSHOT_MS);
    await Promise.race([this.#snapshotTaken.promise, this.#gone.promise]);
    clearTimeout(timer);
    if (!this.#isSnapshotWhole) file.fail('its process ended before it was whole');
  }

  /** True while a snapshot is taken: it needs memory and time of its own. */
  get isTakingSnapshot(): boolean {
    return this.#snapshot !== null && !this.#isSnapshotWhole;
  }

  /** A part of the snapshot has come. */
  snapshotPart({ chunk, isLast }: FromWorkerOf<'snapshot'>): void {
    if (!this.isTakingSnapshot) return;
    if (!isLast) {
      this.#hasSnapshotPart = true;
      this.#snapshot?.write(chunk);
      return;
    }
    if (!this.#hasSnapshotPart)
      this.#snapshot?.fail('the macro had to be ended before it could be asked for it');
    this.#isSnapshotWhole = true;
    this.#snapshotTaken.resolve();
  }

  /** The worker has disposed of the run. */
  disposed(): void {
    this.#gone.resolve();
  }

  /** The worker is dead. */
  workerGone(exit: WorkerExit): void {
    this.exit = { ...exit, pid: this.#worker.pid };
    this.#gone.resolve();
  }

  /** Kills the process, and with it whatever else runs in it. */
  kill(): void {
    this.#killed = true;
    this.#worker.kill();
  }

  /**
   * Gets a stopped run out of its worker: a worker that was its alone is killed, others are asked first.
   * @param isStuck true for a macro that could not be stopped: asking would only waste time
   */
  async remove(isStuck: boolean): Promise<void> {
    if (this.#cordon === 'solo' || isStuck) this.kill();
    await this.cleared();
  }

  /** Resolves once the worker holds nothing of the run, or is dead. */
  async cleared(): Promise<void> {
    if (!this.#disposing) {
      this.#disposing = true;
      this.#worker.send({ type: 'dispose', run: this.#run });
    }
    const patience = this.#cordon === 'shared' ? DISPOSE_SHARED_MS : DISPOSE_MS;
    const timer = setTimeout(() => this.kill(), patience);
    await this.#gone.promise;
    clearTimeout(timer);
  }
}
