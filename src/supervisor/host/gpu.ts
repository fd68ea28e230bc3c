// Owns how full the memory of graphics cards is, as `nvidia-smi` tells, where that is installed. Asked rarely, never waited for.

import { type ChildProcess, execFile } from 'node:child_process';
import type { PressureReading } from '../../model/pressure.ts';
import { type Bound, toTightest } from './reading.ts';

/** It takes a good part of a second each time, most of it in the driver. */
const EVERY_MS = 60_000;
/** One that hangs is killed after so long (ms). */
const GIVE_UP_MS = 5_000;
const OUTPUT_BYTES_MAX = 64 * 1024;
const MB = 1024 * 1024;
const QUERY = ['--query-gpu=memory.used,memory.total', '--format=csv,noheader,nounits'];

/** Asks for the memory of graphics cards now and then. */
export class GpuMeter {
  /** The last answer; null before there is one, and where there is none to be had. */
  reading: PressureReading | null = null;
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking: ChildProcess | null = null;
  #isAbsent = false;

  /** True once it turned out that there is no such program here. */
  get isAbsent(): boolean {
    return this.#isAbsent;
  }

  /** Asks anew if that is due; the answer stands in {@link reading} some time later. */
  ask(nowMs: number): void {
    if (this.#isAbsent || this.#asking || nowMs - this.#askedAt < EVERY_MS) return;
    this.#askedAt = nowMs;
    const { PATH = '' } = process.env;
    const options = {
      env: { PATH },
      timeout: GIVE_UP_MS,
      killSignal: 'SIGKILL',
      maxBuffer: OUTPUT_BYTES_MAX,
    } as const;
    this.#asking = execFile('nvidia-smi', QUERY, options, (error, stdout) => {
      this.#asking = null;
      if (error && 'code' in error && error.code === 'ENOENT') this.#isAbsent = true;
      this.reading = error ? null : toReading(stdout);
    });
    // Nobody's process stays for an answer nobody waits for.
    this.#asking.unref();
    for (const pipe of [this.#asking.stdin, this.#asking.stdout, this.#asking.stderr])
      (pipe as { unref?(): void } | null)?.unref?.();
  }

  /** Asks no more. */
  stop(): void {
    // Node kills whatever number lies about in memory for one that could not be started and has not said so yet: it was 0 at
    // times, which is all in this process's own group.
    if (this.#asking?.pid !== undefined) this.#asking.kill('SIGKILL');
  }
}

/** `1024, 8192` a line and card, in MB; `[N/A]` where a card does not tell. The fullest counts. */
function toReading(text: string): PressureReading | null {
  const cards = text.split('\n').map((line): Bound => {
    const [, used, total] = /^\s*(\d+),\s*(\d+)\s*$/.exec(line) ?? [];
    const known = used !== undefined && total !== undefined;
    return {
      of: 'machine',
      used: known ? Number(used) * MB : null,
      limit: known ? Number(total) * MB : null,
    };
  });
  return toTightest('gpu-memory', 'bytes', cards);
}
