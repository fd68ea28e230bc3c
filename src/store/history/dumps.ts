// Owns the index of crash dumps: which there are, of which run, and which are the same trouble.

import type { HistoryDatabase } from './database.ts';

/** A crash dump on disk. */
export interface DumpEntry {
  readonly path: string;
  readonly run: string;
  readonly owner: string;
  readonly macro: string;
  readonly reason: string;
  /** The same for the same trouble. */
  readonly fingerprint: string;
  /** `file:line`, '' where unknown. */
  readonly place: string;
  /** ms since 1970. */
  readonly time: number;
  readonly bytes: number;
}

/** Dumps of one trouble. */
export interface DumpTrouble {
  readonly fingerprint: string;
  readonly macro: string;
  readonly owner: string;
  readonly reason: string;
  readonly place: string;
  readonly count: number;
  readonly firstAt: number;
  readonly lastAt: number;
}

/** The index. */
export class DumpHistory {
  readonly #database: HistoryDatabase;

  constructor(database: HistoryDatabase) {
    this.#database = database;
  }

  add(entry: DumpEntry): void {
    this.#database.run(
      this.#database.sql
        .insertInto('dump')
        .values(entry)
        .onConflict((on) => on.doNothing()),
    );
  }

  /** Newest first. */
  list({
    owner,
    macro,
    fingerprint,
    before,
    limit,
  }: {
    readonly owner?: string | undefined;
    readonly macro?: string | undefined;
    readonly fingerprint?: string | undefined;
    /** Only what comes after this one in the list: the next page. */
    readonly before?: Pick<DumpEntry, 'time' | 'path'> | undefined;
    readonly limit: number;
  }): DumpEntry[] {
    let query = this.#database.sql
      .selectFrom('dump')
      .selectAll()
      .orderBy('time', 'desc')
      .orderBy('path', 'desc')
      .limit(limit);
    if (owner !== undefined) query = query.where('owner', '=', owner);
    if (macro !== undefined) query = query.where('macro', '=', macro);
    if (fingerprint !== undefined) query = query.where('fingerprint', '=', fingerprint);
    if (before !== undefined) {
      const { time, path } = before;
      query = query.where(({ eb, and, or }) =>
        or([eb('time', '<', time), and([eb('time', '=', time), eb('path', '<', path)])]),
      );
    }
    return this.#database.all(query);
  }

  ofRun(run: string): DumpEntry | null {
    const query = this.#database.sql.selectFrom('dump').selectAll().where('run', '=', run);
    return this.#database.get(query) ?? null;
  }

  /** The largest first. */
  troubles(owner: string | null): DumpTrouble[] {
    let query = this.#database.sql
      .selectFrom('dump')
      .select((on) => [
        'fingerprint',
        'macro',
        'owner',
        'reason',
        'place',
        on.fn.countAll<number>().as('count'),
        on.fn.min('time').as('firstAt'),
        on.fn.max('time').as('lastAt'),
      ])
      .groupBy(['fingerprint', 'owner'])
      .orderBy('count', 'desc')
      .limit(500);
    if (owner !== null) query = query.where('owner', '=', owner);
    return this.#database.all(query);
  }

  /** Forgets those of a run, which itself then names none. */
  removeOf(run: string): void {
    const { sql } = this.#database;
    this.#database.run(sql.deleteFrom('dump').where('run', '=', run));
    this.#database.run(sql.updateTable('run').set({ dump: null }).where('id', '=', run));
  }
}
