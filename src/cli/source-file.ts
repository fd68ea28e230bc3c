// Owns reading a macro or another text file from disk or stdin; a bad file becomes a clear error and never a crash.

import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { toSystemReason } from '../model/errno.ts';
import { CorralError } from '../model/errors.ts';
import { isHandedOver } from '../model/handed-over.ts';
import { SOURCE_BYTES_MAX } from '../model/history.ts';

/** A text as read. */
export interface SourceFile {
  /** As given on the command line; `<stdin>` for `-`. */
  readonly file: string;
  /** The file's base name without extension, '' for stdin: a macro's name when its header gives none. */
  readonly baseName: string;
  readonly language: 'js' | 'ts';
  readonly text: string;
}

/**
 * Reads a text file, or stdin for `-`.
 * @param what what it is to the user, for messages: `macro`, `input`
 * @throws {CorralError} `unreadable-file`, `source-too-large` or `not-utf8`
 */
export async function readSourceFile(
  path: string,
  what = 'macro',
  bytesMax = SOURCE_BYTES_MAX,
): Promise<SourceFile> {
  const file = path === '-' ? '<stdin>' : path;
  // Node starts a child with a socket there, which cannot be opened by that name.
  const isStdin = path === '-' || path === '/dev/stdin';
  const bytes = isStdin ? await readStdin(what, bytesMax) : await readBytes(path, what, bytesMax);
  return {
    file,
    baseName: path === '-' ? '' : basename(path).replace(/\.[cm]?[jt]s$/, ''),
    language: /\.[cm]?ts$/.test(path) ? 'ts' : 'js',
    text: toText(bytes, file, what),
  };
}

async function readBytes(path: string, what: string, bytesMax: number): Promise<Buffer> {
  const unreadable = (why: string, cause?: unknown) =>
    new CorralError('unreadable-file', `Cannot read ${what} ${path}: ${why}.`, { cause });
  try {
    // Before it is opened: opening a pipe that nobody writes into never returns.
    const about = await stat(path);
    if (about.isDirectory()) throw unreadable('it is a folder; name a file in it');
    if (!about.isFile() && !isHandedOver(path))
      throw unreadable('it is no regular file; give what it holds through - instead');
    await using handle = await open(path, 'r');
    const chunks: Buffer[] = [];
    let total = 0;
    // Read as a stream, so that a pipe or a device with no size is bounded too.
    for await (const chunk of handle.createReadStream({ autoClose: false })) {
      total += (chunk as Buffer).length;
      if (total > bytesMax) throw tooLarge(path, what, bytesMax);
      chunks.push(chunk as Buffer);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    if (error instanceof CorralError) throw error;
    throw unreadable(toSystemReason(error), error);
  }
}

async function readStdin(what: string, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of process.stdin) {
    total += (chunk as Buffer).length;
    if (total > bytesMax) throw tooLarge('<stdin>', what, bytesMax);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

function tooLarge(file: string, what: string, bytesMax: number): CorralError {
  return new CorralError(
    'source-too-large',
    `Cannot read ${what} ${file}: it is larger than ${bytesMax / 1024 / 1024} MB.`,
  );
}

function toText(bytes: Buffer, file: string, what: string): string {
  const utf16 =
    bytes.length >= 2 &&
    ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff));
  const hint = utf16 ? 'it is UTF-16' : 'it is not UTF-8 text';
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new CorralError('not-utf8', `Cannot read ${what} ${file}: ${hint}; save it as UTF-8.`, {
      cause: error,
    });
  }
}
