// Owns a ledger's rows of each macro: what it is, what was counted of it, its last clean runs and what is normal for it.

import {
  BASELINE_MEASURES,
  type Baseline,
  type BaselineMeasure,
  type NormalRange,
} from '../model/ledger.ts';
import type { CleanRun } from '../model/reckoning.ts';
import type { Row, Statements } from './statements.ts';

/** What is counted of a macro. */
export type TallyKind = 'end' | 'effect' | 'unusual';

/** One macro's row. */
export interface MacroRow {
  readonly id: number;
  readonly owner: string;
  readonly name: string;
  digest: string;
  staticRisk: number;
  runs: number;
  cleanRuns: number;
  normalAt: number;
  lastRunAt: number | null;
  seenAt: number;
}

/** One count of a macro's. */
export interface Tally {
  readonly kind: TallyKind;
  readonly what: string;
  readonly count: number;
  readonly at: number;
  readonly message: string;
}

const MEASURES = Object.keys(BASELINE_MEASURES) as BaselineMeasure[];
const MACRO =
  'id, owner, name, digest, static_risk, runs, clean_runs, normal_at, last_run_at, seen_at';

/** The macros of one open ledger. */
export class MacroRows {
  readonly #sql: Statements;

  constructor(sql: Statements) {
    this.#sql = sql;
  }

