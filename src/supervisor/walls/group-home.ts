// Owns where memory cgroups are made on this machine: below a cgroup that this process is in, so that every limit on it
// holds for its workers too. Moves no process of its own accord but workers, and sweeps what killed supervisors left.

import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { isForsaken } from './bubblewrap.ts';
import { GROUP_FILES, type GroupVersion } from './group-files.ts';

/** Where a cgroup is found in the file system. */
export interface GroupFolder {
  readonly folder: string;
  readonly version: GroupVersion;
}

/** In which cgroup they are made, or why in none: a clause without a full stop. */
export type FoundHome =
  | { readonly home: GroupFolder }
  | { readonly home: null; readonly why: string };

/** What the kernel says of a process's cgroups and of what is mounted. */
export interface KernelTold {
  /** `/proc/self/cgroup` */
  readonly cgroups: string;
  /** `/proc/self/mountinfo` */
  readonly mounts: string;
}

const NAME = /^corral-(\d+)-(\d+)-[0-9a-f]{12}$/;

let found: FoundHome | null = null;

/** Finds out at the first call, which takes about 1 ms; sweeps then. */
export function readGroupHome(): FoundHome {
  found ??= findGroupHome();
  return found;
}

/** Makes a cgroup for one worker; null where none can be made. */
export function makeGroup(): GroupFolder | null {
  const { home } = readGroupHome();
  return home && makeIn(home);
}

/** @param told default: what the kernel tells now */
export function findGroupHome(told: KernelTold | null = readKernel()): FoundHome {
  if (told === null) return { home: null, why: 'this system has no cgroups' };
  const candidates = toCandidates(told);
  if (candidates.length === 0) return { home: null, why: 'no memory cgroup is mounted' };
  let why = '';
  for (const candidate of candidates) {
    const said = whyNotIn(candidate);
    if (said === null) {
      sweepGroups(candidate.folder);
      return { home: candidate };
    }
    why ||= said;
  }
  return { home: null, why };
}

/** Removes the cgroups of supervisors that are gone; false while somebody is still in one. */
export function sweepGroups(folder = readGroupHome().home?.folder ?? null): boolean {
  if (folder === null) return true;
  let isSwept = true;
  for (const name of readdirSync(folder)) {
    const [, pid = '', startedAt] = NAME.exec(name) ?? [];
    if (pid === '' || startTicks(pid) === startedAt) continue;
    endForsaken(join(folder, name));
    try {
      rmdirSync(join(folder, name));
    } catch {
      // Somebody is in there still, or another Corral was faster.
      isSwept &&= !existsSync(join(folder, name));
    }
  }
  return isSwept;
}

/** Kills what waits in there for ever: nobody else is left who would. */
function endForsaken(group: string): void {
  try {
    const pids = readFileSync(join(group, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean);
    for (const pid of pids.map(Number)) if (isForsaken(pid)) process.kill(pid, 'SIGKILL');
  } catch {
    // The group, or the process, is gone by now.
  }
}

function readKernel(): KernelTold | null {
  try {
    return {
      cgroups: readFileSync('/proc/self/cgroup', 'utf8'),
      mounts: readFileSync('/proc/self/mountinfo', 'utf8'),
    };
  } catch {
    return null;
  }
}

/** Where a memory cgroup could be made, the best first; the controller is in one of the two versions only. */
function toCandidates({ cgroups, mounts }: KernelTold): GroupFolder[] {
  const v1 = /^\d+:(?:[^:\n]*,)?memory(?:,[^:\n]*)?:(.*)$/m.exec(cgroups)?.[1];
  if (v1 !== undefined) {
    const folder = toFolder(
      v1,
      mounts,
      (kind, options) => kind === 'cgroup' && options.has('memory'),
    );
    return folder === null ? [] : [{ folder, version: 1 }];
  }
  const v2 = /^0::(.*)$/m.exec(cgroups)?.[1];
  const folder = v2 === undefined ? null : toFolder(v2, mounts, (kind) => kind === 'cgroup2');
  if (folder === null) return [];
  // In version 2 a cgroup with processes in it can have no children with limits. Where this process was put into one of
  // its own below one that was given to it (systemd's DelegateSubgroup), workers go beside it.
  const above =
    v2 === '/' || !isAlone(folder) ? [] : [{ folder: dirname(folder), version: 2 as const }];
  return [{ folder, version: 2 }, ...above];
}

/** The folder of a cgroup; null where it is not mounted. */
function toFolder(
  path: string,
  mounts: string,
  isIt: (kind: string, options: ReadonlySet<string>) => boolean,
): string | null {
  for (const line of mounts.split('\n')) {
    const [left = '', right = ''] = line.split(' - ');
    const [, , , root = '', point = ''] = left.split(' ');
    const [kind = '', , options = ''] = right.split(' ');
    if (!isIt(kind, new Set(options.split(',')))) continue;
    // In a container only a part of the tree may be mounted.
    if (root === '/') return join(point, path);
    if (path === root || path.startsWith(`${root}/`)) return join(point, path.slice(root.length));
  }
  return null;
}

/**
 * True where nobody but this process's cgroup is in the one above it, and its own has no limit: then workers beside it are
 * under the very limits that they would be under below it.
 */
function isAlone(folder: string): boolean {
  try {
    const above = readdirSync(dirname(folder), { withFileTypes: true });
    const others = above.filter(
      (each) =>
        each.isDirectory() && join(dirname(folder), each.name) !== folder && !NAME.test(each.name),
    );
    return (
      others.length === 0 &&
      ['memory.max', 'cpu.max', 'pids.max'].every((file) => !hasLimit(join(folder, file)))
    );
  } catch {
    return false;
  }
}

function hasLimit(file: string): boolean {
  try {
    return !readFileSync(file, 'utf8').startsWith('max');
  } catch {
    // This controller is not there.
    return false;
  }
}

/** Makes one and sets its limit, to see; null where that works. */
function whyNotIn(home: GroupFolder): string | null {
  try {
    if (home.version === 2) enableMemory(home.folder);
    const trial = makeIn(home);
    const { limit, none } = GROUP_FILES[home.version];
    try {
      writeFileSync(join(trial.folder, limit), none, { flag: 'r+' });
    } finally {
      rmdirSync(trial.folder);
    }
    return null;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'EBUSY'
      ? 'this process is in a cgroup that is not its alone'
      : message.replace(/, \w+ '.*$/s, '').slice(0, 200);
  }
}

function enableMemory(folder: string): void {
  const file = join(folder, 'cgroup.subtree_control');
  if (readFileSync(file, 'utf8').split(/\s+/).includes('memory')) return;
  writeFileSync(file, '+memory', { flag: 'r+' });
}

function makeIn({ folder, version }: GroupFolder): GroupFolder {
  const name = `corral-${process.pid}-${startTicks('self')}-${randomBytes(6).toString('hex')}`;
  const own = join(folder, name);
  mkdirSync(own);
  return { folder: own, version };
}

/** When a process was started, in the kernel's ticks: a pid alone may be another's by now. Null for one that is gone. */
function startTicks(pid: string): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Field 22; the name in brackets may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
