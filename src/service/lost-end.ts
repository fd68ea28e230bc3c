// Owns how a run ends in the history that was under way when its server was killed.

import type { EndEvent } from '../corral.ts';
import type { StoredRun } from '../store/history/runs.ts';

/** The end of a run that nobody saw end. */
export function lostEnd({ id, macro, startedAt }: StoredRun, at: number): EndEvent {
  return {
    type: 'end',
    runId: id,
    macro,
    status: 'killed',
    reason: 'worker-lost',
    message: 'the server was killed while it ran; what it had done by then is in its commands',
    value: null,
    error: null,
    line: null,
    column: null,
    file: `${macro}.js`,
    limit: null,
    durationMs: startedAt === null ? 0 : Math.max(0, at - startedAt),
    cpuMs: 0,
    peakHeap: 0,
    commands: 0,
    refusal: null,
    attempts: 1,
    dump: null,
  };
}
