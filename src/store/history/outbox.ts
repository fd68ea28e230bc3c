// Owns alerts as they are kept: all of them, and by channel what is on its way and what became of it.

import type { Selectable } from 'kysely';
import {
  Alert,
  type Delivery,
  type KeptAlert,
  type Outbox,
  type WaitingAlert,
} from '../../model/alert.ts';
import type { HistoryDatabase } from './database.ts';
import type { OutboxTable } from './tables.ts';
import type { Writes } from './writes.ts';

/** The longest reason that is kept (characters). */
const ERROR_CHARS = 500;

/** Which alerts are meant. */
export interface AlertFilter {
  /** What concerns the house, and this owner; everybody's where none is given. */
  readonly owner?: string | undefined;
  /** Only those before this number. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** The outbox in the history's file. */
export class OutboxHistory implements Outbox {
  readonly #database: HistoryDatabase;
  readonly #writes: Writes;

  constructor(database: HistoryDatabase, writes: Writes) {
    this.#database = database;
    this.#writes = writes;
  }

  note(id: number, alert: Alert): void {
    const { time, owner } = alert;
    const row = { id, time, owner, alert: JSON.stringify(alert) };
    const add = this.#database.sql.insertInto('alert').orIgnore().values(row);
    this.#writes.surely(() => this.#database.run(add));
  }

  /** Newest first. */
  list({ owner, before, limit }: AlertFilter): KeptAlert[] {
    const { sql } = this.#database;
    let query = sql.selectFrom('alert').selectAll().orderBy('id', 'desc').limit(limit);
    if (before !== undefined) query = query.where('id', '<', before);
    if (owner !== undefined)
      query = query.where((on) => on.or([on('owner', '=', owner), on('owner', 'is', null)]));
    return this.#database.all(query).map(({ id, alert }) => ({
      ...Alert.parse(JSON.parse(alert)),
      id,
      deliveries: this.#database
        .all(sql.selectFrom('outbox').selectAll().where('of', '=', id).orderBy('id'))
        .map(toDelivery),
    }));
  }

  add(channel: string, alert: Alert, at: number, of: number | null): void {
    const row = { channel, alert: JSON.stringify(alert), created_at: at, attempts: 0, next_at: at };
    this.#database.run(
      this.#database.sql
        .insertInto('outbox')
        .values({ ...row, last_error: null, of, ended_at: null }),
    );
  }

  first(channel: string): WaitingAlert | null {
    const query = this.#database.sql
      .selectFrom('outbox')
      .selectAll()
      .where('channel', '=', channel)
      .where('ended_at', 'is', null)
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

  ended(id: number, at: number, error: string | null): void {
    const how =
      error === null
        ? { ended_at: at }
        : { ended_at: at, given_up: 1, last_error: error.slice(0, ERROR_CHARS) };
    this.#database.run(this.#database.sql.updateTable('outbox').set(how).where('id', '=', id));
  }

  count(channel: string): number {
    const query = this.#database.sql
      .selectFrom('outbox')
      .select((on) => on.fn.countAll<number>().as('n'))
      .where('channel', '=', channel)
      .where('ended_at', 'is', null);
    return this.#database.get(query)?.n ?? 0;
  }
}

function toDelivery(row: Selectable<OutboxTable>): Delivery {
  const { channel, alert, attempts, last_error: error, ended_at: endedAt, given_up } = row;
  const ended = given_up === 1 ? 'given-up' : 'delivered';
  const state = endedAt === null ? 'waiting' : ended;
  const { count } = Alert.parse(JSON.parse(alert));
  return { channel, state, failures: attempts + given_up, error, count, endedAt };
}
