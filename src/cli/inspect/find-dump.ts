// Owns finding the crash dump that is meant: a file, a summary for the dump beside it, a folder for its newest one.

import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { dumpFileName, listDumps } from '../../dumps/list.ts';
import { CorralError } from '../../model/errors.ts';
import { type ConfigFlags, configure } from '../configuration.ts';

const SUMMARY_FILE = /^corral-crash-summary-(.*)\.txt$/;

/** The folder of dumps that is configured. @throws {CorralError} `unreadable-file` where there is none yet */
export async function configuredDumps(flags: ConfigFlags): Promise<string> {
  const { dir } = (await configure(flags)).settings.dumps;
  if (await isFolder(dir)) return dir;
  throw new CorralError(
    'unreadable-file',
    `There are no crash dumps in ${dir}; name a dump or a folder of dumps.`,
  );
}

/** True for a folder that is there. */
export async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() ?? false;
}

/**
 * The path of the dump that is meant; whether it can be read is for its reader to find out.
 * @throws {CorralError} `unreadable-file` where there is none
 */
export async function findDump(path: string): Promise<string> {
  const summary = SUMMARY_FILE.exec(basename(path));
  if (summary?.[1] !== undefined) return join(dirname(path), dumpFileName(summary[1]));
  if (!(await isFolder(path))) return path;
  const newest = (await listDumps(path)).at(-1);
  if (newest === undefined)
    throw new CorralError(
      'unreadable-file',
      `There is no crash dump in the folder ${path} (a file corral-crash-dump-….json); name another one.`,
    );
  return join(path, dumpFileName(newest));
}
