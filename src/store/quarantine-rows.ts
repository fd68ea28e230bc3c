// Owns a ledger's rows of who is held, and who was.

import type { HeldMacro, Quarantine, Release } from '../model/ledger.ts';
import type { Row, Statements } from './statements.ts';

/** The quarantines of one open ledger. */
export class QuarantineRows {
  readonly #sql: Statements;

  constructor(sql: Statements) {
    this.#sql = sql;
  }

  /** The quarantine in force that a macro falls under, by its name first. */
  held(owner: string, name: string, digest: string): HeldMacro | null {
    const row = this.#sql.get(
      `SELECT name, at, by, why, run_id FROM quarantine
       WHERE owner = ?1 AND (name = ?2 OR (digest = ?3 AND ?3 <> '')) AND released_at IS NULL
       ORDER BY name = ?2 DESC, id LIMIT 1`,
      owner,
      name,
      digest,
    );
    return row ? { name: String(row.name), ...toQuarantine(row) } : null;
  }

  /** True when this very text is held under this very name. */
  isHeld(owner: string, name: string, digest: string): boolean {
    return (
      this.#sql.get(
        'SELECT 1 FROM quarantine WHERE owner = ? AND name = ? AND digest = ? AND released_at IS NULL',
        owner,
        name,
        digest,
      ) !== undefined
    );
  }

  hold(owner: string, name: string, digest: string, { at, by, why, runId }: Quarantine): void {
    this.#sql.run(
      'INSERT INTO quarantine (owner, name, digest, at, by, why, run_id) VALUES (?, ?, ?, ?, ?, ?, ?)',
      owner,
      name,
      digest,
      at,
      by,
      why,
      runId,
    );
  }

  /** Ends the quarantines of a name, and keeps the last so many that are over; how many ended. */
  release(
    owner: string,
    name: string,
    { at, by, why }: { readonly at: number; readonly by: string; readonly why: string },
    keep: number,
  ): number {
    const { changes } = this.#sql.run(
      `UPDATE quarantine SET released_at = ?, released_by = ?, released_why = ?
       WHERE owner = ? AND name = ? AND released_at IS NULL`,
      at,
      by,
      why,
      owner,
      name,
    );
    this.#sql.run(
      `DELETE FROM quarantine WHERE owner = ?1 AND name = ?2 AND released_at IS NOT NULL AND id <=
         (SELECT id FROM quarantine WHERE owner = ?1 AND name = ?2 AND released_at IS NOT NULL ORDER BY id DESC LIMIT 1 OFFSET ?3)`,
      owner,
      name,
      keep,
    );
    return changes;
  }

  /** The quarantines of a name that are over, newest first. */
  releases(owner: string, name: string): Release[] {
    return this.#sql
      .all(
        'SELECT * FROM quarantine WHERE owner = ? AND name = ? AND released_at IS NOT NULL ORDER BY id DESC',
        owner,
        name,
      )
      .map((row) => ({
        ...toQuarantine(row),
        released: {
          at: Number(row.released_at),
          by: String(row.released_by),
          why: String(row.released_why),
        },
      }));
  }
}

function toQuarantine(row: Row): Quarantine {
  return {
    at: Number(row.at),
    by: String(row.by),
    why: String(row.why),
    runId: row.run_id === null ? null : String(row.run_id),
  };
}
