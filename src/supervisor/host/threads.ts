// Owns how many threads there are, against what a control group, the machine and this process's user may have.

import type { PressureReading } from '../../model/pressure.ts';
import type { ControlGroups } from './control-groups.ts';
import { fieldOf, type KernelFiles } from './kernel-files.ts';
import { softLimit } from './open-files.ts';
import { type Bound, toTightest } from './reading.ts';

/** A user's threads are counted, process by process, only when all of the machine come so near to the user's limit … */
const COUNT_FROM_SHARE = 0.5;
/** … and among so many processes at most. */
const PROCESSES_MAX = 4096;

/** Reads threads; null where the machine does not tell. */
export function readThreads(files: KernelFiles, groups: ControlGroups): PressureReading | null {
  // `load load load running/all last-pid`
  const loads = /\d+\/(\d+)/.exec(files.text('/proc/loadavg', 256) ?? '');
  const all = loads === null ? null : Number(loads[1]);
  const machine = ['threads-max', 'pid_max'].map(
    (name): Bound => ({
      of: 'machine',
      used: all,
      limit: files.count(`/proc/sys/kernel/${name}`),
    }),
  );
  const grouped = groups.of('pids').map(
    ({ path }): Bound => ({
      of: 'cgroup',
      used: files.count(`${path}/pids.current`),
      limit: files.count(`${path}/pids.max`),
    }),
  );
  return toTightest('threads', 'count', [...machine, ...grouped, ofUser(files, all)]);
}

function ofUser(files: KernelFiles, all: number | null): Bound {
  const limit = softLimit(files, 'Max processes');
  const uid = fieldOf(files.text('/proc/self/status'), 'Uid');
  // The kernel lets root start as many as it likes.
  if (limit === null || all === null || uid === null || uid === 0)
    return { of: 'process', used: null, limit: null };
  // All threads of the machine are the most that can be this user's.
  const used = all < limit * COUNT_FROM_SHARE ? all : countOf(files, uid);
  return { of: 'process', used, limit };
}

function countOf(files: KernelFiles, uid: number): number {
  let count = 0;
  const processes = files.names('/proc').filter((name) => /^\d+$/.test(name));
  for (const pid of processes.slice(0, PROCESSES_MAX)) {
    if (files.stat(`/proc/${pid}`)?.uid !== uid) continue;
    count += fieldOf(files.text(`/proc/${pid}/status`), 'Threads') ?? 0;
  }
  return count;
}
