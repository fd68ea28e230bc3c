// Owns what a folder of dumps holds and what of it is too much: dumps beyond a number, an age or a size, and drafts of
// processes that were killed while they wrote. It removes nothing, follows no link, and counts nothing that is not ours.

import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeepLimits } from './keep-limits.ts';
import { dumpFileNames, listDumps, toDumpTime } from './list.ts';

/** One dump. */
export interface Kept {
  readonly stamp: string;
  /** Of all its files. */
  readonly bytes: number;
}

/** A file that is ours to remove. */
export interface OwnFile {
  readonly path: string;
  readonly bytes: number;
}

const DAY_MS = 24 * 60 * 60_000;
/** A dump from so far ahead (ms) was named by a clock that was wrong: it counts as the oldest. */
const AHEAD_MS = DAY_MS;
/** So many dumps are asked for their size at once. */
const AT_ONCE = 64;
const DRAFT = /^corral-crash-(?:dump|summary)-.*\.[0-9a-f]{8}\.tmp$/;
/** A draft this old (ms) is of a process that was killed while it wrote. */
const DRAFT_AGE_MS = 60 * 60_000;

/** Every dump of a folder, the oldest first. */
export async function listKept(dir: string, now: number): Promise<Kept[]> {
  const stamps = await listDumps(dir);
  const kept: Kept[] = [];
  for (let at = 0; at < stamps.length; at += AT_ONCE) {
    const some = stamps.slice(at, at + AT_ONCE);
    kept.push(
      ...(await Promise.all(
        some.map(async (stamp) => ({ stamp, bytes: await dumpBytes(dir, stamp) })),
      )),
    );
  }
  // Those of a clock that was wrong come first.
  const order = Number.MAX_SAFE_INTEGER;
  const rank = ({ stamp }: Kept) => (isAhead(stamp, now) ? -order : (toDumpTime(stamp) ?? -order));
  return kept.sort((a, b) => rank(a) - rank(b));
}

/**
 * Those of them that are too much.
 * @param kept the oldest first
 * @param newest the stamp of one that is never too much
 */
export function toExcess(
  kept: readonly Kept[],
  limits: KeepLimits,
  { now, newest }: { readonly now: number; readonly newest: string | null },
): readonly Kept[] {
  let count = kept.length;
  let bytes = kept.reduce((sum, each) => sum + each.bytes, 0);
  const excess: Kept[] = [];
  for (const each of kept) {
    const age = now - (toDumpTime(each.stamp) ?? now);
    const isTooMuch =
      count > limits.count ||
      bytes > limits.bytes ||
      age > limits.ageMs ||
      isAhead(each.stamp, now);
    if (!isTooMuch) break;
    if (each.stamp === newest) continue;
    excess.push(each);
    count -= 1;
    bytes -= each.bytes;
  }
  return excess;
}

/** The files of a dump that are there and ours, the JSON last: as long as it is there, the others are found again. */
export async function listDumpFiles(dir: string, stamp: string): Promise<readonly OwnFile[]> {
  const files = await Promise.all(dumpFileNames(stamp).map((name) => ownFile(dir, name)));
  return files.flatMap((file) => file ?? []).reverse();
}

/** The bytes of all files of a dump. */
export async function dumpBytes(dir: string, stamp: string): Promise<number> {
  const files = await listDumpFiles(dir, stamp);
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** What became of processes that were killed while they wrote. */
export async function listOldDrafts(dir: string, now: number): Promise<readonly OwnFile[]> {
  const drafts: OwnFile[] = [];
  for (const name of (await readdir(dir)).filter((each) => DRAFT.test(each))) {
    const file = await ownFile(dir, name);
    if (file && now - file.mtimeMs > DRAFT_AGE_MS) drafts.push(file);
  }
  return drafts;
}

/** A regular file; links and folders are nobody's dump. */
async function ownFile(
  dir: string,
  name: string,
): Promise<(OwnFile & { readonly mtimeMs: number }) | null> {
  const path = join(dir, name);
  try {
    const about = await lstat(path);
    return about.isFile() ? { path, bytes: about.size, mtimeMs: about.mtimeMs } : null;
  } catch (error) {
    // Another Corral keeps this folder too.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function isAhead(stamp: string, now: number): boolean {
  return (toDumpTime(stamp) ?? now) - now > AHEAD_MS;
}
