// Owns what must not be left behind: child processes, open descriptors, temporary files.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** Everything under this process: pids of its children and theirs, read from the kernel. */
export function descendants(of = process.pid): number[] {
  const parents = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = readOrNull(`/proc/${entry}/stat`);
    // The name in brackets may hold anything; what follows the last bracket is ours.
    const parent = Number(stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    if (stat === null || Number.isNaN(parent)) continue;
    parents.set(parent, [...(parents.get(parent) ?? []), Number(entry)]);
  }
  const found: number[] = [];
  const queue = [of];
  for (let pid = queue.shift(); pid !== undefined; pid = queue.shift())
    for (const child of parents.get(pid) ?? []) {
      found.push(child);
      queue.push(child);
    }
  return found;
}

/** What this process has open, the pipes and sockets of its own standard streams left out. */
export function descriptors(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const link = readlinkSync(`/proc/self/fd/${fd}`);
      return Number(fd) <= 2 || link.startsWith('/proc/') ? [] : [link.replace(/\d+/g, '#')];
    } catch {
      // The one this folder was read by.
      return [];
    }
  });
}

/** Files of Corral's in the folder for temporary files. */
export function temporaryFiles(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('corral'));
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
