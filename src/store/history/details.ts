// Owns what is kept of a run beside its ends: commands, log lines, samples. Bounded: of a run that gave very many commands the
// first ones and a fair share of the rest are kept.

import type { CommandEvent, LogEvent, SampleEvent } from '../../model/events.ts';
import type { HistoryDatabase } from './database.ts';

/** Commands of one run that are kept one by one; beyond these every tenth, then every hundredth … */
const COMMANDS_WHOLE = 1_000;
const LOGS_MAX = 2_000;
/** From so many on every second sample, then every fourth … */
const SAMPLES_WHOLE = 600;

/** How much has come of one run, so that it is known what to keep. */
export interface Tally {
  commands: number;
  logs: number;
  samples: number;
}

/** A page of a run's details. */
export interface DetailPage {
  /** Only those after this number. */
  readonly after: number;
  readonly limit: number;
}

/** True when the nth (from 0) is kept: the first ones all, later ones the rarer the more there are. */
export function isKept(n: number, whole: number, factor: number): boolean {
  let every = 1;
  for (let end = whole; n >= end; end *= factor) every *= factor;
  return n % every === 0;
}

/** The details of runs. */
export class RunDetails {
  readonly #database: HistoryDatabase;

  constructor(database: HistoryDatabase) {
    this.#database = database;
  }

  addCommand(run: string, n: number, event: CommandEvent): void {
    if (!isKept(n, COMMANDS_WHOLE, 10)) return;
    const { at, name } = event;
    const row = { run, n, at, name, event: JSON.stringify(event) };
    this.#database.run(
      this.#database.sql
        .insertInto('run_command')
        .values(row)
        .onConflict((on) => on.doNothing()),
    );
  }

  addLog(run: string, n: number, { at, level, text }: LogEvent): void {
    if (n >= LOGS_MAX) return;
    const row = { run, n, at, level, text };
    this.#database.run(
      this.#database.sql
        .insertInto('run_log')
        .values(row)
        .onConflict((on) => on.doNothing()),
    );
  }

  addSample(run: string, n: number, sample: SampleEvent): void {
    if (!isKept(n, SAMPLES_WHOLE, 2)) return;
    const row = {
      run,
      at: sample.at,
      heap_used: Math.round(sample.heapUsed),
      external: Math.round(sample.external),
      rss: Math.round(sample.rss),
      cpu_ms: sample.cpuMs,
    };
    this.#database.run(
      this.#database.sql
        .insertInto('run_sample')
        .values(row)
        .onConflict((on) => on.doNothing()),
    );
  }

  /** In the order they were given; `n` counts all, those that were not kept too. */
  commands(run: string, { after, limit }: DetailPage): (CommandEvent & { readonly n: number })[] {
    const query = this.#database.sql
      .selectFrom('run_command')
      .select(['n', 'event'])
      .where('run', '=', run)
      .where('n', '>', after)
      .orderBy('n')
      .limit(limit);
    return this.#database
      .all(query)
      .map(({ n, event }) => ({ ...(JSON.parse(event) as CommandEvent), n }));
  }

  logs(
    run: string,
    { after, limit }: DetailPage,
  ): (Omit<LogEvent, 'type'> & { readonly n: number })[] {
    const query = this.#database.sql
      .selectFrom('run_log')
      .select(['n', 'at', 'level', 'text'])
      .where('run', '=', run)
      .where('n', '>', after)
      .orderBy('n')
      .limit(limit);
    return this.#database
      .all(query)
      .map(({ n, at, level, text }) => ({ n, at, level: level as LogEvent['level'], text }));
  }

  /** How much was seen of a run that nobody saw end, its own figures at the last look. */
  seenOf(run: string): { commands: number; cpuMs: number; peakHeap: number } {
    const { sql } = this.#database;
    const given = this.#database.get(
      sql
        .selectFrom('run_command')
        .select(({ fn }) => fn.max('n').as('last'))
        .where('run', '=', run),
    );
    const sampled = this.#database.get(
      sql
        .selectFrom('run_sample')
        .select(({ fn }) => [fn.max('cpu_ms').as('cpuMs'), fn.max('heap_used').as('peakHeap')])
        .where('run', '=', run),
    );
    return {
      commands: given?.last == null ? 0 : given.last + 1,
      cpuMs: sampled?.cpuMs ?? 0,
      peakHeap: sampled?.peakHeap ?? 0,
    };
  }

  /** By time. */
  samples(run: string): Omit<SampleEvent, 'type' | 'heapTotal'>[] {
    const query = this.#database.sql.selectFrom('run_sample').selectAll().where('run', '=', run);
    return this.#database.all(query.orderBy('at')).map((row) => ({
      at: row.at,
      heapUsed: row.heap_used,
      external: row.external,
      rss: row.rss,
      cpuMs: row.cpu_ms,
    }));
  }
}
