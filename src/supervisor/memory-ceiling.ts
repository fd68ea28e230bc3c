// Owns the memory ceiling of worker processes: what they hold is looked at from outside, the sooner again the nearer it is
// to the ceiling, and what would be above it at the next look is killed now. What outruns that the kernel kills, by a limit
// that stands higher: it does not know whose memory it is.

import type { Drive } from './drive.ts';
import { readResidentBytes } from './process-clock.ts';
import type { WorkerProcess } from './worker-process.ts';

/**
 * Memory beyond a run's heap limit before its process is killed (bytes): V8's own room, code, and garbage. What is promised
 * is 128 MB; the rest is for what it still fills before the kill arrives.
 */
const RSS_SLACK_BYTES = 112 * 1024 * 1024;
/**
 * And before the kernel kills it (bytes): a look that comes as late as on the busiest machine comes first, and what the
 * kernel counts besides (page tables, pipes, files read) has its room.
 */
const KERNEL_SLACK_BYTES = 256 * 1024 * 1024;
/** What one more sleeping macro may take in a shared worker (bytes). */
const SHARED_RUN_BYTES = 4 * 1024 * 1024;
/** How often to look while all are far from their ceilings (ms): what one can fill in between is less than its slack. */
const FAR_MS = 16;
/** And while one is not (ms). */
const NEAR_MS = 3;
/** Nearer than this to its ceiling is near (bytes). The fastest growth that we measured was 4 MB a ms. */
const NEAR_BYTES = 112 * 1024 * 1024;

/** A process with runs in it. */
export interface Held {
  readonly worker: WorkerProcess;
  readonly drives: ReadonlySet<Drive>;
  /** What it held before its runs began (bytes). */
  readonly restBytes: number;
  /** The most runs that were in it since: what has ended gives its memory back a while later. */
  readonly most: number;
}

/** Watches the memory of worker processes while there are any. */
export class MemoryCeiling {
  readonly #held: () => Iterable<Held>;
  readonly #last = new WeakMap<WorkerProcess, number>();
  #timer: NodeJS.Timeout | null = null;

  /** @param held the processes to look at, asked at each look */
  constructor(held: () => Iterable<Held>) {
    this.#held = held;
  }

  /** Starts looking; nothing where it does already. */
  start(): void {
    this.#timer ??= setTimeout(() => this.#look(), NEAR_MS).unref();
  }

  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Sets the kernel's limit for a process anew: to be called whenever other runs are in it than before. */
  limit(held: Held): void {
    const bytes = toCeiling(held) - RSS_SLACK_BYTES + KERNEL_SLACK_BYTES;
    // A snapshot needs as much again, and nobody else works there meanwhile.
    held.worker.limitMemory(isTakingSnapshot(held) ? null : bytes);
  }

  #look(): void {
    let isNear = false;
    for (const held of this.#held()) {
      if (isTakingSnapshot(held)) {
        this.limit(held);
        continue;
      }
      const bytes = readResidentBytes(held.worker.pid);
      if (bytes === null) continue;
      const room = toCeiling(held) - bytes;
      const grown = bytes - (this.#last.get(held.worker) ?? bytes);
      this.#last.set(held.worker, bytes);
      if (room < NEAR_BYTES) isNear = true;
      // Growing on as it did since the last look, it would be above the ceiling at the next.
      if (room < 0 || (grown > 0 && room < grown)) kill(held, bytes - held.restBytes);
    }
    this.#timer = setTimeout(() => this.#look(), isNear ? NEAR_MS : FAR_MS).unref();
  }
}

function isTakingSnapshot({ drives }: Held): boolean {
  return [...drives].some((drive) => drive.isTakingSnapshot);
}

/** What the process may hold (bytes). */
function toCeiling({ drives, restBytes, most }: Held): number {
  const heaps = [...drives].map((drive) => drive.limits.heapBytes);
  return (
    restBytes +
    Math.max(...heaps) +
    RSS_SLACK_BYTES +
    (Math.max(most, drives.size) - 1) * SHARED_RUN_BYTES
  );
}

function kill({ worker, drives }: Held, measured: number): void {
  const [alone] = drives;
  if (drives.size === 1 && alone)
    alone.kill({ reason: 'heap-limit', limit: { name: 'heap', measured }, message: null });
  // Whose memory it is cannot be told from outside: the process goes, and each run in it is told so.
  else
    for (const drive of drives) drive.kill({ reason: 'worker-lost', limit: null, message: null });
  // Also one whose end is decided and that is only being looked at: it goes on growing meanwhile.
  worker.kill();
}
