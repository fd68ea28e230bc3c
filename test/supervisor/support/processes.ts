// Owns waiting for what other processes do: generous in time, so that a loaded machine fails no test.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const GIVE_UP_MS = 15_000;

/** True while a process exists and has not ended (a zombie nobody has waited for yet has ended). */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}

/** Every process below one. */
export function descendants(pid: number): number[] {
  const tasks = existsSync(`/proc/${pid}/task`) ? readdirSync(`/proc/${pid}/task`) : [];
  const children = tasks.flatMap((task) => {
    const file = `/proc/${pid}/task/${task}/children`;
    return existsSync(file)
      ? readFileSync(file, 'utf8').split(' ').filter(Boolean).map(Number)
      : [];
  });
  return [...children, ...children.flatMap(descendants)];
}

/** Waits until something holds, and says what did not after a long time. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const from = performance.now();
  while (!holds()) {
    if (performance.now() - from > GIVE_UP_MS) throw new Error(`waited in vain: ${what}`);
    await sleep(5);
  }
}
