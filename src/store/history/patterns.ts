// Owns patterns as they are kept: the texts that were put, and which ones somebody has disabled.

import type { HistoryDatabase } from './database.ts';

/** What is kept of one pattern. */
export interface KeptPattern {
  readonly id: string;
  /** Null for one that is a file: of it is only kept whether it is enabled. */
  readonly yaml: string | null;
  readonly enabled: boolean;
}

/** The patterns. */
export class PatternHistory {
  readonly #database: HistoryDatabase;

  constructor(database: HistoryDatabase) {
    this.#database = database;
  }

  /** All of them, by id. */
  list(): KeptPattern[] {
    const query = this.#database.sql.selectFrom('pattern').selectAll().orderBy('id');
    return this.#database
      .all(query)
      .map(({ id, yaml, enabled }) => ({ id, yaml, enabled: enabled === 1 }));
  }

  /** Keeps a text; one that is disabled stays so. @param at ms since 1970 */
  put(id: string, yaml: string, at: number): void {
    this.#database.run(
      this.#database.sql
        .insertInto('pattern')
        .values({ id, yaml, enabled: 1, updated_at: at })
        .onConflict((on) => on.column('id').doUpdateSet({ yaml, updated_at: at })),
    );
  }

  /** Keeps nothing more of it, not even that it was disabled. */
  remove(id: string): void {
    this.#database.run(this.#database.sql.deleteFrom('pattern').where('id', '=', id));
  }

  /** @param at ms since 1970 */
  setEnabled(id: string, isEnabled: boolean, at: number): void {
    const enabled = isEnabled ? 1 : 0;
    this.#database.run(
      this.#database.sql
        .insertInto('pattern')
        .values({ id, yaml: null, enabled, updated_at: at })
        .onConflict((on) => on.column('id').doUpdateSet({ enabled, updated_at: at })),
    );
  }
}
