// Owns opening the crash dump that somebody named, and telling what they should know before they look at it.

import { readDump } from '../../dumps/dump.ts';
import { newerNote } from '../../dumps/versions.ts';
import type { CrashDump } from '../../model/dump.ts';
import { safeText } from '../../model/safe-text.ts';
import { paintFor } from '../style.ts';
import { findDump } from './find-dump.ts';

/**
 * Reads the dump that is meant by a file or a folder; what it was written by goes to stderr where that matters.
 * @throws {CorralError} `unreadable-file`, `bad-dump`
 */
export async function openDump(name: string): Promise<{ dump: CrashDump; path: string }> {
  const path = await findDump(name);
  const dump = await readDump(path);
  const note = newerNote(dump);
  if (note !== null)
    process.stderr.write(
      `${paintFor(process.stderr)('yellow', 'warning')} ${safeText(`${path}: ${note}`)}.\n`,
    );
  return { dump, path };
}
