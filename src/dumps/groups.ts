// Owns putting a folder of crash dumps into groups of the same trouble.

import { join } from 'node:path';
import { toMessage } from '../model/errors.ts';
import { readDump } from './dump.ts';
import { type Fingerprint, toFingerprint } from './fingerprint.ts';
import { dumpFileName, listDumps } from './list.ts';

/** Dumps of one trouble. */
export interface DumpGroup extends Fingerprint {
  readonly count: number;
  /** ISO 8601, by the ends of the first and the last. */
  readonly firstAt: string;
  readonly lastAt: string;
  /** The path of the newest. */
  readonly newest: string;
  /** 1-based, in the newest; null where none is known. */
  readonly line: number | null;
}

/** A folder's dumps in groups. */
export interface GroupedDumps {
  /** The largest first, of equal ones the newest. */
  readonly groups: readonly DumpGroup[];
  readonly read: number;
  /** What could not be opened, with the reason. */
  readonly damaged: readonly { readonly path: string; readonly why: string }[];
}

/**
 * Reads all dumps of a folder, one at a time.
 * @param options.onRead told after each how many are read
 * @throws the file system's error where the folder cannot be read
 */
export async function groupDumps(
  dir: string,
  options: {
    readonly signal?: AbortSignal;
    readonly onRead?: (done: number, path: string) => void;
  } = {},
): Promise<GroupedDumps> {
  const stamps = await listDumps(dir);
  const groups = new Map<string, DumpGroup>();
  const damaged: { path: string; why: string }[] = [];
  // Oldest first, so that the last one put into a group is its newest.
  for (const [index, stamp] of stamps.entries()) {
    options.signal?.throwIfAborted();
    const path = join(dir, dumpFileName(stamp));
    try {
      const dump = await readDump(path);
      const print = toFingerprint(dump);
      const group = groups.get(print.id);
      groups.set(print.id, {
        ...print,
        count: (group?.count ?? 0) + 1,
        firstAt: group?.firstAt ?? dump.endedAt,
        lastAt: dump.endedAt,
        newest: path,
        line: dump.place?.line ?? null,
      });
    } catch (error) {
      damaged.push({ path, why: toMessage(error) });
    }
    options.onRead?.(index + 1, path);
  }
  const sorted = [...groups.values()].sort(
    (a, b) => b.count - a.count || b.lastAt.localeCompare(a.lastAt),
  );
  return { groups: sorted, read: stamps.length - damaged.length, damaged };
}
