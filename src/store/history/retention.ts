// Owns how long the history is kept: old runs with all that belongs to them, old events, old audit, in small bites.

import type { HistoryDatabase } from './database.ts';

/** How long things are kept. */
export interface HistoryKeep {
  /** Ended runs (ms since their end), and the most of them. */
  readonly runsMs: number;
  readonly runs: number;
  /** ms. */
  readonly eventsMs: number;
  readonly auditMs: number;
}

const DAY = 24 * 60 * 60 * 1000;

/** Runs, events and alerts for 30 days, a million runs at the most, the audit for a year. */
export const HISTORY_KEEP: HistoryKeep = {
  runsMs: 30 * DAY,
  runs: 1_000_000,
  eventsMs: 30 * DAY,
  auditMs: 365 * DAY,
};

/** So many runs go at once, so that nobody waits for long. */
const BITE = 500;
const IDEMPOTENCY_MS = DAY;

/** Takes one bite of what is too old. @returns true when there may be more */
export function forget(database: HistoryDatabase, keep: HistoryKeep, now: number): boolean {
  const { sql } = database;
  return database.transaction(() => {
    const newest = database.get(sql.selectFrom('run').select((on) => on.fn.max('seq').as('seq')));
    const oldest = (newest?.seq ?? 0) - keep.runs;
    const gone = database
      .all(
        sql
          .selectFrom('run')
          .select('id')
          .where('ended_at', 'is not', null)
          .where((on) => on.or([on('ended_at', '<', now - keep.runsMs), on('seq', '<=', oldest)]))
          .limit(BITE),
      )
      .map(({ id }) => id);
    if (gone.length > 0) {
      for (const table of ['run_command', 'run_log', 'run_sample'] as const)
        database.run(sql.deleteFrom(table).where('run', 'in', gone));
      database.run(sql.deleteFrom('run').where('id', 'in', gone));
    }
    database.run(sql.deleteFrom('event').where('time', '<', now - keep.eventsMs));
    database.run(sql.deleteFrom('alert').where('time', '<', now - keep.eventsMs));
    database.run(sql.deleteFrom('outbox').where('ended_at', '<', now - keep.eventsMs));
    database.run(sql.deleteFrom('audit').where('time', '<', now - keep.auditMs));
    database.run(sql.deleteFrom('idempotency').where('time', '<', now - IDEMPOTENCY_MS));
    return gone.length === BITE;
  });
}
