// Owns one worker process: starting it inside its walls, talking to it, and killing it; what it says is checked here.

import { channel } from 'node:diagnostics_channel';
import { CorralError } from '../model/errors.ts';
import { FrameReader, toFrame } from '../model/frames.ts';
import { FromWorker, type FromWorkerOf, type ToWorker } from '../model/wire.ts';
import { type ProcessUsage, readProcessUsage } from './process-clock.ts';
import type { ChildEnd, StartChild } from './processes/child.ts';
import { Launched } from './walls/launch.ts';
import { NICE } from './walls/layers.ts';
import type { OutOfMemory } from './walls/memory-group.ts';
import { toWorkerProgram } from './worker-program.ts';

/** What a worker needs from its owner. */
export interface WorkerOptions {
  /** The heap (bytes) its first isolate is prepared for. */
  readonly heapBytes: number;
  /** False has V8 interpret only; default true. */
  readonly compiles?: boolean;
}

/** How a worker process ended. */
export interface WorkerExit {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last of what it wrote to stderr, bounded. */
  readonly stderr: string;
  /** Why it was killed for something that no run in it did; null for any other end. */
  readonly why: string | null;
  /** That the kernel killed it for want of memory, where it says so. */
  readonly outOfMemory: OutOfMemory | null;
}

/** What one run hears of its worker; neither may throw. */
export interface RunListener {
  hear(message: FromWorker): void;
  /** The process has ended; the last call. */
  gone(exit: WorkerExit): void;
}

/** How long a worker may take from spawn to `ready` (ms): a loaded machine is no reason to give up early. */
const READY_MS = 20_000;
const STDERR_CHARS_MAX = 8_192;
/** A worker that stops reading may not make the supervisor hold more than this (bytes). */
const UNSENT_BYTES_MAX = 64 * 1024 * 1024;

/** What {@link WORKER_EXITS} hands out. */
export type WorkerExitNote = WorkerExit & { readonly pid: number };

/** Where whoever listens in this process hears of each worker's end: the tests look whether one ended by a slip of ours. */
const WORKER_EXITS = channel('corral:worker-exit');

/** One worker process. */
export class WorkerProcess {
  /** The version of isolated-vm it runs; '' until ready. */
  isolatedVm = '';
  /** Runs placed in it so far. */
  runsStarted = 0;
  /** What the process used and held when it last had no run: the base its runs are measured from. */
  restUsage: ProcessUsage = { cpuMs: 0, firstThreadCpuMs: 0, rssBytes: 0 };
  /** Runs the pool has placed in it and not taken back. */
  placed = 0;
  /** `performance.now()` of when it was ready; infinite before. */
  readyAt = Number.POSITIVE_INFINITY;
  /** What it was started with. */
  readonly options: Required<WorkerOptions>;
  readonly ready: Promise<void>;
  readonly exited: Promise<WorkerExit>;
  readonly #launched: Launched;
  readonly #listeners = new Map<string, RunListener>();
  #stderr = '';
  #nice = NICE;
  #killed = false;
  #why: string | null = null;
  #exit: WorkerExit | null = null;
  /** `performance.now()` of the last message. */
  heardAt = performance.now();
  #onReady: ((isolatedVm: string) => void) | null = null;

  /** @param start starts its process; default as a child of this one */
  constructor(options: WorkerOptions, start?: StartChild) {
    const { heapBytes, compiles = true } = options;
    this.options = { heapBytes, compiles };
    const program = toWorkerProgram('worker', [String(heapBytes)], { compiles });
    this.#launched = new Launched(program, start);
    this.exited = this.#untilGone();
    this.#listen();
    this.ready = this.#untilReady();
    // The owner may never look at it; a worker that fails to start is told to whoever awaits `ready`.
    this.ready.catch(() => undefined);
  }

  /** The process that runs the macros; until {@link ready}, what starts it. */
  get pid(): number {
    return this.#launched.pid;
  }

  /** True once the process has ended. */
  get dead(): boolean {
    return this.#exit !== null;
  }

  /** True once somebody here has killed it. */
  get killed(): boolean {
    return this.#killed;
  }

