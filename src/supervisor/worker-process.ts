// Owns one worker process: starting it inside its walls, talking to it, and killing it; what it says is checked here.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CorralError } from '../model/errors.ts';
import { FrameReader, toFrame } from '../model/frames.ts';
import { FromWorker, type FromWorkerOf, type ToWorker } from '../model/wire.ts';
import { type ProcessUsage, readProcessUsage } from './process-clock.ts';

/** What a worker needs from its owner. */
export interface WorkerOptions {
  /** The heap (bytes) its first isolate is prepared for. */
  readonly heapBytes: number;
}

/** How a worker process ended. */
export interface WorkerExit {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last of what it wrote to stderr, bounded. */
  readonly stderr: string;
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

/** One worker process. */
export class WorkerProcess {
  readonly pid: number;
  /** The version of isolated-vm it runs; '' until ready. */
  isolatedVm = '';
  /** Runs placed in it so far. */
  runsStarted = 0;
  /** What the process used and held when it last had no run: the base its runs are measured from. */
  restUsage: ProcessUsage = { cpuMs: 0, rssBytes: 0 };
  /** Runs the pool has placed in it and not taken back. */
  placed = 0;
  readonly ready: Promise<void>;
  readonly exited: Promise<WorkerExit>;
  readonly #child: ChildProcess;
  readonly #channel: Socket;
  readonly #listeners = new Map<string, RunListener>();
  #stderr = '';
  #exit: WorkerExit | null = null;
  /** `performance.now()` of the last message. */
  heardAt = performance.now();
  #onReady: ((isolatedVm: string) => void) | null = null;

  constructor(options: WorkerOptions) {
    this.#child = spawn(process.execPath, workerArguments(options), {
      env: {},
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      // A session of its own: Ctrl-C in the terminal is for the supervisor, which ends its workers in order.
      detached: true,
      windowsHide: true,
    });
    this.pid = this.#child.pid ?? -1;
    this.exited = new Promise((resolve) => {
      const end = (exitCode: number | null, signal: NodeJS.Signals | null) => {
        if (this.#exit) return;
        this.#exit = { exitCode, signal, stderr: this.#stderr };
        resolve(this.#exit);
        for (const { gone } of [...this.#listeners.values()]) gone(this.#exit);
      };
      this.#child.once('close', end);
      this.#child.once('error', (error) => {
        this.#stderr += error.message;
        end(null, null);
      });
    });
    this.#channel = this.#child.stdio[3] as Socket;
    this.#listen();
    this.ready = this.#untilReady();
    // The owner may never look at it; a worker that fails to start is told to whoever awaits `ready`.
    this.ready.catch(() => undefined);
  }

  /** True once the process has ended. */
  get dead(): boolean {
    return this.#exit !== null;
  }

  /** Sends one message; silently nothing once the process is dead, whose end its owner hears of anyway. */
  send(message: ToWorker): void {
    if (this.dead || this.#channel.destroyed) return;
    this.#channel.write(toFrame(message));
    if (this.#channel.writableLength > UNSENT_BYTES_MAX) this.kill();
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

  /** Kills the process at once; {@link exited} tells when it is gone. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Keeps the supervisor's process alive for this worker, or no longer. */
  ref(active: boolean): void {
    // The pipe of stderr is a socket too, and would keep the process alive like the others.
    for (const each of [this.#child, this.#channel, this.#child.stderr as Socket | null]) {
      if (active) each?.ref();
      else each?.unref();
    }
  }

  #listen(): void {
    const reader = new FrameReader();
    this.#channel.on('data', (chunk: Buffer) => {
      this.heardAt = performance.now();
      try {
        for (const message of reader.push(chunk)) this.#take(FromWorker.parse(message));
      } catch (error) {
        // A worker that does not keep to the protocol has been taken over or is broken: it goes, its runs are lost.
        this.#stderr += `\nprotocol: ${error instanceof Error ? error.message.slice(0, 500) : 'violated'}`;
        this.kill();
      }
    });
    this.#channel.on('error', () => this.kill());
    this.#child.stderr?.setEncoding('utf8');
    this.#child.stderr?.on('data', (text: string) => {
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
      this.rest();
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Node's arguments for a worker: its permission model lets it read its own files and nothing else. */
function workerArguments({ heapBytes }: WorkerOptions): string[] {
  const here = fileURLToPath(import.meta.url);
  const extension = here.endsWith('.ts') ? '.ts' : '.js';
  const source = dirname(dirname(here));
  const worker = join(source, 'sandbox', `worker${extension}`);
  const isolatedVm = packageFolders(import.meta.url, 'isolated-vm');
  const gypBuild = packageFolders(join(isolatedVm.at(-1) ?? '', 'package.json'), 'node-gyp-build');
  const readable = [
    join(source, 'sandbox'),
    join(source, 'model'),
    join(source, '..', 'package.json'),
    ...isolatedVm,
    ...gypBuild,
    // node-gyp-build asks whether this exists, to tell musl from glibc.
    '/etc/alpine-release',
  ];
  return [
    '--no-node-snapshot',
    '--permission',
    '--allow-addons',
    ...readable.map((path) => `--allow-fs-read=${path}`),
    // Adding addons to the permission model prints a warning on every start; docs/sandbox.md says why they are needed.
    '--disable-warning=SecurityWarning',
    // Turboshaft drops the interrupt check from loops that call only built-ins (`for(;;) a.push([…].fill(1))`), so
    // that nothing but SIGKILL would stop them; TurboFan without it keeps the check, at no cost we could measure.
    '--no-turboshaft',
    // Node strips types with WebAssembly. When V8 collects such code on a background thread just as an isolate is
    // disposed of, that thread may let go of the isolate's last owner with the engine's lock held, and disposing takes
    // the same lock: the process then stands still for minutes. Nothing here makes enough of it to be worth collecting.
    '--no-wasm-code-gc',
    // Compiles whole files at once, so that the bridge's cached code holds all of it: half of a short run's time.
    '--no-lazy',
    '--max-old-space-size=256',
    worker,
    String(heapBytes),
  ];
}

/** A package's folder as Node looks for it and as it is, links followed (they differ under linking package managers). */
function packageFolders(from: string, name: string): string[] {
  const require = createRequire(from);
  const real = dirname(require.resolve(`${name}/package.json`));
  const folder = (require.resolve.paths(name) ?? []).find((each) => existsSync(join(each, name)));
  // Following a link needs leave to read the folder that holds it.
  return folder !== undefined && join(folder, name) !== real ? [folder, real] : [real];
}
