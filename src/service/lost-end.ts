// Owns how a run ends in the history that was under way when its server was killed.

import type { EndEvent } from '../corral.ts';
import type { StoredRun } from '../store/history/runs.ts';

/** What was seen of a run that nobody saw end. */
export interface Seen {
  readonly commands: number;
  readonly cpuMs: number;
  /** Bytes; 0 where nobody looked. */
  readonly peakHeap: number;
}

/** The end of a run that nobody saw end. @param message why, one line */
export function lostEnd(
  { id, macro, startedAt }: StoredRun,
  { commands, cpuMs, peakHeap }: Seen,
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
