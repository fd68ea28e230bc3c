// Owns what macros remember between runs: a small capped table per owner and macro name, each call one atomic commit.

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { toSystemReason } from '../model/errno.ts';
import { CorralError, toMessage } from '../model/errors.ts';
import { makeFolder } from '../model/folder.ts';
import { DEFAULT_OWNER } from '../model/ledger.ts';
import { decodeValue, encodeValue, STATE_BOUNDS } from '../model/value.ts';

/** The most keys one macro may keep. */
export const STATE_KEYS_MAX = 1000;
/** The most characters all keys and values of one macro may take. */
export const STATE_CHARS_MAX = 1024 * 1024;
/** The longest key (UTF-16 code units). */
export const STATE_KEY_CHARS_MAX = 256;

/** How long one process waits for another that writes (ms). */
const BUSY_MS = 2000;

/** A refused state call; its message goes to the macro. */
export class StateError extends Error {
  override readonly name = 'StateError';
}

/** What the macros of one owner remember. Each method opens the file first. @throws {CorralError} `bad-state` */
export class OwnedState {
  readonly #open: () => DatabaseSync;
  readonly #owner: string;

  constructor(open: () => DatabaseSync, owner: string) {
    this.#open = open;
    this.#owner = owner;
  }

  /** The value of a key, undefined when there is none. */
  get(macro: string, key: string): unknown {
    const row = this.#open()
      .prepare('SELECT value FROM state WHERE owner = ? AND macro = ? AND key = ?')
      .get(this.#owner, macro, checkKey(key));
    return row ? decodeValue(String(row.value), STATE_BOUNDS, `state "${key}"`) : undefined;
  }

  /** Sets a key. @throws {StateError} when it is over a cap */
  set(macro: string, key: string, value: unknown): void {
    this.#write(macro, checkKey(key), () => value);
  }

  /** Adds to a number (0 when there is none) and gives the sum. @throws {StateError} when it is not a number */
  incr(macro: string, key: string, by: number): number {
    if (!Number.isFinite(by)) throw new StateError('state.incr takes a finite number to add');
    return this.#write(macro, checkKey(key), (old) => {
      if (old !== undefined && typeof old !== 'number')
        throw new StateError(`state "${key}" is not a number`);
      return (old ?? 0) + by;
    });
  }

  /** Removes a key; true when there was one. */
  delete(macro: string, key: string): boolean {
    const result = this.#open()
      .prepare('DELETE FROM state WHERE owner = ? AND macro = ? AND key = ?')
      .run(this.#owner, macro, checkKey(key));
    return Number(result.changes) > 0;
  }

  /** Reads, changes and writes one key in one transaction. */
  #write<Value>(macro: string, key: string, change: (old: unknown) => Value): Value {
    const database = this.#open();
    database.exec('BEGIN IMMEDIATE');
    try {
      const value = change(this.get(macro, key));
      const text = JSON.stringify(encodeValue(value, STATE_BOUNDS, `state "${key}"`));
      database
        .prepare(
          'INSERT INTO state (owner, macro, key, value) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
        )
        .run(this.#owner, macro, key, text);
      this.#checkCaps(database, macro);
      database.exec('COMMIT');
      return value;
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  }

  #checkCaps(database: DatabaseSync, macro: string): void {
    const total = database
      .prepare(
        'SELECT count(*) AS keys, sum(length(key) + length(value)) AS chars FROM state WHERE owner = ? AND macro = ?',
      )
      .get(this.#owner, macro);
    if (Number(total?.keys) > STATE_KEYS_MAX)
      throw new StateError(`state is full: a macro keeps at most ${STATE_KEYS_MAX} keys`);
    if (Number(total?.chars) > STATE_CHARS_MAX)
      throw new StateError(`state is full: a macro keeps at most ${STATE_CHARS_MAX} characters`);
  }
}

/** What macros remember. In a file it is safe against a kill at any moment and against two processes at once. */
export class StateStore {
  readonly #path: string | null;
  #database: DatabaseSync | null = null;

  /** @param dir the folder of `state.sqlite`; null keeps everything in memory */
  constructor(dir: string | null) {
    this.#path = dir;
  }

  /** What the macros of one owner remember: a name means another macro for another owner. */
  of(owner: string): OwnedState {
    return new OwnedState(() => this.#open(), owner);
  }

  [Symbol.dispose](): void {
    this.#database?.close();
    this.#database = null;
  }

  #open(): DatabaseSync {
    if (this.#database) return this.#database;
    const file = this.#path === null ? ':memory:' : join(this.#path, 'state.sqlite');
    try {
      if (this.#path !== null) makeFolder(this.#path);
      this.#database = openDatabase(file);
      return this.#database;
    } catch (error) {
      throw new CorralError(
        'bad-state',
        `Cannot open the macros' state in ${file}: ${toSystemReason(error)}; name another folder with --state-dir.`,
        { cause: error },
      );
    }
  }
}

function openDatabase(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: BUSY_MS });
  try {
    // WAL with NORMAL: a commit survives a kill of the process at any moment without an fsync each.
    setWal(database);
    database.exec('PRAGMA synchronous = NORMAL');
    makeTable(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Makes the table; in a file from before there were owners, all that was kept is the default one's. */
function makeTable(database: DatabaseSync): void {
  const make =
    'CREATE TABLE IF NOT EXISTS state (owner TEXT NOT NULL, macro TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (owner, macro, key)) WITHOUT ROWID';
  database.exec(`BEGIN IMMEDIATE; ${make}`);
  const hasOwner = database
    .prepare('PRAGMA table_info(state)')
    .all()
    .some(({ name }) => name === 'owner');
  if (!hasOwner)
    database.exec(`ALTER TABLE state RENAME TO state_of_all; ${make};
      INSERT INTO state SELECT '${DEFAULT_OWNER}', macro, key, value FROM state_of_all;
      DROP TABLE state_of_all`);
  database.exec('COMMIT');
}

/** Two processes that make the same file at once: SQLite's own timeout does not hold for the change to WAL. */
function setWal(database: DatabaseSync): void {
  const giveUpAt = performance.now() + BUSY_MS;
  for (;;) {
    try {
      database.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      if (!/locked|busy/.test(toMessage(error)) || performance.now() > giveUpAt) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

function checkKey(key: string): string {
  if (typeof key !== 'string' || key === '' || key.length > STATE_KEY_CHARS_MAX) {
    throw new StateError(`a state key is a text of 1 to ${STATE_KEY_CHARS_MAX} characters`);
  }
  return key;
}
