// Owns made-up Corrals and runs for tests of what `corral top` shows.

import { type CorralView, FIRST_UI, type TopView } from '../../../../src/cli/top/view.ts';
import type { ControlSnapshot, RunFigures } from '../../../../src/model/control.ts';

export const MB = 2 ** 20;
/** A time whose clock reads the same in every time zone's minutes. */
export const NOW = Date.UTC(2026, 10, 24, 12, 0, 5);

/** A run that has been going on for ten seconds. */
export function run(id: string, other: Partial<RunFigures> = {}): RunFigures {
  return {
    id,
    macro: id,
    owner: 'local',
    state: 'running',
    cpuShare: 0.5,
    cpuMs: 100,
    cpuMsMax: 10_000,
    heapBytes: 32 * MB,
    heapBytesMax: 128 * MB,
    commands: 10,
    commandsPerSecond: 2.5,
    risk: 0.2,
    since: NOW - 10_000,
    ...other,
  };
}

/** A Corral with these runs. */
export function corral(
  pid: number,
  runs: readonly RunFigures[],
  other: Partial<ControlSnapshot> = {},
): CorralView {
  const queued = runs.filter(({ state }) => state === 'queued').length;
  const snapshot: ControlSnapshot = {
    time: NOW,
    version: '0.1.0',
    pid,
    startedAt: NOW - 60_000,
    level: 'medium',
    emergency: false,
    emergencyOrder: null,
    load: { active: runs.length - queued, activeMax: 100, queued, workers: 1 },
    memory: { ownBytes: 60 * MB, workerBytes: 40 * MB },
    runs: [...runs],
    runsOmitted: 0,
    ...other,
  };
  return { path: `/s/corral-${pid}.sock`, pid, snapshot, problem: null };
}

/** What is shown of them. */
export function view(corrals: readonly CorralView[], other: Partial<TopView> = {}): TopView {
  return {
    now: NOW,
    dir: '.corral/control',
    corrals,
    events: [],
    machine: { memoryUsed: 8 * 1024 * MB, memoryTotal: 16 * 1024 * MB, cpuShare: 0.25, cores: 4 },
    ui: FIRST_UI,
    ...other,
  };
}
