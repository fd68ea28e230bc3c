// Owns finding what dead Corrals have left behind: worker processes, sockets, drafts, locks, and dumps beyond what is kept.
// It removes nothing.

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { shortFolder } from '../../control/folder.ts';
import { isStale, listSockets, removeSocket } from '../../control/sockets.ts';
import { endStrayWorker, listStrayWorkers } from '../../control/stray-workers.ts';
import type { KeepLimits } from '../../dumps/keep-limits.ts';
import {
  listDumpFiles,
  listKept,
  listOldDrafts,
  type OwnFile,
  toExcess,
} from '../../dumps/kept.ts';
import { dumpFileName } from '../../dumps/list.ts';
import { toSystemReason } from '../../model/errno.ts';
import { CorralError } from '../../model/errors.ts';
import { isLockStale } from '../batch/lock.ts';
import { removeFiles } from './remove.ts';

/** Something that would go. */
export interface Leftover {
  readonly kind: 'worker' | 'socket' | 'draft' | 'lock' | 'dump';
  /** A path, or `process 4711`. */
  readonly what: string;
  readonly why: string;
  /** Of disk; of memory for a process. */
  readonly bytes: number;
  /** Removes it. @throws what keeps it from that */
  remove(): Promise<void>;
}

/** Where to look. */
export interface Places {
  readonly controlDir: string;
  readonly dumpDir: string;
  readonly batchDir: string;
  readonly keep: KeepLimits;
  /** False looks for no processes. */
  readonly workers: boolean;
}

/**
 * Finds all of it.
 * @throws {CorralError} `unreadable-file` for a folder that cannot be looked through
 */
export async function findLeftovers(
  places: Places,
  now = Date.now(),
): Promise<readonly Leftover[]> {
  const { controlDir, dumpDir, batchDir, keep, workers } = places;
  return [
    ...(workers ? findWorkers() : []),
    ...(await within(controlDir, () => findSockets(controlDir))),
    ...(await within(shortFolder(), () => findSockets(shortFolder()))),
    ...(await within(batchDir, () => findLocks(batchDir))),
    ...(await within(dumpDir, () => findDrafts(dumpDir, now))),
    ...(await within(dumpDir, () => findDumps(dumpDir, keep, now))),
  ];
}

function findWorkers(): Leftover[] {
  return listStrayWorkers().map((worker) => ({
    kind: 'worker',
    what: `process ${worker.pid}`,
    why: 'the Corral that started it is gone',
    bytes: worker.residentBytes,
    async remove() {
      if (!(await endStrayWorker(worker))) throw new Error('it was killed, and is still there');
    },
  }));
}

async function findSockets(dir: string): Promise<Leftover[]> {
  const sockets = await listSockets(dir);
  const stale = await Promise.all(sockets.map(isStale));
  return sockets
    .filter((_socket, index) => stale[index])
    .map((socket) => ({
      kind: 'socket',
      what: socket.path,
      why: 'nobody listens on it any more',
      bytes: 0,
      remove: () => removeSocket(socket),
    }));
}

async function findLocks(dir: string): Promise<Leftover[]> {
  const paths = (await readdir(dir))
    .filter((name) => name.endsWith('.lock'))
    .map((name) => join(dir, name))
    .filter(isLockStale);
  return await Promise.all(
    paths.map(async (path): Promise<Leftover> => {
      const { size } = await stat(path);
      return ofFiles('lock', path, 'its process is gone', [{ path, bytes: size }]);
    }),
  );
}

async function findDrafts(dir: string, now: number): Promise<Leftover[]> {
  const drafts = await listOldDrafts(dir, now);
  return drafts.map((file) => ofFiles('draft', file.path, 'whoever wrote it was killed', [file]));
}

async function findDumps(dir: string, keep: KeepLimits, now: number): Promise<Leftover[]> {
  const kept = await listKept(dir, now);
  const excess = toExcess(kept, keep, { now, newest: kept.at(-1)?.stamp ?? null });
  return await Promise.all(
    excess.map(async ({ stamp }) => {
      const path = join(dir, dumpFileName(stamp));
      return ofFiles('dump', path, 'beyond what is kept', await listDumpFiles(dir, stamp));
    }),
  );
}

function ofFiles(
  kind: Leftover['kind'],
  what: string,
  why: string,
  files: readonly OwnFile[],
): Leftover {
  return {
    kind,
    what,
    why,
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    remove: () => removeFiles(files.map(({ path }) => path)),
  };
}

/** What is in a folder; nothing where there is none. */
async function within(dir: string, look: () => Promise<Leftover[]>): Promise<Leftover[]> {
  try {
    return await look();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new CorralError(
      'unreadable-file',
      `Cannot look through ${dir}: ${toSystemReason(error)}.`,
      { cause: error },
    );
  }
}
