// Owns telling processes apart from outside: by pid and the moment they started, since a pid alone may be another's by now.
// Linux only; elsewhere nothing is known, and nothing is surely anybody's.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A process as the kernel tells of it. */
export interface ProcessFacts {
  readonly pid: number;
  readonly parentPid: number;
  /** The user it runs as; null where unknown. */
  readonly uid: number | null;
  /** When it started, in the kernel's own count since boot: with the pid, this is who it is. */
  readonly startedAtTick: number;
  readonly name: string;
  readonly args: readonly string[];
  /** The program file; null where that may not be known. */
  readonly program: string | null;
  /** Resident memory (bytes). */
  readonly residentBytes: number;
  /** True for the first process of a process namespace within this one. */
  readonly isInit: boolean;
}

/** The kernel counts pages of this size on every machine Corral runs on (bytes); only sums for people depend on it. */
const PAGE_BYTES = 4096;

/** Reads what is known of a process; null when it is gone, is a zombie, or on a system without /proc. */
export function readProcess(pid: number): ProcessFacts | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may hold anything: fields are counted from its end.
    const end = stat.lastIndexOf(')');
    const fields = stat.slice(end + 2).split(' ');
    const state = fields[0] ?? '';
    if (state === 'Z' || state === 'X') return null;
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return {
      pid,
      parentPid: Number(fields[1]),
      uid: uidIn(status),
      startedAtTick: Number(fields[19]),
      name: stat.slice(stat.indexOf('(') + 1, end),
      args: readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1),
      program: programOf(pid),
      residentBytes: Number(fields[21]) * PAGE_BYTES,
      isInit: /^NSpid:.*\s\d+\s+1$/m.test(status),
    };
  } catch {
    return null;
  }
}

/** The pids of all processes; none on a system without /proc. */
export function listPids(): readonly number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** True when this very process is still there. */
export function isStill({
  pid,
  startedAtTick,
}: Pick<ProcessFacts, 'pid' | 'startedAtTick'>): boolean {
  return readProcess(pid)?.startedAtTick === startedAtTick;
}

/** Not the owner of its folder in /proc, which is root for a process that has changed its user. */
function uidIn(status: string): number | null {
  const uid = /^Uid:\s+(\d+)/m.exec(status)?.[1];
  return uid === undefined ? null : Number(uid);
}

function programOf(pid: number): string | null {
  try {
    // One whose file was replaced by an update is the same program still.
    return readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '');
  } catch {
    return null;
  }
}
