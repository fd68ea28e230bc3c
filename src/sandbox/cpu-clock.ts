// Owns reading the CPU that macros use in this process, from the process's and the main thread's own clocks, and waiting by it.

import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_MS = 3;

/** CPU of all threads but the main one (ms): the isolates' threads, and V8's helpers that collect and compile for them. */
export function macroThreadsCpuMs(): number {
  const all = process.cpuUsage();
  const main = process.threadCpuUsage();
  return (all.user + all.system - main.user - main.system) / 1000;
}

/**
 * Resolves when the macros' threads have used so much CPU (ms), so much time has passed (ms), or nobody waits any more. By
 * CPU, a busy machine leaves no less room than an idle one.
 */
export async function whileWithin(
  cpuMs: number,
  wallMs: number,
  isOver: () => boolean = () => false,
): Promise<null> {
  const from = macroThreadsCpuMs();
  const until = performance.now() + wallMs;
  while (!isOver() && macroThreadsCpuMs() - from < cpuMs && performance.now() < until)
    await sleep(LOOK_MS);
  return null;
}
