// Owns a real memory cgroup for a child process, where this process may make one. Removed when the test is over.

import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ControlGroups } from '../../../src/supervisor/host/control-groups.ts';
import { KernelFiles } from '../../../src/supervisor/host/kernel-files.ts';
import { until } from './processes.ts';

/** A group with a limit. */
export interface MemoryGroup extends AsyncDisposable {
  /** What a process writes its pid to, to be in it. */
  readonly procs: string;
}

/** Makes a group that may hold so many bytes, below this process's own; says why not where that cannot be done. */
export function makeMemoryGroup(limitBytes: number): MemoryGroup | string {
  const [own] = new ControlGroups(new KernelFiles()).of('memory');
  if (!own) return 'this machine has no control groups';
  const path = join(own.path, `corral-test-${process.pid}`);
  const limitFile = join(path, own.version === 1 ? 'memory.limit_in_bytes' : 'memory.max');
  try {
    mkdirSync(path);
    if (!existsSync(limitFile)) throw new Error('memory is not controlled there');
    writeFileSync(limitFile, String(limitBytes));
  } catch (error) {
    if (existsSync(path)) rmdirSync(path);
    return `this process may make no memory cgroup: ${error instanceof Error ? error.message : error}`;
  }
  return {
    procs: join(path, 'cgroup.procs'),
    [Symbol.asyncDispose]: () =>
      until('the group to be empty', () => {
        try {
          rmdirSync(path);
        } catch {
          // Somebody is in there still.
        }
        return !existsSync(path);
      }),
  };
}
