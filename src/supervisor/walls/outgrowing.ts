// Owns trying whether the kernel kills a worker that outgrows its memory cgroup while nobody looks.

import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { readResidentBytes } from '../process-clock.ts';
import { toWorkerProgram } from '../worker-program.ts';
import { readGroupHome } from './group-home.ts';
import { Launched } from './launch.ts';

/** What came of it. */
export interface Outgrown {
  readonly limitMb: number;
  /** The most it held, as far as is known. */
  readonly heldMb: number;
  readonly isKilled: boolean;
}

const MB = 1024 * 1024;
/** Above what the probe holds at rest. */
const ROOM_BYTES = 64 * MB;
/** What it tries to take: a machine must bear that. */
const BYTES_MAX = 384 * MB;
/** A probe that has neither died nor told by then is broken (ms). */
const PATIENCE_MS = 60_000;

/** Has a probe take memory, with a limit; null where no cgroup can be made. */
export async function outgrowItsGroup(): Promise<Outgrown | null> {
  if (readGroupHome().home === null) return null;
  const order = JSON.stringify({ mode: 'grow', bytesMax: BYTES_MAX });
  const launched = new Launched(toWorkerProgram('probe', [order], { isNative: true }));
  const { channel, child } = launched;
  const late = new AbortController();
  const closed = once(child, 'closed');
  const patience = sleep(PATIENCE_MS, null, { signal: late.signal }).catch(() => null);
  try {
    await Promise.race([once(channel, 'data'), closed, patience]);
    await launched.located();
    const limitBytes = launched.limitMemory((readResidentBytes(launched.pid) ?? 0) + ROOM_BYTES);
    channel.write('x');
    const lived = once(channel, 'data').then(() => BYTES_MAX);
    // A channel that ends has told nothing.
    lived.catch(() => null);
    const heldBytes = await Promise.race([lived, closed.then(() => null), patience]);
    launched.kill();
    await closed;
    const outOfMemory = await launched.forgotten();
    return {
      limitMb: Math.round((limitBytes ?? 0) / MB),
      heldMb: Math.round((outOfMemory?.peakBytes ?? heldBytes ?? 0) / MB),
      isKilled: outOfMemory?.of === 'worker',
    };
  } finally {
    late.abort();
    launched.kill();
  }
}
