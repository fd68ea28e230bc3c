// Owns ending, at a server's start, the processes that one that was killed before could not end.

import { endStrayWorker, listStrayWorkers } from '../../control/stray-workers.ts';

/** Ends them all; gives how many are gone. Never rejects: what may not be ended is `corral cleanup`'s to tell. */
export async function endStrays(): Promise<number> {
  const ended = await Promise.allSettled(listStrayWorkers().map(endStrayWorker));
  return ended.filter((each) => each.status === 'fulfilled' && each.value).length;
}
