// Owns how many files this process has open, against what it may open, and the machine as a whole.

import type { PressureReading } from '../../model/pressure.ts';
import type { KernelFiles } from './kernel-files.ts';
import { toTightest } from './reading.ts';

/** Reads open files; null where the machine does not tell. */
export function readOpenFiles(files: KernelFiles): PressureReading | null {
  // `allocated free max`: the second has been 0 since Linux 2.6.
  const [allocated, , max] = (files.text('/proc/sys/fs/file-nr', 256) ?? '')
    .trim()
    .split(/\s+/)
    .map(toCount);
  return toTightest('open-files', 'count', [
    { of: 'process', used: ownFiles(files), limit: softLimit(files, 'Max open files') },
    { of: 'machine', used: allocated ?? null, limit: max ?? null },
  ]);
}

function ownFiles(files: KernelFiles): number | null {
  // Since Linux 6.2 the folder's size is the count, which spares reading it.
  const { size } = files.stat('/proc/self/fd') ?? { size: 0 };
  return size > 0 && size < FOLDER_SIZE_MIN ? size : files.entries('/proc/self/fd');
}

/** No folder on a disk has a size below this; a count above it is read the long way. */
const FOLDER_SIZE_MIN = 4096;

/** A soft limit of this process by its name in /proc/self/limits; null for none. */
export function softLimit(files: KernelFiles, name: string): number | null {
  const limit = new RegExp(`^${name}\\s+(\\d+)`, 'm').exec(files.text('/proc/self/limits') ?? '');
  return limit === null ? null : Number(limit[1]);
}

function toCount(text: string): number | null {
  return /^\d+$/.test(text) ? Number(text) : null;
}
