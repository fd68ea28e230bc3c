// Owns a drain: nothing more is let in, what runs may go on until its time is up, and the rest is stopped.

import { setTimeout as sleep } from 'node:timers/promises';
import { formatDuration } from '../../model/limits.ts';
import type { Run } from '../run.ts';
import type { Gate } from './gate.ts';
import type { Turned } from './waiting.ts';

/** How a drain goes. */
export interface DrainOptions {
  /** How long runs may go on (ms). Default: `load.drainMs`. */
  readonly deadlineMs?: number;
  /** Stops at once what is left when it aborts. */
  readonly signal?: AbortSignal;
}

/** What became of the runs. */
export interface DrainReport {
  /** Those that came to their own end. */
  readonly finished: number;
  /** Those that were stopped when their time was up. */
  readonly stopped: number;
  /** Those that had not begun. */
  readonly refused: number;
}

const DRAINING: Turned = {
  refusal: { code: 'draining', retryAfterMs: null },
  message: 'this Corral is being shut down and starts nothing more; start it again on the next one',
};

/** Drains a gate of its runs; resolves when all have ended. */
export async function drain(
  runs: readonly Run[],
  gate: Gate,
  { deadlineMs, signal }: DrainOptions & { readonly deadlineMs: number },
): Promise<DrainReport> {
  gate.shut(DRAINING);
  const all = Promise.all(runs.map(({ result }) => result));
  const isOver = new AbortController();
  await Promise.race([all, timeIsUp(deadlineMs, [isOver.signal, ...(signal ? [signal] : [])])]);
  isOver.abort();
  const left = runs.filter(({ state }) => state !== 'ended');
  const why = signal?.aborted
    ? 'the corral is being shut down at once'
    : `the corral is being shut down, and ${formatDuration(deadlineMs)} were over`;
  await Promise.all(left.map((run) => run.stop(why)));
  const refused = (await all).filter(({ refusal }) => refusal?.code === 'draining').length;
  return { finished: runs.length - left.length - refused, stopped: left.length, refused };
}

async function timeIsUp(ms: number, signals: readonly AbortSignal[]): Promise<void> {
  const signal = AbortSignal.any([...signals]);
  await sleep(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
