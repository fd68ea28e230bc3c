// Owns the events of the house as they are kept: numbered, so that a listener who was away can catch up.

import type { FeedEvent, FeedPayload } from '../../model/feed.ts';
import type { HistoryDatabase } from './database.ts';

/** Which events are meant. */
export interface EventFilter {
  readonly types?: readonly FeedPayload['type'][] | undefined;
  readonly run?: string | undefined;
  readonly macro?: string | undefined;
  readonly owner?: string | undefined;
  /** Only those after this number. */
  readonly after?: number | undefined;
  readonly limit: number;
}

/** The events. */
export class EventHistory {
  readonly #database: HistoryDatabase;

  constructor(database: HistoryDatabase) {
    this.#database = database;
  }

  /** @returns its number */
  add(time: number, payload: FeedPayload): number {
    const { type } = payload;
    const run = 'runId' in payload ? payload.runId : null;
    const macro = 'macro' in payload ? payload.macro : null;
    const owner = 'owner' in payload ? (payload.owner ?? null) : null;
    const row = { time, type, run, macro, owner, event: JSON.stringify(payload) };
    return this.#database.run(this.#database.sql.insertInto('event').values(row)).lastId;
  }

  /** The number of the newest; 0 for none. */
  get last(): number {
    const { sql } = this.#database;
    return (
      this.#database.get(sql.selectFrom('event').select((on) => on.fn.max('id').as('id')))?.id ?? 0
    );
  }

  /** In order; the first ones after a number, or the newest ones where none is given. */
  list({ types, run, macro, owner, after, limit }: EventFilter): FeedEvent[] {
    let query = this.#database.sql.selectFrom('event').select(['id', 'time', 'event']).limit(limit);
    query = query.orderBy('id', after === undefined ? 'desc' : 'asc');
    if (types !== undefined && types.length > 0) query = query.where('type', 'in', types);
    if (run !== undefined) query = query.where('run', '=', run);
    if (macro !== undefined) query = query.where('macro', '=', macro);
    if (owner !== undefined) query = query.where('owner', '=', owner);
    if (after !== undefined) query = query.where('id', '>', after);
    const found = this.#database
      .all(query)
      .map(({ id, time, event }) => ({ ...(JSON.parse(event) as FeedPayload), id, time }));
    return after === undefined ? found.reverse() : found;
  }
}