  find(owner: string, name: string): MacroRow | null {
    const row = this.#sql.get(
      `SELECT ${MACRO} FROM macro WHERE owner = ? AND name = ?`,
      owner,
      name,
    );
    return row ? toMacro(row) : null;
  }

  all(): MacroRow[] {
    return this.#sql.all(`SELECT ${MACRO} FROM macro`).map(toMacro);
  }

  add(owner: string, name: string, seenAt: number): MacroRow {
    const { id } = this.#sql.run(
      `INSERT INTO macro (owner, name, digest, static_risk, runs, clean_runs, normal_at, seen_at)
       VALUES (?, ?, '', 0, 0, 0, 0, ?)`,
      owner,
      name,
      seenAt,
    );
    const counts = { digest: '', staticRisk: 0, runs: 0, cleanRuns: 0, normalAt: 0 };
    return { id, owner, name, ...counts, lastRunAt: null, seenAt };
  }

  save(row: MacroRow): void {
    this.#sql.run(
      `UPDATE macro SET digest = ?, static_risk = ?, runs = ?, clean_runs = ?, normal_at = ?, last_run_at = ?, seen_at = ?
       WHERE id = ?`,
      row.digest,
      row.staticRisk,
      row.runs,
      row.cleanRuns,
      row.normalAt,
      row.lastRunAt,
      row.seenAt,
      row.id,
    );
  }

  /**
   * Once there are a tenth more than so many of an owner: forgets down to so many. Those nothing speaks against go first,
   * the longest unseen first; those in quarantine stay.
   */
  forget(owner: string, keep: number): void {
    const count = Number(
      this.#sql.get('SELECT count(*) AS n FROM macro WHERE owner = ?', owner)?.n,
    );
    if (count <= keep * 1.1) return;
    const gone = this.#sql.all(
      `SELECT id FROM macro AS m WHERE owner = ?
         AND NOT EXISTS (SELECT 1 FROM quarantine AS q WHERE q.owner = m.owner AND q.name = m.name AND q.released_at IS NULL)
       ORDER BY EXISTS (SELECT 1 FROM mark AS k WHERE k.owner = m.owner AND k.of = 'name' AND k.id = m.name), seen_at
       LIMIT ?`,
      owner,
      count - keep,
    );
    for (const { id } of gone)
      for (const [table, column] of [
        ['macro', 'id'],
        ['tally', 'macro'],
        ['clean_run', 'macro'],
        ['normal', 'macro'],
      ])
        this.#sql.run(`DELETE FROM ${table} WHERE ${column} = ?`, Number(id));
  }

  tallies(macro: number): Tally[] {
    return this.#sql
      .all(
        'SELECT kind, what, count, at, message FROM tally WHERE macro = ? ORDER BY count DESC, what',
        macro,
      )
      .map((row) => ({
        kind: String(row.kind) as TallyKind,
        what: String(row.what),
        count: Number(row.count),
        at: Number(row.at),
        message: String(row.message),
      }));
  }

  addTally(macro: number, { kind, what, count, at, message }: Tally): void {
    this.#sql.run(
      `INSERT INTO tally (macro, kind, what, count, at, message) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET count = count + excluded.count, at = excluded.at, message = excluded.message`,
      macro,
      kind,
      what,
      count,
      at,
      message,
    );
  }

  cleanRuns(macro: number): CleanRun[] {
    return this.#sql
      .all(
        'SELECT digest, peak_heap, cpu_ms, commands, duration_ms FROM clean_run WHERE macro = ? ORDER BY id',
        macro,
      )
      .map((row) => ({
        text: String(row.digest),
        peakHeap: Number(row.peak_heap),
        cpuMs: Number(row.cpu_ms),
        commands: Number(row.commands),
        durationMs: Number(row.duration_ms),
      }));
  }

  addCleanRuns(macro: number, runs: readonly CleanRun[]): void {
    for (const { text, peakHeap, cpuMs, commands, durationMs } of runs)
      this.#sql.run(
        'INSERT INTO clean_run (macro, digest, peak_heap, cpu_ms, commands, duration_ms) VALUES (?, ?, ?, ?, ?, ?)',
        macro,
        text,
        peakHeap,
        cpuMs,
        commands,
        durationMs,
      );
  }

  /** Keeps the last so many. */
  keepCleanRuns(macro: number, keep: number): void {
    this.#sql.run(
      `DELETE FROM clean_run WHERE macro = ?1 AND id <=
         (SELECT id FROM clean_run WHERE macro = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)`,
      macro,
      keep,
    );
  }

  baseline(owner: string, name: string): Baseline | null {
    const rows = this.#sql.all(
      `SELECT measure, n.runs AS runs, median, low, up, high FROM normal AS n
       JOIN macro ON macro.id = n.macro WHERE owner = ? AND name = ?`,
      owner,
      name,
    );
    return toBaseline(rows);
  }

  setBaseline(macro: number, { runs, measures }: Baseline): void {
    for (const measure of MEASURES) {
      const { median, from, to, high } = measures[measure];
      this.#sql.run(
        'INSERT OR REPLACE INTO normal (macro, measure, runs, median, low, up, high) VALUES (?, ?, ?, ?, ?, ?, ?)',
        macro,
        measure,
        runs,
        median,
        from,
        to,
        high,
      );
    }
  }
}

function toMacro(row: Row): MacroRow {
  return {
    id: Number(row.id),
    owner: String(row.owner),
    name: String(row.name),
    digest: String(row.digest),
    staticRisk: Number(row.static_risk),
    runs: Number(row.runs),
    cleanRuns: Number(row.clean_runs),
    normalAt: Number(row.normal_at),
    lastRunAt: row.last_run_at === null ? null : Number(row.last_run_at),
    seenAt: Number(row.seen_at),
  };
}

function toBaseline(rows: readonly Row[]): Baseline | null {
  const ranges = new Map<unknown, NormalRange>(
    rows.map((row) => [
      row.measure,
      {
        median: Number(row.median),
        from: Number(row.low),
        to: Number(row.up),
        high: Number(row.high),
      },
    ]),
  );
  const known = MEASURES.flatMap((measure) => {
    const range = ranges.get(measure);
    return range ? [[measure, range] as const] : [];
  });
  if (known.length < MEASURES.length) return null;
  return {
    runs: Number(rows[0]?.runs),
    measures: Object.fromEntries(known) as Record<BaselineMeasure, NormalRange>,
  };
}
