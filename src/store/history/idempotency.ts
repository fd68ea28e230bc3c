// Owns requests that may come again: the same key answers with the run of the first time.

import type { HistoryDatabase } from './database.ts';

/** What a key was used for. */
export interface KnownRequest {
  /** Of the request then; another one under the same key is a mistake. */
  readonly digest: string;
  readonly run: string;
}

/** The keys of requests, each owner's own. */
export class IdempotencyHistory {
  readonly #database: HistoryDatabase;

  constructor(database: HistoryDatabase) {
    this.#database = database;
  }

  find(owner: string, key: string): KnownRequest | null {
    const query = this.#database.sql
      .selectFrom('idempotency')
      .select(['digest', 'run'])
      .where('owner', '=', owner)
      .where('key', '=', key);
    return this.#database.get(query) ?? null;
  }

  add(owner: string, key: string, { digest, run }: KnownRequest, time: number): void {
    const row = { owner, key, digest, run, time };
    this.#database.run(
      this.#database.sql
        .insertInto('idempotency')
        .values(row)
        .onConflict((on) => on.doNothing()),
    );
  }
}
