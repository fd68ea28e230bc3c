// Owns what the death of a worker means for a run in it.

import type { Cause } from './ending.ts';
import type { WorkerExit } from './worker-process.ts';

/** What is known of a run whose worker died. */
export interface Bereaved {
  /** Its heap limit, and its last and largest reading (bytes). */
  readonly heapBytes: number;
  readonly lastHeapBytes: number;
  readonly peakHeapBytes: number;
  /** What its process held before it had any run (bytes). */
  readonly restBytes: number;
  /** True when no other run was in the process. */
  readonly isAlone: boolean;
}

/** A heap so full died of nothing else. */
const FULL_SHARE = 0.8;

/** Why a run ends whose worker died: by its own memory, or because its process was lost. */
export function toCauseOfDeath(exit: WorkerExit, run: Bereaved): Cause {
  if (!diedOfItsMemory(exit, run))
    return { reason: 'worker-lost', limit: null, message: toDeath(exit) };
  const { heapBytes, peakHeapBytes, restBytes } = run;
  const grown = (exit.outOfMemory?.peakBytes ?? 0) - restBytes;
  const measured = Math.max(peakHeapBytes, grown, heapBytes);
  return { reason: 'heap-limit', limit: { name: 'heap', measured }, message: null };
}

function diedOfItsMemory({ stderr, outOfMemory, why }: WorkerExit, run: Bereaved): boolean {
  if (why !== null) return false;
  // V8 says so itself when an isolate's memory ends the process, and so does the kernel.
  const isSaid =
    outOfMemory?.of === 'worker' || /out of memory|heap limit|allocation fail/i.test(stderr);
  const isFull = run.lastHeapBytes > run.heapBytes * FULL_SHARE;
  // Among several, whose memory it was is told by their own last readings only.
  return run.isAlone ? isSaid || isFull : isSaid && isFull;
}

function toDeath({ exitCode, signal, outOfMemory, why }: WorkerExit): string {
  if (why !== null) return why;
  switch (outOfMemory?.of) {
    case 'machine':
      return 'the machine ran out of memory, and the kernel killed the process it ran in';
    case 'worker':
      return 'the process it ran in held too much memory, and the kernel killed it';
    case undefined:
      return `the process it ran in died (${signal ?? `exit code ${exitCode}`})`;
  }
}
