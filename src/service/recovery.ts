// Owns taking up what a server that was killed has left: what had not begun begins, of what had begun it is said that it was
// lost.

import type { EndEvent, FeedPayload } from '../corral.ts';
import type { RunDetails } from '../store/history/details.ts';
import type { History } from '../store/history/history.ts';
import type { StoredRun } from '../store/history/runs.ts';

/** What became of the runs of the server before. */
export interface Recovered {
  readonly begun: number;
  readonly lost: number;
}

/** Who begins what waited, and who is told of what was lost. */
export interface RecoveryPorts {
  /** @returns why it cannot begin; null where it does */
  begin(left: StoredRun): string | null;
  /** @param at ms since 1970 */
  ended(at: number, lost: { readonly owner: string; readonly end: EndEvent }): void;
}

const KILLED = 'the server was killed while it ran; what it had done by then is in its commands';

/** Takes up every run that another server process has not ended; resolves once that is on disk. @throws what the disk says */
export async function recover(history: History, ports: RecoveryPorts): Promise<Recovered> {
  const { runs, details, writes, server } = history;
  let begun = 0;
  let lost = 0;
  for (const left of runs.unfinished(server)) {
    const problem = hasBegun(left) ? KILLED : ports.begin(left);
    if (problem === null) {
      begun += 1;
      writes.soon(() => runs.adopt(left.id, server));
      continue;
    }
    lost += 1;
    const at = Date.now();
    const end = lostEnd(left, details.seenOf(left.id), at, problem);
    writes.soon(() => runs.end(left.id, end, at, null));
    ports.ended(at, { owner: left.owner, end });
  }
  await writes.flush();
  return { begun, lost };
}

/** A run that is paused may have begun, or wait to. */
function hasBegun({ status, startedAt }: StoredRun): boolean {
  return status !== 'queued' && !(status === 'paused' && startedAt === null);
}

/** The event of an end that no run tells by itself. */
export function lostEvent(owner: string, end: EndEvent): FeedPayload {
  const { runId, macro, reason, message } = end;
  return { type: 'run', runId, macro, owner, state: 'ended', reason, risk: null, message };
}

/** The end of a run that nobody saw end. @param message why, one line */
function lostEnd(
  { id, macro, startedAt }: StoredRun,
  { commands, cpuMs, peakHeap }: ReturnType<RunDetails['seenOf']>,
  at: number,
  message: string,
): EndEvent {
  return {
    type: 'end',
    runId: id,
    macro,
    status: 'killed',
    reason: 'worker-lost',
    message,
    value: null,
    error: null,
    line: null,
    column: null,
    file: `${macro}.js`,
    limit: null,
    durationMs: startedAt === null ? 0 : Math.max(0, at - startedAt),
    cpuMs,
    peakHeap,
    commands,
    refusal: null,
    attempts: 1,
    dump: null,
  };
}
