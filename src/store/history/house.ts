// Owns what an operator has said of the house while it ran, and what must hold after a restart too: that the emergency stop is
// pulled, and another guard level than the configuration's.

import type { GuardLevel } from '../../model/guard.ts';
import type { HistoryDatabase } from './database.ts';

/** An emergency stop that is pulled. */
export interface KeptEmergency {
  readonly by: string;
  readonly why: string;
  /** ms since 1970. */
  readonly at: number;
}

/** A guard level that was set over the one of the configuration. */
export interface KeptLevel {
  readonly level: GuardLevel;
  /** What the configuration said then. */
  readonly configured: GuardLevel;
}

interface Kept {
  readonly emergency: KeptEmergency;
  readonly level: KeptLevel;
}

/** What holds of the house. */
export class HouseHistory {
  readonly #database: HistoryDatabase;

  constructor(database: HistoryDatabase) {
    this.#database = database;
  }

  /** What is kept; null for nothing. */
  get<Name extends keyof Kept>(name: Name): Kept[Name] | null {
    const query = this.#database.sql.selectFrom('house').select('value').where('name', '=', name);
    const row = this.#database.get(query);
    return row ? (JSON.parse(row.value) as Kept[Name]) : null;
  }

  /** Keeps it in the place of what was there; null for nothing. */
  set<Name extends keyof Kept>(name: Name, kept: Kept[Name] | null): void {
    const { sql } = this.#database;
    if (kept === null) {
      this.#database.run(sql.deleteFrom('house').where('name', '=', name));
      return;
    }
    const value = JSON.stringify(kept);
    this.#database.run(
      sql
        .insertInto('house')
        .values({ name, value })
        .onConflict((on) => on.column('name').doUpdateSet({ value })),
    );
  }
}
