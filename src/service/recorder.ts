// Owns following runs into the history: what they tell is written soon, how they end is on disk before anybody is told.

import { basename } from 'node:path';
import type { Corral, EndEvent, FeedEvent, FeedPayload, Run } from '../corral.ts';
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

/** Follows a run into the history. @returns its end, once that is on disk or the disk has refused it */
export async function record(run: Run, history: History): Promise<EndEvent> {
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
  // It had not begun when the server went down: the next one begins it.
  if (end.refusal?.code === 'draining') {
    await writes.now(() => runs.setStatus(run.id, 'queued', at)).catch(() => undefined);
    return end;
  }
  // Where the disk refuses it, that was told by `writes`; the end itself stands.
  await writes
    .now(() => runs.end(run.id, end, at, end.dump === null ? null : basename(end.dump)))
    .catch(() => undefined);
  return end;
}

/** Follows what Corral as a whole tells into the history. @param tell called with each event once it has its number */
export function recordFeed(
  corral: Corral,
  history: History,
  tell: (event: FeedEvent) => void,
): Disposable {
  const { writes, events, dumps } = history;
  const leave = corral.onFeed(({ id: _, time, ...payload }) => {
    const told = payload as FeedPayload;
    // Where on this disk it lies is nobody's business.
    const event = told.type === 'dump' ? { ...told, path: basename(told.path) } : told;
    let id = 0;
    const keep = () => {
      if (event.type === 'dump') {
        const { path, runId: run, owner, macro, reason, fingerprint, place, bytes } = event;
        dumps.add({
          path,
          run,
          owner,
          macro,
          reason,
          fingerprint,
          place,
          time,
          bytes,
        });
      }
      id = events.add(time, event);
    };
    // A number that was taken back with its transaction is told to nobody.
    writes.soon(keep, () => tell({ ...event, id, time }));
  });
  return { [Symbol.dispose]: () => void leave() };
}
