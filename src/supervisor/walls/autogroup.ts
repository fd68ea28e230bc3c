// Owns how much a session gives way as a whole. Where the kernel shares the processor out by session first (`sched_autogroup`,
// unless a CPU cgroup does), nice values count only within one, and each worker has a session of its own.

import { writeFileSync } from 'node:fs';

/** Whoever is not root may say so ten times a second, all processes of the machine together (ms). */
const AGAIN_MS = 110;

/** What could not be said yet: nice values by a process of the session. */
const waiting = new Map<number, number>();
let timer: NodeJS.Timeout | null = null;

/** Sets the nice value (0 to 19) of the session of a process, soon; nothing where there is no such thing. */
export function giveWay(pid: number, nice: number): void {
  waiting.set(pid, nice);
  if (!timer) say();
}

/** The process is gone, and its number may become another's. */
export function forgetSession(pid: number): void {
  waiting.delete(pid);
}

function say(): void {
  timer = null;
  for (const [pid, nice] of waiting) {
    try {
      writeFileSync(`/proc/${pid}/autogroup`, String(nice));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') {
        timer = setTimeout(say, AGAIN_MS).unref();
        return;
      }
      // It is gone, or this kernel groups by nothing.
    }
    waiting.delete(pid);
  }
}