  /** Sends one message; silently nothing once the process is dead, whose end its owner hears of anyway. */
  send(message: ToWorker): void {
    if (this.dead || this.#launched.channel.destroyed) return;
    this.#launched.channel.write(toFrame(message));
    if (this.#launched.channel.writableLength > UNSENT_BYTES_MAX) this.kill();
  }

  /** Hands all messages of one run, and the worker's end, to a listener, until {@link unlisten}. */
  listen(run: string, listener: RunListener): void {
    // Not through `exited`: what waits for a promise is kept by it, and a worker outlives a thousand runs.
    this.#listeners.set(run, listener);
    if (this.#exit) listener.gone(this.#exit);
  }

  /** Stops telling a run anything. */
  unlisten(run: string): void {
    this.#listeners.delete(run);
  }

  /** Takes the base anew; called when no run is in it, and never while one waits. */
  rest(): void {
    this.restUsage = readProcessUsage(this.pid) ?? this.restUsage;
  }

  /** Has it give way as a nice value does (0 to 19), where the kernel groups processes by session. */
  giveWay(nice: number): void {
    if (nice === this.#nice) return;
    this.#nice = nice;
    this.#launched.giveWay(nice);
  }

  /** The most it may hold (bytes), where the kernel can see to that; null for no limit. */
  limitMemory(bytes: number | null): void {
    this.#launched.limitMemory(bytes);
  }

  /**
   * Kills the process at once; {@link exited} tells when it is gone.
   * @param why in words, where no run in it is the reason
   */
  kill(why: string | null = null): void {
    this.#killed = true;
    this.#why ??= why;
    this.#launched.kill();
  }

  /** Keeps the supervisor's process alive for this worker, or no longer. */
  ref(active: boolean): void {
    this.#launched.ref(active);
  }

  #untilGone(): Promise<WorkerExit> {
    const { child } = this.#launched;
    return new Promise((resolve, reject) => {
      const end = async ({ code, signal, why: whyEnded }: ChildEnd) => {
        const outOfMemory = await this.#launched.forgotten();
        if (this.#exit) return;
        const died = this.#launched.signalOf(code, signal);
        const exitCode = died ? null : code;
        const why = this.#why ?? whyEnded;
        this.#exit = { exitCode, signal: died, stderr: this.#stderr, why, outOfMemory };
        resolve(this.#exit);
        WORKER_EXITS.publish({ pid: this.pid, ...this.#exit } satisfies WorkerExitNote);
        for (const { gone } of [...this.#listeners.values()]) gone(this.#exit);
      };
      child.once('closed', (ended) => end(ended).catch(reject));
      child.once('failed', (error) => {
        this.#stderr += error.message;
        end({ code: null, signal: null, why: null }).catch(reject);
      });
    });
  }

  #listen(): void {
    const { channel, stderr } = this.#launched;
    const reader = new FrameReader();
    channel.on('data', (chunk: Buffer) => {
      this.heardAt = performance.now();
      try {
        for (const message of reader.push(chunk)) this.#take(FromWorker.parse(message));
      } catch (error) {
        // A worker that does not keep to the protocol has been taken over or is broken: it goes, its runs are lost.
        this.#stderr += `\nprotocol: ${error instanceof Error ? error.message.slice(0, 500) : 'violated'}`;
        this.kill();
      }
    });
    channel.on('error', () => this.kill());
    stderr.setEncoding('utf8');
    stderr.on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_CHARS_MAX);
    });
  }

  #take(message: FromWorker): void {
    if (message.type === 'ready')
      this.#onReady?.((message satisfies FromWorkerOf<'ready'>).isolatedVm);
    else if (message.type !== 'beat') this.#listeners.get(message.run)?.hear(message);
  }

  async #untilReady(): Promise<void> {
    const ready = Promise.withResolvers<string>();
    this.#onReady = ready.resolve;
    const timer = setTimeout(() => {
      ready.reject(
        new CorralError('worker-start', `A worker was not ready after ${READY_MS / 1000} s.`),
      );
      this.kill();
    }, READY_MS);
    this.exited
      .then((exit) =>
        ready.reject(
          new CorralError(
            'worker-start',
            `A worker could not start: ${exit.stderr.trim() || `exit ${exit.exitCode ?? exit.signal}`}`,
          ),
        ),
      )
      .catch(ready.reject);
    try {
      this.isolatedVm = await ready.promise;
      await this.#launched.located();
      this.readyAt = performance.now();
      this.rest();
    } finally {
      clearTimeout(timer);
    }
  }
}
