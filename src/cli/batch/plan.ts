// Owns what a batch is, found out and checked before anything runs: the macro, its input, the batch file, how it is cut.

import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { toSystemReason } from '../../model/errno.ts';
import { CorralError } from '../../model/errors.ts';
import { safeText } from '../../model/safe-text.ts';
import type { RunFlags } from '../run/flags.ts';
import { readInput } from '../run/input.ts';
import { readSourceFile, type SourceFile } from '../source-file.ts';
import { type CheckedFile, checkFile } from './check-file.ts';
import { type BaseInput, toBaseInput } from './input.ts';

/** A batch that may begin. */
export interface BatchPlan {
  readonly source: SourceFile;
  readonly base: BaseInput;
  /** The batch file as it was given, and opened. */
  readonly file: string;
  readonly handle: FileHandle;
  readonly checked: CheckedFile;
  /** The most items of a run. */
  readonly size: number;
  /** Runs at once. */
  readonly concurrency: number;
  /** No run is begun so many items after the first that is not done. */
  readonly aheadItems: number;
}

/** Each macro has a process of its own; more of them than processors only helps those that wait. */
const CONCURRENCY_DEFAULT = availableParallelism();
const AHEAD_PIECES = 256;
const NON_BLOCKING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * Reads and checks everything.
 * @param look what looks through the batch file: how far it is, and whether to go on
 * @throws {CorralError} `bad-usage`, `bad-input`, or what reading a file throws
 */
export async function planBatch(
  path: string,
  file: string,
  flags: RunFlags,
  look: Parameters<typeof checkFile>[2],
): Promise<BatchPlan> {
  assertTogether(path, file, flags);
  // First: whoever mistyped the file does not want to hear of the macro.
  const handle = await openBatchFile(file);
  try {
    const source = await readSourceFile(path);
    const base = toBaseInput(await readInput(path, flags), source);
    const checked = await checkFile(handle, file, look);
    const { batchSize: size = 1, concurrency = CONCURRENCY_DEFAULT } = flags;
    const aheadItems = Math.max(AHEAD_PIECES, 2 * concurrency) * size;
    return { source, base, file, handle, checked, size, concurrency, aheadItems };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function assertTogether(path: string, file: string, flags: RunFlags): void {
  const not = (what: string, instead: string) =>
    new CorralError('bad-usage', `With --batch ${what}; ${instead}.`);
  if (path === '-') throw not('the macro cannot come from stdin', 'name its file');
  if (file === '-') throw not('the items cannot come from stdin', 'name a file: it is read twice');
  if (flags.inspect !== undefined)
    throw not('no macro is stepped through', 'run it once, with one of its items as --input');
  if (flags.resume && flags.restart)
    throw not('either --resume goes on or --restart begins anew', 'give one of them');
  if (flags.force && !flags.resume) throw not('--force goes with --resume only', 'add that');
}

async function openBatchFile(file: string): Promise<FileHandle> {
  const unreadable = (why: string, cause?: unknown) =>
    new CorralError('unreadable-file', `Cannot read batch ${safeText(file)}: ${why}.`, { cause });
  let handle: FileHandle;
  try {
    // Without waiting for a writer, should it be a pipe.
    handle = await open(file, NON_BLOCKING);
  } catch (error) {
    throw unreadable(toSystemReason(error), error);
  }
  const about = await handle.stat();
  if (about.isFile()) return handle;
  await handle.close();
  throw unreadable(
    about.isDirectory() ? 'it is a folder' : 'it is no regular file, and is read twice',
  );
}

/** Throws when the batch file is no longer what was looked through. @throws {CorralError} `bad-input` */
export async function assertUnchanged({ handle, file, checked }: BatchPlan): Promise<void> {
  const { size, mtimeMs } = await handle.stat();
  if (size === checked.bytes && mtimeMs === checked.mtimeMs) return;
  throw new CorralError(
    'bad-input',
    `${safeText(file)} was changed while it ran: its results may be of other items than it has now.`,
  );
}
