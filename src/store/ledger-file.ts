// Owns which database a ledger uses: its file, or memory that stands in for a file that cannot be written; what is owed to
// the file then is written once it can be. It throws for a file that must not be used, and for nothing else.

import type { DatabaseSync } from 'node:sqlite';
import { toSystemReason } from '../model/errno.ts';
import { CorralError } from '../model/errors.ts';
import type { LedgerReckoning } from '../model/reckoning.ts';
import { Batch, type LedgerEntry } from './batch.ts';
import {
  copyLedger,
  inTransaction,
  openLedgerFile,
  openMemory,
  openReadOnly,
  toRefusal,
  troubleOf,
} from './database.ts';
import { Statements } from './statements.ts';

/** Notes kept for a file that cannot be written; then the oldest are let go, quarantines never. */
const OWED_MAX = 5000;
/** How often a file that could not be written is tried again (ms). */
const TRY_AGAIN_MS = 30_000;
/** How long notes wait for another process (ms), while nothing else happens; then they wait, and the supervisor does not. */
const BUSY_MS = 20;
/** How long what must be known or written now does. */
const URGENT_BUSY_MS = 1000;

/** A ledger's database. */
export class LedgerFile {
  readonly #path: string | null;
  readonly #reckoning: LedgerReckoning;
  #database: DatabaseSync;
  #sql: Statements;
  #isInFile = false;
  /** How often who is held, or what speaks against anybody, has changed here. */
  #changes = 0;
  /** In memory, and not in the file. */
  #owed: LedgerEntry[] = [];
  #triedAt = 0;
  /** Why the file must not be used, found out while it was in use. */
  #refusal: CorralError | null = null;
  #problem: string | null = null;
  #onProblem: ((message: string) => void) | null = null;

  /**
   * @param path null for one in memory only
   * @throws {CorralError} `bad-state` for a file that is newer, damaged or somebody else's
   */
  constructor(path: string | null, reckoning: LedgerReckoning) {
    this.#path = path;
    this.#reckoning = reckoning;
    this.#database = openMemory();
    this.#sql = new Statements(this.#database);
    if (path !== null) this.#open(path);
  }

