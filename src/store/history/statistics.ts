// Owns the sums over the history: by macro, by owner, by reason, over time.

import { sql as raw } from 'kysely';
import type { HistoryDatabase } from './database.ts';

/** What is summed up by. */
export type StatisticsBy = 'macro' | 'owner' | 'reason';

/** Sums of the runs of one macro, owner or reason. */
export interface RunSums {
  readonly name: string;
  readonly runs: number;
  readonly completed: number;
  readonly failed: number;
  readonly refused: number;
  readonly killed: number;
  readonly cancelled: number;
  readonly cpuMs: number;
  readonly commands: number;
  /** Bytes, the most. */
  readonly peakHeap: number;
  /** ms, on average. */
  readonly durationMs: number;
}

/** Sums of one stretch of time. */
export interface TimeSums {
  /** ms since 1970 of its beginning. */
  readonly at: number;
  readonly runs: number;
  readonly killed: number;
  readonly failed: number;
  readonly cpuMs: number;
}

const count = (status: string) => raw<number>`coalesce(sum(status = ${status}), 0)`;

/** The sums. */
export class Statistics {
  readonly #database: HistoryDatabase;

  constructor(database: HistoryDatabase) {
    this.#database = database;
  }

  /** Of runs submitted from a time on (ms since 1970), the most runs first. */
  by(by: StatisticsBy, from: number, owner: string | null, limit = 100): RunSums[] {
    let query = this.#database.sql
      .selectFrom('run')
      .select((on) => [
        on.fn.coalesce(by, raw<string>`'running'`).as('name'),
        on.fn.countAll<number>().as('runs'),
        count('completed').as('completed'),
        count('failed').as('failed'),
        count('refused').as('refused'),
        count('killed').as('killed'),
        count('cancelled').as('cancelled'),
        raw<number>`coalesce(sum(cpu_ms), 0)`.as('cpuMs'),
        raw<number>`coalesce(sum(commands), 0)`.as('commands'),
        raw<number>`coalesce(max(peak_heap), 0)`.as('peakHeap'),
        raw<number>`coalesce(avg(duration_ms), 0)`.as('durationMs'),
      ])
      .where('submitted_at', '>=', from)
      .groupBy(by)
      .orderBy('runs', 'desc')
      .limit(limit);
    if (owner !== null) query = query.where('owner', '=', owner);
    return this.#database.all(query);
  }

  /** In stretches of so many ms, from a time on (ms since 1970), the oldest first. */
  overTime(from: number, stretchMs: number, owner: string | null): TimeSums[] {
    const stretch = raw<number>`cast(submitted_at / ${stretchMs} as integer) * ${stretchMs}`;
    let query = this.#database.sql
      .selectFrom('run')
      .select((on) => [
        stretch.as('at'),
        on.fn.countAll<number>().as('runs'),
        count('killed').as('killed'),
        count('failed').as('failed'),
        raw<number>`coalesce(sum(cpu_ms), 0)`.as('cpuMs'),
      ])
      .where('submitted_at', '>=', from)
      .groupBy('at')
      .orderBy('at')
      .limit(10_000);
    if (owner !== null) query = query.where('owner', '=', owner);
    return this.#database.all(query);
  }

  /** CPU (ms) that an owner's runs have used since a time (ms since 1970). */
  cpuOf(owner: string, since: number): number {
    const query = this.#database.sql
      .selectFrom('run')
      .select(raw<number>`coalesce(sum(cpu_ms), 0)`.as('cpuMs'))
      .where('owner', '=', owner)
      .where('ended_at', '>=', since);
    return this.#database.get(query)?.cpuMs ?? 0;
  }
}
