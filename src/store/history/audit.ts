// Owns who did what, as it is kept: nothing is ever changed in it, and only retention takes from its old end.

import type { HistoryDatabase } from './database.ts';

/** One thing somebody did. */
export interface AuditEntry {
  readonly id: number;
  /** ms since 1970. */
  readonly time: number;
  /** A key's id, or `local`. */
  readonly by: string;
  readonly owner: string;
  /** `run.stop`, `macro.put`, `key.revoke` … */
  readonly action: string;
  readonly target: string;
  /** One line. */
  readonly detail: string;
}

/** The audit. */
export class AuditHistory {
  readonly #database: HistoryDatabase;

  constructor(database: HistoryDatabase) {
    this.#database = database;
  }

  add(entry: Omit<AuditEntry, 'id'>): void {
    this.#database.run(this.#database.sql.insertInto('audit').values(entry));
  }

  /** Newest first; only those before a number, where one is given. */
  list({
    before,
    limit,
  }: {
    readonly before?: number | undefined;
    readonly limit: number;
  }): AuditEntry[] {
    let query = this.#database.sql
      .selectFrom('audit')
      .selectAll()
      .orderBy('id', 'desc')
      .limit(limit);
    if (before !== undefined) query = query.where('id', '<', before);
    return this.#database.all(query);
  }
}
