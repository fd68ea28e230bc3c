// Owns the alerts that are not delivered yet, by channel, as they are kept.

import { Alert, type Outbox, type WaitingAlert } from '../../model/alert.ts';
import type { HistoryDatabase } from './database.ts';

/** The longest reason that is kept (characters). */
const ERROR_CHARS = 500;

/** The outbox in the history's file. */
export class OutboxHistory implements Outbox {
  readonly #database: HistoryDatabase;

  constructor(database: HistoryDatabase) {
    this.#database = database;
  }

  add(channel: string, alert: Alert, at: number): void {
    const row = { channel, alert: JSON.stringify(alert), created_at: at, attempts: 0, next_at: at };
    this.#database.run(
      this.#database.sql.insertInto('outbox').values({ ...row, last_error: null }),
    );
  }

  first(channel: string): WaitingAlert | null {
    const query = this.#database.sql
      .selectFrom('outbox')
      .selectAll()
      .where('channel', '=', channel)
      .orderBy('next_at')
      .orderBy('id')
      .limit(1);
    const row = this.#database.get(query);
    if (!row) return null;
    const alert = Alert.parse(JSON.parse(row.alert));
    const { id, attempts, created_at: createdAt, next_at: nextAt } = row;
    return { id, alert, attempts, createdAt, nextAt };
  }

  later(id: number, nextAt: number, error: string): void {
    this.#database.run(
      this.#database.sql
        .updateTable('outbox')
        .set((on) => ({
          attempts: on('attempts', '+', 1),
          next_at: nextAt,
          last_error: error.slice(0, ERROR_CHARS),
        }))
        .where('id', '=', id),
    );
  }

  remove(id: number): void {
    this.#database.run(this.#database.sql.deleteFrom('outbox').where('id', '=', id));
  }

  count(channel: string): number {
    const query = this.#database.sql
      .selectFrom('outbox')
      .select((on) => on.fn.countAll<number>().as('n'))
      .where('channel', '=', channel);
    return this.#database.get(query)?.n ?? 0;
  }
}
