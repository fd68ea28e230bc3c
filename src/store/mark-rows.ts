// Owns a ledger's rows of what speaks against macros.

import type { Mark } from '../model/reckoning.ts';
import type { Row, Statements } from './statements.ts';

/** Whose marks: those by a macro's name, or by its text. */
export interface MarkPlace {
  readonly owner: string;
  readonly of: 'name' | 'text';
  readonly id: string;
}

/** The marks of one open ledger. */
export class MarkRows {
  readonly #sql: Statements;

  constructor(sql: Statements) {
    this.#sql = sql;
  }

  of({ owner, of, id }: MarkPlace): Mark[] {
    return this.#sql
      .all('SELECT * FROM mark WHERE owner = ? AND of = ? AND id = ?', owner, of, id)
      .map(toMark);
  }

  set({ owner, of, id }: MarkPlace, mark: Mark): void {
    this.#sql.run(
      `INSERT OR REPLACE INTO mark (owner, of, id, cause, gross, net, at, count, why, half_life_ms, counted_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      owner,
      of,
      id,
      mark.cause,
      mark.gross,
      mark.net,
      mark.at,
      mark.count,
      mark.why,
      mark.halfLifeMs,
      mark.countedAt,
    );
  }

  drop({ owner, of, id }: MarkPlace, cause: string): void {
    this.#sql.run(
      'DELETE FROM mark WHERE owner = ? AND of = ? AND id = ? AND cause = ?',
      owner,
      of,
      id,
      cause,
    );
  }

  /** Forgets the oldest marks of an owner beyond so many. */
  forget(owner: string, keep: number): void {
    this.#sql.run(
      `DELETE FROM mark WHERE owner = ?1 AND at <=
         (SELECT at FROM mark WHERE owner = ?1 ORDER BY at DESC LIMIT 1 OFFSET ?2)`,
      owner,
      keep,
    );
  }
}

function toMark(row: Row): Mark {
  return {
    cause: String(row.cause),
    gross: Number(row.gross),
    net: Number(row.net),
    at: Number(row.at),
    count: Number(row.count),
    why: String(row.why),
    halfLifeMs: Number(row.half_life_ms),
    countedAt: Number(row.counted_at),
  };
}
