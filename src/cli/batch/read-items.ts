// Owns reading a batch file: NDJSON, as a stream, a line a time, never the whole of it. Each line is an item or a problem.

import type { FileHandle } from 'node:fs/promises';
import type { Item } from '../../batches/piece.ts';

/** The longest line (bytes): four times the most characters an input may have. */
export const LINE_BYTES_MAX = 16 * 1024 * 1024;

/** A line that is no item. */
export interface LineProblem {
  /** From 1. */
  readonly line: number;
  /** What is wrong with it: a phrase. */
  readonly problem: string;
}

const CHUNK_BYTES = 256 * 1024;
const NEWLINE = 0x0a;
const MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Reads the lines of a file from its beginning, empty ones left out; some at once, as they come.
 * @param onChunk told of all bytes, as they are read
 */
export async function* readItems(
  handle: FileHandle,
  onChunk: (chunk: Buffer) => void = () => undefined,
): AsyncGenerator<readonly (Item | LineProblem)[], void, void> {
  const cutter = new LineCutter();
  const stream = handle.createReadStream({
    autoClose: false,
    start: 0,
    highWaterMark: CHUNK_BYTES,
  });
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    onChunk(chunk);
    const lines = cutter.push(chunk);
    if (lines.length > 0) yield lines;
  }
  const last = cutter.end();
  if (last.length > 0) yield last;
}

/** Cuts bytes into lines. Holds one line at most. */
class LineCutter {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #parts: Buffer[] = [];
  #bytes = 0;
  #line = 0;

  push(chunk: Buffer): (Item | LineProblem)[] {
    const lines: (Item | LineProblem)[] = [];
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      this.#keep(chunk.subarray(from, at));
      lines.push(...this.#cut());
      from = at + 1;
    }
    this.#keep(chunk.subarray(from));
    return lines;
  }

  /** The last line, where no line break ends it. */
  end(): (Item | LineProblem)[] {
    return this.#bytes > 0 ? this.#cut() : [];
  }

  /** What is beyond the longest line is counted, not kept. */
  #keep(part: Buffer): void {
    this.#bytes += part.length;
    if (this.#bytes > LINE_BYTES_MAX) this.#parts = [];
    else if (part.length > 0) this.#parts.push(part);
  }

  #cut(): (Item | LineProblem)[] {
    const isTooLong = this.#bytes > LINE_BYTES_MAX;
    const [only] = this.#parts;
    const bytes = this.#parts.length === 1 && only ? only : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#bytes = 0;
    this.#line += 1;
    if (isTooLong) return [this.#problem(`it is longer than ${LINE_BYTES_MAX / 1024 / 1024} MB`)];
    const isMarked = this.#line === 1 && bytes.subarray(0, MARK.length).equals(MARK);
    return this.#toItem(isMarked ? bytes.subarray(MARK.length) : bytes);
  }

  #toItem(bytes: Buffer): (Item | LineProblem)[] {
    let text: string;
    try {
      text = this.#decoder.decode(bytes);
    } catch {
      return [this.#problem('it is not UTF-8 text')];
    }
    if (text.trim() === '') return [];
    try {
      return [{ line: this.#line, value: JSON.parse(text) as unknown }];
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return [this.#problem(`it is not JSON (${why.slice(0, 200)})`)];
    }
  }

  #problem(problem: string): LineProblem {
    return { line: this.#line, problem };
  }
}

/** True for a line that is no item. */
export function isProblem(line: Item | LineProblem): line is LineProblem {
  return 'problem' in line;
}
