// Owns looking through a batch file before anything runs: how many items it has, that every line is one, and its digest.

import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { CorralError } from '../../model/errors.ts';
import { safeText } from '../../model/safe-text.ts';
import { isProblem, type LineProblem, readItems } from './read-items.ts';

/** What a batch file holds. */
export interface CheckedFile {
  readonly items: number;
  readonly bytes: number;
  /** When it was last changed, ms since 1970. */
  readonly mtimeMs: number;
  /** SHA-256 of its bytes, hexadecimal. */
  readonly digest: string;
}

/** So many bad lines are named; the others are counted. */
const NAMED_MAX = 10;

/**
 * Looks through a file.
 * @param onBytes told how many bytes were looked through so far
 * @throws {CorralError} `bad-input` that names the lines which are no items
 * @throws the signal's reason when it aborts
 */
export async function checkFile(
  handle: FileHandle,
  file: string,
  { onBytes, signal }: { readonly onBytes: (bytes: number) => void; readonly signal: AbortSignal },
): Promise<CheckedFile> {
  // Before the first byte is read: what is changed meanwhile is changed.
  const { mtimeMs } = await handle.stat();
  const hash = createHash('sha256');
  const problems: LineProblem[] = [];
  let bytes = 0;
  let items = 0;
  let bad = 0;
  const take = (chunk: Buffer) => {
    hash.update(chunk);
    bytes += chunk.length;
    onBytes(bytes);
  };
  for await (const lines of readItems(handle, take)) {
    signal.throwIfAborted();
    for (const line of lines) {
      if (!isProblem(line)) items += 1;
      else if (++bad <= NAMED_MAX) problems.push(line);
    }
  }
  if (bad > 0) throw malformed(file, problems, bad - problems.length);
  if (items === 0) throw new CorralError('bad-input', `There is no item in ${safeText(file)}.`);
  return { items, bytes, mtimeMs, digest: hash.digest('hex') };
}

function malformed(file: string, problems: readonly LineProblem[], others: number): CorralError {
  const named = problems.map(({ line, problem }) => `  line ${line}: ${safeText(problem)}`);
  const more = others > 0 ? [`  and ${others} more`] : [];
  return new CorralError(
    'bad-input',
    `Nothing was run: a batch file has one JSON value a line, and ${safeText(file)} has not.\n${[...named, ...more].join('\n')}`,
  );
}
