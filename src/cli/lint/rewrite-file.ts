// Owns writing a mended macro back: all of it or nothing, with the mode and the byte order mark it had, never over a newer text.

import { randomBytes } from 'node:crypto';
import { open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { toSystemReason } from '../../model/errno.ts';
import { CorralError } from '../../model/errors.ts';
import { safeText } from '../../model/safe-text.ts';

const MARK = '\ufeff';

/**
 * Replaces a file's text.
 * @param before what was read, without byte order mark: a file that has changed since is left alone
 * @throws {CorralError} `unreadable-file` when it cannot be written, or has changed
 */
export async function rewriteFile(file: string, before: string, after: string): Promise<void> {
  const fail = (why: string, cause?: unknown) =>
    new CorralError('unreadable-file', `Cannot fix ${safeText(file)}: ${why}.`, { cause });
  try {
    // Through a link the file is meant, and the link stays.
    const path = await realpath(file);
    const text = await readFile(path, 'utf8');
    const mark = text.startsWith(MARK) ? MARK : '';
    if (text.slice(mark.length) !== before) throw fail('it has changed meanwhile; try again');
    await replace(path, mark + after);
  } catch (error) {
    if (error instanceof CorralError) throw error;
    throw fail(toSystemReason(error), error);
  }
}

async function replace(path: string, text: string): Promise<void> {
  const { mode } = await stat(path);
  // A file that may not be written is not replaced either, though its folder would allow it.
  await (await open(path, 'r+')).close();
  const name = `.${basename(path)}.${randomBytes(6).toString('hex')}`;
  const temporary = join(dirname(path), name);
  try {
    await using handle = await open(temporary, 'wx', 0o600);
    await handle.writeFile(text);
    await handle.chmod(mode & 0o7777);
    await handle.sync();
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
