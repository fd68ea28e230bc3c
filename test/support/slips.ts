// Owns knowing a slip of Corral's own from what a process has written: an exception nobody caught, or a promise nobody awaited
// that failed. Loaded before the tests (see `npm test`), it fails the test in which a worker ends that way.

import { subscribe } from 'node:diagnostics_channel';
import type { WorkerExitNote } from '../../src/supervisor/worker-process.ts';

/** What Node writes last of all, what a worker writes of itself, and what the command line says. */
const SLIP = /^Node\.js v\d+\.\d+\.\d+\s*$|^corral worker: |^Corral itself is broken/m;

/** The text of a slip in what a process has written to stderr; null where there is none. */
export function slipIn(stderr: string): string | null {
  return SLIP.test(stderr) ? stderr : null;
}

subscribe('corral:worker-exit', (note) => {
  const { pid, stderr } = note as WorkerExitNote;
  const slip = slipIn(stderr);
  if (slip === null) return;
  // Not in here: a channel keeps what its listeners throw to itself until the next turn anyway.
  queueMicrotask(() => {
    throw new Error(`worker ${pid} ended by a slip of Corral's own:\n${slip}`);
  });
});
