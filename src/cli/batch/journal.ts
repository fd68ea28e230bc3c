// Owns writing the journal of a batch: what came of each piece, appended as soon as it is known, so that a batch that was
// interrupted, by Ctrl-C or by SIGKILL, goes on where it stopped.

import { createHash } from 'node:crypto';
import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  ftruncateSync,
  openSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { DonePiece } from '../../batches/piece.ts';
import { toSystemReason } from '../../model/errno.ts';
import { CorralError } from '../../model/errors.ts';
import { makeFolder } from '../../model/folder.ts';
import type { JournalEntry, JournalHeader } from './journal-entries.ts';

/** Where journals are kept. */
export const DEFAULT_BATCH_DIR = '.corral/batches';

/** What was written is on the disk after so long (ms), should the power fail; a process that is killed loses nothing. */
const SYNC_MS = 1_000;

/** The journal's file for a macro and a batch file, wherever it is called from. */
export function journalPath(dir: string, macro: string, batch: string): string {
  const both = createHash('sha256')
    .update(`${resolve(macro)}\0${resolve(batch)}`)
    .digest('hex');
  const name = basename(batch)
    .replace(/\.[a-z]+$/i, '')
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .slice(0, 40);
  return join(dir, `${name}-${both.slice(0, 12)}.ndjson`);
}

/** A journal that is being written. Disposing of it leaves the file; {@link finish} removes it. */
export class Journal implements Disposable {
  readonly #path: string;
  readonly #descriptor: number;
  readonly #timer: NodeJS.Timeout;
  /** Where the next line goes (bytes). */
  #at = 0;
  #isDirty = false;
  #isOpen = true;

  private constructor(path: string, descriptor: number) {
    this.#path = path;
    this.#descriptor = descriptor;
    this.#timer = setInterval(() => this.#sync(), SYNC_MS).unref();
  }

  /** Begins one, in the place of any that is there. @throws {CorralError} `unwritable-file` */
  static begin(path: string, header: JournalHeader): Journal {
    const journal = openJournal(path, 'w', (descriptor) => new Journal(path, descriptor));
    journal.#append(header);
    return journal;
  }

  /**
   * Goes on with one, after its last whole line.
   * @param header a new one, where what is run is no longer the same
   * @throws {CorralError} `unwritable-file`
   */
  static goOn(path: string, wholeBytes: number, header: JournalHeader | null): Journal {
    const journal = openJournal(path, 'r+', (descriptor) => {
      ftruncateSync(descriptor, wholeBytes);
      return new Journal(path, descriptor);
    });
    journal.#at = wholeBytes;
    if (header) journal.#append(header);
    return journal;
  }

  /** Notes a piece that is done; gives how many characters that took. @throws {CorralError} `unwritable-file` */
  record({ first, lines, outcome }: DonePiece): number {
    return this.#append({ first, count: lines.length, outcome });
  }

  /** The batch has come to its end: nothing is left to go on with. */
  finish(): void {
    this[Symbol.dispose]();
    rmSync(this.#path, { force: true });
  }

  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    clearInterval(this.#timer);
    if (this.#isDirty) fdatasyncSync(this.#descriptor);
    closeSync(this.#descriptor);
  }

  #append(line: JournalEntry | JournalHeader): number {
    const text = `${JSON.stringify(line)}\n`;
    let rest = Buffer.from(text);
    try {
      while (rest.length > 0) {
        const written = writeSync(this.#descriptor, rest, 0, rest.length, this.#at);
        this.#at += written;
        rest = rest.subarray(written);
      }
    } catch (error) {
      throw unwritable(this.#path, error);
    }
    this.#isDirty = true;
    return text.length;
  }

  #sync(): void {
    if (!this.#isDirty) return;
    this.#isDirty = false;
    fdatasync(this.#descriptor, (error) => {
      // Tried again with the next; a disk that is gone is told by the next write.
      if (error) this.#isDirty = true;
    });
  }
}

function openJournal(path: string, flags: string, make: (descriptor: number) => Journal): Journal {
  try {
    return make(openSync(path, flags, 0o600));
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** Makes the folder of journals. @throws {CorralError} `unwritable-file` */
export function makeJournalFolder(dir: string): void {
  try {
    makeFolder(dir);
  } catch (error) {
    throw unwritable(dir, error);
  }
}

function unwritable(path: string, error: unknown): CorralError {
  return new CorralError(
    'unwritable-file',
    `Cannot write the batch's journal ${path}: ${toSystemReason(error)}; name another folder with --batch-dir.`,
    { cause: error },
  );
}
