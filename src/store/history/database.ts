// Owns the history's SQLite file: opening it, refusing what is no history of ours, transactions, backup. What is asked of it
// is built by Kysely and run at once: when a call returns, it is in the file.

import { chmodSync, closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import {
  type Compilable,
  DummyDriver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { toSystemReason } from '../../model/errno.ts';
import { CorralError, toMessage } from '../../model/errors.ts';
import { makeFolder } from '../../model/folder.ts';
import { MIGRATIONS } from './migrations.ts';
import type { HistoryTables } from './tables.ts';

/** How long one process waits for another that writes (ms). */
const BUSY_MS = 5_000;
/** Prepared statements kept; their texts are few, those of filtered lists some more. */
const STATEMENTS_MAX = 200;
/** Told apart from any other SQLite file: the letters "Crrl". */
const APPLICATION_ID = 0x4372726c;
/** The file in the data folder. */
export const HISTORY_FILE = 'history.sqlite';

/** A history's file. */
export class HistoryDatabase implements Disposable {
  /** Builds what is asked; never runs anything by itself. */
  readonly sql: Kysely<HistoryTables>;
  /** The file's path; `:memory:` for none. */
  readonly file: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /**
   * @param dir the folder of `history.sqlite`; null keeps everything in memory
   * @throws {CorralError} `bad-store` for a file that is damaged, from a newer Corral, none of ours, or cannot be used
   */
  constructor(dir: string | null) {
    this.file = dir === null ? ':memory:' : join(dir, HISTORY_FILE);
    this.sql = new Kysely<HistoryTables>({
      dialect: {
        createAdapter: () => new SqliteAdapter(),
        createDriver: () => new DummyDriver(),
        createIntrospector: (database) => new SqliteIntrospector(database),
        createQueryCompiler: () => new SqliteQueryCompiler(),
      },
    });
    try {
      if (dir !== null) makeFolder(dir);
      this.#database = open(this.file);
    } catch (error) {
      if (error instanceof CorralError) throw error;
      throw new CorralError(
        'bad-store',
        `Cannot open the history in ${this.file}: ${toSystemReason(error)}; name another folder with --data-dir.`,
        { cause: error },
      );
    }
  }

  /** The rows of a query. */
  all<Row>(query: Compilable<Row>): Row[] {
    const { sql, parameters } = query.compile();
    return this.#prepare(sql).all(...(parameters as SQLInputValue[])) as Row[];
  }

  /** The first row of a query, undefined for none. */
  get<Row>(query: Compilable<Row>): Row | undefined {
    const { sql, parameters } = query.compile();
    return this.#prepare(sql).get(...(parameters as SQLInputValue[])) as Row | undefined;
  }

  /** Runs what changes something. @returns how many rows it changed, and the number of the last one it put in */
  run(query: Compilable): { readonly changes: number; readonly lastId: number } {
    const { sql, parameters } = query.compile();
    const { changes, lastInsertRowid } = this.#prepare(sql).run(...(parameters as SQLInputValue[]));
    return { changes: Number(changes), lastId: Number(lastInsertRowid) };
  }

  /** All of the work or nothing of it. One inside another is part of the outer one. */
  transaction<Value>(work: () => Value): Value {
    if (this.#database.isTransaction) return work();
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const value = work();
      this.#database.exec('COMMIT');
      return value;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  /** Copies the whole history of this moment into a new file, while it is used. @throws what SQLite says */
  copyTo(file: string): void {
    this.#database.prepare('VACUUM INTO ?').run(file);
  }

  /** Writes what is there already: whoever does so knows whether the disk takes anything. */
  touch(): void {
    this.#database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
  }

  /** True while it can be read. */
  get usable(): boolean {
    try {
      return this.#database.prepare('SELECT 1 AS one').get()?.one === 1;
    } catch {
      return false;
    }
  }

  [Symbol.dispose](): void {
    this.#statements.clear();
    if (this.#database.isOpen) this.#database.close();
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    if (this.#statements.size > STATEMENTS_MAX) {
      const [oldest] = this.#statements.keys();
      if (oldest !== undefined) this.#statements.delete(oldest);
    }
    return statement;
  }
}

/** Opens a file and brings it to the present shape. */
function open(file: string): DatabaseSync {
  const isNew = file === ':memory:' || !existsSync(file);
  if (file !== ':memory:') makePrivate(file);
  const database = new DatabaseSync(file, { timeout: BUSY_MS });
  try {
    if (!isNew) assertOurs(database, file);
    // A commit that was acknowledged must outlive the machine's power, so each is synced; many come in one (see History).
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
    migrate(database, file);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Everybody's texts are in it, and the files beside it are made with its own permissions. */
function makePrivate(file: string): void {
  closeSync(openSync(file, 'a', 0o600));
  for (const each of [file, `${file}-wal`, `${file}-shm`])
    if (existsSync(each)) chmodSync(each, 0o600);
}

/** Refuses what would only be made worse by writing into it. */
function assertOurs(database: DatabaseSync, file: string): void {
  const check = readPragma(database, 'quick_check', file);
  if (check !== 'ok')
    throw new CorralError(
      'bad-store',
      `The history in ${file} is damaged (${String(check).slice(0, 200)}). Put a backup in its place (\`corral backup\` makes them), or move the file away to begin anew.`,
    );
  const id = readPragma(database, 'application_id', file);
  const tables = database
    .prepare("SELECT count(*) AS n FROM sqlite_master WHERE type = 'table'")
    .get();
  if (id !== APPLICATION_ID && Number(tables?.n) > 0)
    throw new CorralError(
      'bad-store',
      `${file} is a database of another program. Name another folder with --data-dir.`,
    );
  assertKnown(Number(readPragma(database, 'user_version', file)), file);
}

function assertKnown(version: number, file: string): void {
  if (version <= MIGRATIONS.length) return;
  throw new CorralError(
    'bad-store',
    `The history in ${file} was written by a newer Corral (version ${version} of its shape, this one knows ${MIGRATIONS.length}). Start that Corral, or name another folder with --data-dir.`,
  );
}

function readPragma(database: DatabaseSync, name: string, file: string): unknown {
  try {
    return Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  } catch (error) {
    throw new CorralError(
      'bad-store',
      `${file} cannot be read as a history: ${toMessage(error)}. Put a backup in its place, or move the file away to begin anew.`,
      { cause: error },
    );
  }
}

function migrate(database: DatabaseSync, file: string): void {
  const version = Number(readPragma(database, 'user_version', file));
  for (const [index, step] of MIGRATIONS.entries()) {
    if (index < version) continue;
    database.exec('BEGIN IMMEDIATE');
    try {
      // Another process may have made it meanwhile.
      if (Number(readPragma(database, 'user_version', file)) === index)
        database.exec(
          `${step}; PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${index + 1}`,
        );
      database.exec('COMMIT');
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  }
}
