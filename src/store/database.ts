// Owns opening a ledger's SQLite file: made where it is missing, refused where it is newer, damaged or somebody else's, and
// read without writing where nothing may be written. What is in the tables is others' business.

import { closeSync, existsSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { CorralError, toMessage } from '../model/errors.ts';
import { makeFolder } from '../model/folder.ts';
import { APPLICATION_ID, SCHEMA, SCHEMA_VERSION, TABLES } from './schema.ts';

/** How long opening waits for another process (ms). */
const OPEN_BUSY_MS = 2000;

/** SQLite's primary result codes that say what to do about an error. */
const BUSY = [5, 6];
const DAMAGED = [11, 26];

/** What is wrong when SQLite refuses: somebody else writes, the file is no sound database, or it cannot be written. */
export type Trouble = 'busy' | 'damaged' | 'unwritable';

/** What an error says of the file. */
export function troubleOf(error: unknown): Trouble {
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : -1;
  if (BUSY.includes(code)) return 'busy';
  return DAMAGED.includes(code) ? 'damaged' : 'unwritable';
}

/** The refusal of a file that must not be used. */
export function toRefusal(path: string, why: string, cause?: unknown): CorralError {
  return new CorralError(
    'bad-state',
    `Cannot use the ledger ${path}: ${why}. Name another folder with --ledger-dir (ledgerDir), or move this file away to begin anew: then what is in quarantine is forgotten too.`,
    { cause },
  );
}

/**
 * Opens a ledger for writing, making it where it is missing.
 * @throws {CorralError} `bad-state` for a newer, damaged or foreign file
 * @throws the system's or SQLite's own error where it cannot be written
 */
export function openLedgerFile(path: string): DatabaseSync {
  makeFolder(dirname(path));
  // For its owner only; SQLite gives the files beside it the same permissions.
  closeSync(openSync(path, 'a', 0o600));
  const database = new DatabaseSync(path, { timeout: OPEN_BUSY_MS });
  try {
    // A foreign or newer file is left as it is: nothing before this writes.
    const isNew = checkVersion(database, path);
    setWal(database);
    // A commit survives a kill of the process at any moment without an fsync each.
    database.exec('PRAGMA synchronous = NORMAL');
    if (isNew) makeTables(database, path);
    return database;
  } catch (error) {
    database.close();
    throw toKnown(path, error);
  }
}

/** A ledger in memory, empty. */
export function openMemory(): DatabaseSync {
  const database = new DatabaseSync(':memory:');
  database.exec(SCHEMA);
  return database;
}

/**
 * Opens a ledger for reading only, without leaving anything in its folder if need be; null where there is none, or one
 * without tables: a disk that was full when it was made leaves such a file.
 * @throws {CorralError} `bad-state` for a newer, damaged or foreign file
 * @throws the system's or SQLite's own error where it cannot be read
 */
export function openReadOnly(path: string): DatabaseSync | null {
  if (!existsSync(path)) return null;
  // Where the folder cannot be written SQLite cannot share the file; then nobody else can write to it there either.
  const immutable = pathToFileURL(path);
  immutable.searchParams.set('immutable', '1');
  try {
    return checked(new DatabaseSync(path, { readOnly: true, timeout: OPEN_BUSY_MS }), path);
  } catch (error) {
    if (troubleOf(error) !== 'unwritable' || error instanceof CorralError) throw error;
    return checked(new DatabaseSync(immutable, { readOnly: true }), path);
  }
}

function checked(database: DatabaseSync, path: string): DatabaseSync | null {
  try {
    if (!checkVersion(database, path)) return database;
    database.close();
    return null;
  } catch (error) {
    if (database.isOpen) database.close();
    throw toKnown(path, error);
  }
}

/** Copies everything from one ledger into another, empty one. */
export function copyLedger(from: DatabaseSync, to: DatabaseSync): void {
  inTransaction(to, () => {
    for (const table of TABLES) {
      let insert: ReturnType<DatabaseSync['prepare']> | null = null;
      for (const row of from.prepare(`SELECT * FROM ${table}`).iterate()) {
        insert ??= to.prepare(
          `INSERT INTO ${table} (${Object.keys(row).join(', ')}) VALUES (${Object.keys(row)
            .map(() => '?')
            .join(', ')})`,
        );
        insert.run(...(Object.values(row) as (string | number | null)[]));
      }
    }
  });
}

/** Does work that is written whole or not at all. */
export function inTransaction<Made>(database: DatabaseSync, work: () => Made): Made {
  database.exec('BEGIN IMMEDIATE');
  try {
    const made = work();
    database.exec('COMMIT');
    return made;
  } catch (error) {
    // A full disk may have rolled back by itself; then there is nothing left to do.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** True for a file that has no tables yet. @throws {CorralError} `bad-state` for one that must not be used */
function checkVersion(database: DatabaseSync, path: string): boolean {
  const read = (pragma: string) => Number(database.prepare(`PRAGMA ${pragma}`).get()?.[pragma]);
  const version = read('user_version');
  const tables = Number(database.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.n);
  if (version === 0 && tables === 0) return true;
  if (read('application_id') !== APPLICATION_ID)
    throw toRefusal(path, 'it is a database of another program');
  if (version > SCHEMA_VERSION)
    throw toRefusal(
      path,
      `a newer Corral wrote it (its version is ${version}, this Corral knows ${SCHEMA_VERSION})`,
    );
  const found = database.prepare('PRAGMA quick_check(1)').get()?.quick_check;
  if (found !== 'ok') throw toRefusal(path, `it is damaged (${toMessage(found).split('\n')[0]})`);
  return false;
}

function makeTables(database: DatabaseSync, path: string): void {
  inTransaction(database, () => {
    // Another process may have made them a moment ago.
    if (!checkVersion(database, path)) return;
    database.exec(SCHEMA);
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
    database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
  });
}

function toKnown(path: string, error: unknown): unknown {
  if (error instanceof CorralError || troubleOf(error) !== 'damaged') return error;
  return toRefusal(path, `it is damaged (${toMessage(error)})`, error);
}

/** Two processes that make the same file at once: SQLite's own timeout does not hold for the change to WAL. */
function setWal(database: DatabaseSync): void {
  const giveUpAt = performance.now() + OPEN_BUSY_MS;
  for (;;) {
    try {
      database.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      if (troubleOf(error) !== 'busy' || performance.now() > giveUpAt) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
