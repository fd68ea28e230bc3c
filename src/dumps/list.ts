// Owns which files of a folder are crash dumps, and what belongs to each; it opens none of them.

import { readdir } from 'node:fs/promises';
import { basename } from 'node:path';

const DUMP_FILE = /^corral-crash-dump-(\d{8}-\d{6}-[A-Za-z0-9_-]+)\.json$/;
/** Every file a dump may have, by what stands before and after its stamp. */
const PARTS = [
  ['corral-crash-dump-', '.json'],
  ['corral-crash-summary-', '.txt'],
  ['corral-crash-dump-', '.cpuprofile'],
  ['corral-crash-dump-', '.heapprofile'],
  ['corral-crash-dump-', '.heapsnapshot'],
] as const;

/** The stamps (time of the end, run) of all dumps in a folder, oldest first: their names begin with the time. */
export async function listDumps(dir: string): Promise<string[]> {
  return (await readdir(dir)).flatMap((name) => DUMP_FILE.exec(name)?.[1] ?? []).sort();
}

/** The name of a dump's JSON file. */
export function dumpFileName(stamp: string): string {
  return `${PARTS[0][0]}${stamp}${PARTS[0][1]}`;
}

/** The names of all files a dump may have, the JSON first. */
export function dumpFileNames(stamp: string): string[] {
  return PARTS.map(([before, after]) => `${before}${stamp}${after}`);
}

/** When the run of a stamp ended, ms since 1970; null where its digits are no time. */
export function toDumpTime(stamp: string): number | null {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-/.exec(stamp) ?? [];
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time) ? null : time;
}

/** The stamp of a dump by the path of its JSON file; null where it is none. */
export function toStamp(jsonPath: string): string | null {
  return DUMP_FILE.exec(basename(jsonPath))?.[1] ?? null;
}
