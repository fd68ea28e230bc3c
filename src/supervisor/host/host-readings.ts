// Owns looking at everything the guard watches: which measures there are, how often each is read, and what is kept in between.

import type { PressureReading } from '../../model/pressure.ts';
import { readResidentBytes } from '../process-clock.ts';
import { ControlGroups } from './control-groups.ts';
import { CpuMeter } from './cpu.ts';
import { EventLoopMeter } from './event-loop.ts';
import { GpuMeter } from './gpu.ts';
import { KernelFiles } from './kernel-files.ts';
import { type MemoryRoom, readMemory, toBudgetRoom } from './memory.ts';
import { readOpenFiles } from './open-files.ts';
import { toTightest } from './reading.ts';
import { readStalls } from './stalls.ts';
import { readThreads } from './threads.ts';

/** A reading of memory is good for so long (ms): starts ask for it a thousand times a second. */
const MEMORY_FRESH_MS = 100;
/** What changes slowly, or costs more, is read at every so manieth look. */
const SLOW_EVERY_LOOKS = 5;
/** Timers, sockets and the like that this process has going. There is no limit; so many are nobody's intention. */
export const HANDLES_MAX = 50_000;

/** What {@link HostReadings} is told. */
export interface HostReadingsOptions {
  /** Of the workers, and of what starts them. */
  readonly childPids: () => readonly number[];
  /** Bytes that all of Corral may hold; null for no such budget. */
  readonly memoryBudgetBytes: () => number | null;
  /** The kernel's files; default the machine's own. */
  readonly files?: KernelFiles;
}

/** Reads the machine. */
export class HostReadings {
  readonly #options: HostReadingsOptions;
  readonly #files: KernelFiles;
  readonly #groups: ControlGroups;
  readonly #cpu: CpuMeter;
  readonly #loop = new EventLoopMeter();
  readonly #gpu = new GpuMeter();
  #memory: readonly MemoryRoom[] = [];
  #memoryAt = Number.NEGATIVE_INFINITY;
  #reading: PressureReading | null = null;
  #slow: readonly PressureReading[] = [];
  #looks = 0;

  constructor(options: HostReadingsOptions) {
    this.#options = options;
    this.#files = options.files ?? new KernelFiles();
    this.#groups = new ControlGroups(this.#files);
    this.#cpu = new CpuMeter(this.#files, this.#groups);
  }

  /** Begins what is measured all along, and what is counted from look to look anew; nothing where it has begun. */
  start(): void {
    if (!this.#loop.start()) return;
    this.#cpu.forget();
    this.#looks = 0;
  }

  /** Ends it. */
  stop(): void {
    this.#loop.stop();
    this.#gpu.stop();
  }

  /** Memory within each bound, at most {@link MEMORY_FRESH_MS} old. */
  memory(nowMs: number): readonly MemoryRoom[] {
    if (nowMs - this.#memoryAt < MEMORY_FRESH_MS) return this.#memory;
    this.#memoryAt = nowMs;
    const rooms = readMemory(this.#files, this.#groups);
    const budget = this.#options.memoryBudgetBytes();
    this.#memory = budget === null ? rooms : [...rooms, toBudgetRoom(budget, this.#held())];
    const bounds = this.#memory.map(({ of, totalBytes, availableBytes }) => ({
      of,
      used: totalBytes - availableBytes,
      limit: totalBytes,
    }));
    this.#reading = toTightest('memory', 'bytes', bounds);
    return this.#memory;
  }

  /** The memory of the tightest bound, as a reading as old at most. */
  memoryReading(nowMs: number): PressureReading | null {
    this.memory(nowMs);
    return this.#reading;
  }

  /** Everything but memory. To be called once a look, since some of it counts from look to look. */
  look(nowMs: number): readonly PressureReading[] {
    if (this.#looks % SLOW_EVERY_LOOKS === 0) this.#slow = this.#readSlow();
    // Not at the first: a corral of one short run starts no process for this.
    if (this.#looks > 0) this.#gpu.ask(nowMs);
    this.#looks += 1;
    const quick = [this.#cpu.read(nowMs), this.#loop.read(), this.#gpu.reading];
    return [...quick.filter((reading) => reading !== null), ...this.#slow];
  }

  #readSlow(): readonly PressureReading[] {
    const files = this.#files;
    const handles = process.getActiveResourcesInfo().length;
    const own = [{ of: 'process' as const, used: handles, limit: HANDLES_MAX }];
    return [
      readOpenFiles(files),
      readThreads(files, this.#groups),
      toTightest('handles', 'count', own),
      ...readStalls(files, this.#groups),
    ].filter((reading) => reading !== null);
  }

  /** What all processes of Corral hold together (bytes). Pages that they share are counted in each. */
  #held(): number {
    const workers = this.#options.childPids().map((pid) => readResidentBytes(pid) ?? 0);
    return workers.reduce((total, bytes) => total + bytes, process.memoryUsage.rss());
  }
}
