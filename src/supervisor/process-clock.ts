// Owns reading another process's CPU and memory from outside: the outer watchdog needs no word from the worker itself.

import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts a process's CPU in these (ms): USER_HZ is 100 on every supported machine. */
const TICK_MS = 10;

/** What a process has used. */
export interface ProcessUsage {
  /** CPU of all its threads, user and system (ms, in steps of 10). */
  readonly cpuMs: number;
  /** And of its first thread alone. */
  readonly firstThreadCpuMs: number;
  /** Resident memory, and what was swapped out (bytes). */
  readonly rssBytes: number;
}

/** Reads what a process holds, what was swapped out with it (bytes); null when it is gone, or on a system without /proc. */
export function readResidentBytes(pid: number): number | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const rss = /^VmRSS:\s+(\d+) kB$/m.exec(status);
    const swapped = /^VmSwap:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0;
    return rss === null ? null : (Number(rss[1]) + Number(swapped)) * 1024;
  } catch {
    return null;
  }
}

/** Reads a process's usage; null when it is gone, or on a system without /proc. */
export function readProcessUsage(pid: number): ProcessUsage | null {
  const cpuMs = readCpuMs(`/proc/${pid}/stat`);
  const firstThreadCpuMs = readCpuMs(`/proc/${pid}/task/${pid}/stat`);
  if (cpuMs === null || firstThreadCpuMs === null) return null;
  return { cpuMs, firstThreadCpuMs, rssBytes: readResidentBytes(pid) ?? 0 };
}

/** CPU by the `stat` file of a process or a thread (ms). */
function readCpuMs(file: string): number | null {
  try {
    const stat = readFileSync(file, 'utf8');
    // The name in brackets may hold anything: fields are counted from its end. utime and stime are fields 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  } catch {
    return null;
  }
}

/**
 * CPU of all threads of a process but its first one (ms, in steps of 10): in a worker, what macros use, and V8's helpers for
 * them. Null when it is gone, or on a system without /proc.
 */
export function readMacroCpuMs(pid: number): number | null {
  const used = readProcessUsage(pid);
  return used && used.cpuMs - used.firstThreadCpuMs;
}

/** How long each thread of a process was ready to run and got no turn (ms), by its number. */
export type RunDelays = ReadonlyMap<string, number>;

/** Reads that; empty when the process is gone, or where the kernel does not count it (`CONFIG_SCHED_INFO`). */
export function readRunDelays(pid: number): RunDelays {
  const delays = new Map<string, number>();
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`))
      delays.set(thread, readSchedule(pid, thread).delayMs);
  } catch {
    // It ended while it was read, or nothing is counted.
  }
  return delays;
}

/** The longest that one of its threads had to wait for its turns between two readings (ms). */
export function longestDelayMs(from: RunDelays, to: RunDelays): number {
  return Math.max(0, ...[...to].map(([thread, ms]) => ms - (from.get(thread) ?? ms)));
}

/** How often the first thread of a process got its turn so far; null when it is gone, or where the kernel does not count it. */
export function readTurns(pid: number): number | null {
  try {
    return readSchedule(pid, String(pid)).turns;
  } catch {
    return null;
  }
}

/** How a thread was scheduled so far. The file has ns on a processor, ns ready for one, and how often it got one. */
function readSchedule(
  pid: number,
  thread: string,
): { readonly delayMs: number; readonly turns: number } {
  const stat = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8');
  const [, delayNs, turns] = stat.split(' ').map(Number);
  return { delayMs: (delayNs ?? 0) / 1e6, turns: turns ?? 0 };
}