  /** Calls a listener when what is learned cannot be kept, and when it can again; at once where it cannot already. */
  onProblem(listener: (message: string) => void): void {
    this.#onProblem = listener;
    if (this.#problem !== null) listener(this.#problem);
  }

  /** Another one as soon as anybody's standing may have changed, by this process or another one. */
  get version(): string {
    if (!this.#isInFile) return String(this.#changes);
    const row = this.read((sql) => sql.get('PRAGMA data_version'));
    return `${this.#changes} ${row?.data_version}`;
  }

  /** @throws {CorralError} `bad-state` where the file cannot be read: whether a macro is held must be known before it runs */
  read<Answer>(ask: (sql: Statements) => Answer): Answer {
    if (this.#refusal) throw this.#refusal;
    try {
      return ask(this.#sql);
    } catch (error) {
      if (this.#path === null || !this.#isInFile) throw error;
      try {
        if (troubleOf(error) === 'busy') return this.#patiently(() => ask(this.#sql));
      } catch {
        // Not even so: the first answer says why.
      }
      throw toRefusal(this.#path, toSystemReason(error), error);
    }
  }

  /**
   * Writes entries, all or none; what each changed. What the file cannot take is kept in memory. Null when another process
   * writes: then they are not taken.
   * @param urgent waits longer for the other one, and is never refused; not even a power cut loses it then
   */
  write(
    entries: readonly LedgerEntry[],
    { urgent }: { readonly urgent: boolean },
  ): number[] | null {
    if (!this.#isInFile) this.#tryAgain();
    try {
      const changed = urgent ? this.#writeDurably(entries) : this.#writeHere(entries);
      if (!this.#isInFile) this.#owe(entries);
      return changed;
    } catch (error) {
      if (!this.#isInFile) throw error;
      if (troubleOf(error) === 'busy' && !urgent) return null;
      return this.#keepInMemory(error, entries);
    }
  }

  /** Writes what is owed, if it can, and lets go of the file. */
  close(): void {
    this.#triedAt = Number.NEGATIVE_INFINITY;
    if (this.#owed.length > 0) this.#tryAgain();
    this.#database.close();
  }

  #writeHere(entries: readonly LedgerEntry[]): number[] {
    return inTransaction(this.#database, () => {
      const batch = new Batch(this.#sql, this.#reckoning);
      const changed = entries.map((entry) => batch.take(entry));
      batch.save();
      if (batch.changesStandings) this.#changes += 1;
      return changed;
    });
  }

  #writeDurably(entries: readonly LedgerEntry[]): number[] {
    const database = this.#database;
    database.exec('PRAGMA synchronous = FULL');
    try {
      return this.#patiently(() => this.#writeHere(entries));
    } finally {
      database.exec('PRAGMA synchronous = NORMAL');
    }
  }

  #patiently<Made>(work: () => Made): Made {
    const database = this.#database;
    database.exec(`PRAGMA busy_timeout = ${URGENT_BUSY_MS}`);
    try {
      return work();
    } finally {
      database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
    }
  }

  #owe(entries: readonly LedgerEntry[]): void {
    if (this.#path === null) return;
    this.#owed.push(...entries);
    if (this.#owed.length <= OWED_MAX) return;
    const isNote = ({ kind }: LedgerEntry) => kind === 'run' || kind === 'hit';
    const held = this.#owed.filter((entry) => !isNote(entry));
    // Half of them, so that this is not done for every note.
    this.#owed = [...held, ...this.#owed.filter(isNote).slice(-OWED_MAX / 2)];
  }

  /** Opens the file and writes what is owed; where it cannot be written, what is in it is copied into memory. */
  #open(path: string): void {
    this.#triedAt = performance.now();
    let file: DatabaseSync | null = null;
    try {
      file = openLedgerFile(path);
      this.#use(file, true);
      if (this.#owed.length > 0) this.#writeDurably(this.#owed);
      this.#owed = [];
      if (this.#problem !== null)
        this.#tell(null, `What is learned of macros is kept again, in ${path}.`);
    } catch (error) {
      if (error instanceof CorralError) throw error;
      this.#standIn(path, error);
    }
  }

  /** Memory with what the file has, and what is owed to it. */
  #standIn(path: string, why: unknown): void {
    const memory = openMemory();
    let file: DatabaseSync | null = null;
    try {
      file = openReadOnly(path);
      if (file) copyLedger(file, memory);
    } catch (error) {
      if (error instanceof CorralError) {
        memory.close();
        throw error;
      }
      // It can be neither written nor read: nothing is known of what it says.
    } finally {
      file?.close();
    }
    this.#use(memory, false);
    if (this.#owed.length > 0) this.#writeHere(this.#owed);
    const reason = troubleOf(why) === 'busy' ? 'another process writes to it' : toSystemReason(why);
    const problem = `What is learned of macros is kept in memory only: cannot write ${path}: ${reason}.`;
    this.#tell(problem, problem);
  }

  #keepInMemory(why: unknown, entries: readonly LedgerEntry[]): number[] {
    const path = this.#path as string;
    try {
      this.#standIn(path, why);
    } catch (error) {
      if (!(error instanceof CorralError)) throw error;
      this.#refuse(error);
    }
    const changed = this.#writeHere(entries);
    this.#owe(entries);
    return changed;
  }

  #tryAgain(): void {
    const path = this.#path;
    if (path === null || this.#refusal) return;
    if (performance.now() - this.#triedAt < TRY_AGAIN_MS) return;
    try {
      this.#open(path);
    } catch (error) {
      if (!(error instanceof CorralError)) throw error;
      this.#refuse(error);
    }
  }

  /** The file in use turned out to be one that must not be: nothing more is read, what is noted is in memory. */
  #refuse(error: CorralError): void {
    this.#refusal = error;
    if (this.#isInFile || !this.#database.isOpen) this.#use(openMemory(), false);
    this.#tell(error.message, error.message);
  }

  #use(database: DatabaseSync, isInFile: boolean): void {
    if (this.#database.isOpen) this.#database.close();
    this.#database = database;
    this.#sql = new Statements(database);
    this.#isInFile = isInFile;
    this.#changes += 1;
    database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
  }

  #tell(problem: string | null, message: string): void {
    const isNews = problem !== this.#problem;
    this.#problem = problem;
    if (isNews) this.#onProblem?.(message);
  }
}
