// Owns reading the journal of a batch: what it was begun with, and what was done. A half last line is what a process leaves
// that was killed while it wrote, and counts as none.

import { createReadStream } from 'node:fs';
import { z } from 'zod';
import { LineError, LineReader } from '../../control/line-reader.ts';
import { toSystemReason } from '../../model/errno.ts';
import { CorralError } from '../../model/errors.ts';
import type { Json } from '../../model/value.ts';

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const text = z.string();

/** What a batch was begun with: a batch that is gone on with must be the same one. */
export const JournalHeader = z.object({
  format: z.literal('corral-batch'),
  version: z.literal(1),
  startedAt: text,
  macro: z.object({ file: text, digest }),
  batch: z.object({ file: text, digest, items: z.int().min(1) }),
  size: z.int().min(1),
  /** Of `--input`. */
  input: digest,
  /** What the runs' seeds were counted from. */
  seed: z.int().min(0),
  /** Nothing was begun so many items after the first that was not done. */
  aheadItems: z.int().min(1),
});

/** What a batch was begun with. */
export type JournalHeader = z.output<typeof JournalHeader>;

/** JSON it is already: that it was read says so. */
const json = z.custom<Json>(() => true);
const error = { reason: text, message: text, dump: text.nullable() };

/** One piece that is done. */
const JournalEntry = z.object({
  /** The place of its first item among all, from 0. */
  first: z.int().min(0),
  count: z.int().min(1),
  outcome: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('each'), values: z.array(json).readonly() }),
    z.object({ kind: z.literal('whole'), value: json }),
    z.object({ kind: z.literal('error'), ...error }),
    z.object({ kind: z.literal('culprit'), ...error }),
  ]),
});

/** One piece that is done. */
export type JournalEntry = z.output<typeof JournalEntry>;

/** The longest line (bytes): the results of a piece, each escaped to six times its length. */
const LINE_BYTES_MAX = 64 * 1024 * 1024;
const NEWLINE = 0x0a;

/** What a journal holds, without the results. */
export interface JournalSummary {
  /** The last: one that was gone on with by force has several. */
  readonly header: JournalHeader;
  /** Items done. */
  readonly items: number;
  /** Up to the end of the last whole line. */
  readonly wholeBytes: number;
  /** The furthest ahead anything was begun. */
  readonly aheadItems: number;
}

/**
 * Reads a journal through; null when there is none, or none with a whole first line.
 * @throws {CorralError} `bad-input` for a damaged one, `unreadable-file`
 */
export async function readJournal(path: string): Promise<JournalSummary | null> {
  let header: JournalHeader | null = null;
  let items = 0;
  let aheadItems = 1;
  let wholeBytes = 0;
  let bytes = 0;
  const take = (chunk: Buffer) => {
    const at = chunk.lastIndexOf(NEWLINE);
    if (at >= 0) wholeBytes = bytes + at + 1;
    bytes += chunk.length;
  };
  for await (const line of readLines(path, Number.POSITIVE_INFINITY, take)) {
    if ('format' in line) {
      header = line;
      aheadItems = Math.max(aheadItems, line.aheadItems + line.size);
    } else items += line.count;
  }
  return header && { header, items, wholeBytes, aheadItems };
}

/** Finds what was done by its first item, in the order of the batch; holds no more than what may stand out of order. */
export class RecordedPieces {
  readonly #lines: AsyncGenerator<JournalEntry | JournalHeader, void, void>;
  readonly #aheadItems: number;
  readonly #waiting = new Map<number, JournalEntry>();
  #furthest = -1;
  #isRead = false;

  constructor(path: string, { wholeBytes, aheadItems }: JournalSummary) {
    this.#lines = readLines(path, wholeBytes);
    this.#aheadItems = aheadItems;
  }

  /** What was done from this item on; null where that is not done. Asked for in rising order. @throws as {@link readJournal} */
  async from(first: number): Promise<JournalEntry | null> {
    // Nothing so far after an item was begun before that item was done: what comes later in the file is no earlier.
    while (
      !this.#isRead &&
      !this.#waiting.has(first) &&
      this.#furthest <= first + this.#aheadItems
    ) {
      const { value, done } = await this.#lines.next();
      if (done) this.#isRead = true;
      else if (!('format' in value)) {
        this.#waiting.set(value.first, value);
        this.#furthest = Math.max(this.#furthest, value.first);
      }
    }
    const entry = this.#waiting.get(first) ?? null;
    this.#waiting.delete(first);
    return entry;
  }
}

async function* readLines(
  path: string,
  bytesMax: number,
  onChunk: (chunk: Buffer) => void = () => undefined,
): AsyncGenerator<JournalEntry | JournalHeader, void, void> {
  const reader = new LineReader(LINE_BYTES_MAX);
  const stream = createReadStream(path, { end: bytesMax - 1 });
  let whole = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      onChunk(chunk);
      for (const value of reader.push(chunk)) {
        const read = whole === 0 ? JournalHeader.parse(value) : toLine(value);
        whole += 1;
        yield read;
      }
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    const isDamaged = error instanceof LineError || error instanceof z.ZodError;
    throw new CorralError(
      isDamaged ? 'bad-input' : 'unreadable-file',
      isDamaged
        ? `The batch's journal ${path} is damaged after line ${whole}; begin anew with --restart.`
        : `Cannot read the batch's journal ${path}: ${toSystemReason(error)}.`,
      { cause: error },
    );
  } finally {
    stream.destroy();
  }
}

function toLine(value: unknown): JournalEntry | JournalHeader {
  const isHeader = typeof value === 'object' && value !== null && 'format' in value;
  return isHeader ? JournalHeader.parse(value) : JournalEntry.parse(value);
}
