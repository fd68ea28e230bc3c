// Owns following runs into the history: what they tell is written soon, how they end is on disk before anybody is told.

import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EndEvent, FeedEvent, FeedPayload, Run } from '../corral.ts';
import type { RunStatus } from '../model/history.ts';
import type { RunState } from '../model/outcome.ts';
import type { Tally } from '../store/history/details.ts';
import type { History } from '../store/history/history.ts';

/** States that the history tells apart; a run is told to be running once it has a worker. */
const STATUS: Partial<Record<RunState, RunStatus>> = {
  starting: 'running',
  running: 'running',
  paused: 'paused',
};

/** How soon an end that the disk has refused is written again (ms). */
const WRITE_AGAIN_MS = 2_000;

/**
 * Follows a run into the history.
 * @param signal aborted when the server ends: what the disk still refuses then is the next one's to find
 * @returns its end, once that is on disk
 */
export async function record(run: Run, history: History, signal: AbortSignal): Promise<EndEvent> {
  const { writes, runs, details } = history;
  const tally: Tally = { commands: 0, logs: 0, samples: 0 };
  run.on('admission', ({ risk }) => writes.soon(() => runs.setRisk(run.id, risk)));
  run.on('state', ({ state }) => {
    const status = STATUS[state];
    const at = Date.now();
    if (status) writes.soon(() => runs.setStatus(run.id, status, at));
  });
  run.on('command', (event) => {
    const n = tally.commands++;
    writes.soon(() => details.addCommand(run.id, n, event));
  });
  run.on('log', (event) => {
    const n = tally.logs++;
    writes.soon(() => details.addLog(run.id, n, event));
  });
  run.on('sample', (event) => {
    const n = tally.samples++;
    writes.soon(() => details.addSample(run.id, n, event));
  });
  const end = await run.result;
  const at = Date.now();
  const dump = end.dump === null ? null : basename(end.dump);
  // One that had not begun when the server went down is the next one's to begin.
  const keep = () =>
    end.refusal?.code === 'draining' ? runs.leave(run.id) : runs.end(run.id, end, at, dump);
  await untilWritten(() => writes.now(keep), signal);
  return end;
}

/** Writes again and again until the disk takes it: a run that has ended must not look as if it ran. Never rejects. */
async function untilWritten(write: () => Promise<void>, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      // That the disk refuses it is told by `writes`.
      return await write();
    } catch {
      if (signal.aborted) return;
      await sleep(WRITE_AGAIN_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}

/** Keeps an event of the house. @param time ms since 1970 */
export type KeepEvent = (time: number, payload: FeedPayload) => void;

/** Keeps events in the history. @param tell called with each once it has its number */
export function eventKeeper(history: History, tell: (event: FeedEvent) => void): KeepEvent {
  const { writes, events, dumps } = history;
  return (time, told) => {
    // Where on this disk it lies is nobody's business.
    const event = told.type === 'dump' ? { ...told, path: basename(told.path) } : told;
    let id = 0;
    const keep = () => {
      if (event.type === 'dump') {
        const { path, runId: run, owner, macro, reason, fingerprint, place, bytes } = event;
        dumps.add({ path, run, owner, macro, reason, fingerprint, place, time, bytes });
      }
      id = events.add(time, event);
    };
    // A number that was taken back with its transaction is told to nobody.
    const written = () => tell({ ...event, id, time });
    // Of runs there are very many, and how each ended is kept with itself.
    if (event.type === 'run') writes.soon(keep, written);
    else writes.surely(keep, written);
  };
}
