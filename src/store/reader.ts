// Owns answering what a ledger is asked, from its rows: who is held, how risky a macro has shown itself, what is normal.

import type {
  Baseline,
  BaselineMeasure,
  HeldMacro,
  MacroKey,
  MacroRecord,
} from '../model/ledger.ts';
import type { LedgerReckoning, Mark } from '../model/reckoning.ts';
import { type MacroRow, MacroRows, type Tally } from './macro-rows.ts';
import { MarkRows } from './mark-rows.ts';
import { QuarantineRows } from './quarantine-rows.ts';
import type { Statements } from './statements.ts';

/** Answers from one open ledger. */
export class LedgerReader {
  readonly #macros: MacroRows;
  readonly #marks: MarkRows;
  readonly #quarantines: QuarantineRows;
  readonly #reckoning: LedgerReckoning;

  constructor(sql: Statements, reckoning: LedgerReckoning) {
    this.#macros = new MacroRows(sql);
    this.#marks = new MarkRows(sql);
    this.#quarantines = new QuarantineRows(sql);
    this.#reckoning = reckoning;
  }

  quarantineOf({ owner, name, digest }: MacroKey): HeldMacro | null {
    return this.#quarantines.held(owner, name, digest);
  }

  /** What speaks against a macro, by its name and by its text. */
  marksOf({ owner, name, digest }: MacroKey): Mark[] {
    return [
      ...this.#marks.of({ owner, of: 'name', id: name }),
      ...this.#marks.of({ owner, of: 'text', id: digest }),
    ];
  }

  baselineOf({ owner, name }: MacroKey): Baseline | null {
    return this.#macros.baseline(owner, name);
  }

  /** Every macro, the riskiest first. */
  list(at: number): MacroRecord[] {
    return this.#macros
      .all()
      .map((row) => this.#record(row, at))
      .sort((a, b) => b.risk.score - a.risk.score || (b.lastRunAt ?? 0) - (a.lastRunAt ?? 0));
  }

  #record(row: MacroRow, at: number): MacroRecord {
    const { owner, name, runs, lastRunAt, staticRisk } = row;
    const tallies = Map.groupBy(this.#macros.tallies(row.id), ({ kind }) => kind);
    const of = (kind: Tally['kind']) => tallies.get(kind) ?? [];
    return {
      owner,
      name,
      risk: this.#reckoning.toLiveRisk(this.marksOf(row), staticRisk, at),
      quarantine: this.quarantineOf(row),
      releases: this.#quarantines.releases(owner, name),
      baseline: this.baselineOf(row),
      runs,
      ends: Object.fromEntries(of('end').map(({ what, count }) => [what, count])),
      effects: of('effect').map(({ what, count }) => ({ effect: what, count })),
      unusual: of('unusual').map(({ what, count, at: last, message }) => ({
        measure: what as BaselineMeasure,
        count,
        at: last,
        message,
      })),
      lastRunAt,
    };
  }
}
