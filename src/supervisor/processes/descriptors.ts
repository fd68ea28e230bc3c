// Owns keeping descriptors that this process was handed when it was started from passing on to a worker.

import { readdirSync, readFileSync } from 'node:fs';

/** O_CLOEXEC as /proc shows it. Whatever Node opens itself has it. */
const CLOSE_ON_EXEC = 0o2000000;
/** Above this number one is not replaced; a process with that many is told of. */
const NUMBER_MAX = 4096;

/** Descriptors that a child would get although nobody meant it to; null where the system does not tell. */
export function leakingDescriptors(): readonly number[] | null {
  try {
    return readdirSync('/proc/self/fdinfo')
      .map(Number)
      .filter((fd) => fd > 2 && leaks(fd));
  } catch {
    return null;
  }
}

function leaks(fd: number): boolean {
  try {
    const flags = /^flags:\s+([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'));
    return flags !== null && (Number.parseInt(flags[1] ?? '', 8) & CLOSE_ON_EXEC) === 0;
  } catch {
    // It was the one this folder was read by.
    return false;
  }
}

/**
 * What `spawn` takes as `stdio` so that a child gets its own descriptors and, where one would leak, a stand-in.
 * @param own the child's descriptors, from 0
 * @param standIn a descriptor that leads nowhere
 */
export function closedStdio<Kind>(
  own: readonly Kind[],
  standIn: number,
): (Kind | number | 'ignore')[] {
  const stdio: (Kind | number | 'ignore')[] = [...own];
  for (const fd of leakingDescriptors() ?? []) {
    if (fd < own.length || fd > NUMBER_MAX) continue;
    while (stdio.length < fd) stdio.push('ignore');
    stdio[fd] = standIn;
  }
  return stdio;
}
