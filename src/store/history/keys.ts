// Owns API keys as they are kept: a digest of each, never the key; and what each owner may use.

import { createHash, randomBytes } from 'node:crypto';
import { type KeyInfo, Quota, type Scope } from '../../model/history.ts';
import type { HistoryDatabase } from './database.ts';
import type { KeyTable } from './tables.ts';

/** A key's text: easily found by scanners for secrets, 256 bits of chance. */
const PREFIX = 'corral_';
/** Last use is noted at most so often (ms): it must not cost a write a request. */
const USED_EVERY_MS = 60_000;

/** What a key is made with. */
export interface NewKey {
  readonly owner: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** ms since 1970; null for never. */
  readonly expiresAt: number | null;
  /** ms since 1970. */
  readonly at: number;
}

/** Why a key opens nothing. */
export type KeyFault = 'unknown' | 'revoked' | 'expired';

/** The keys. */
export class KeyHistory {
  readonly #database: HistoryDatabase;

  constructor(database: HistoryDatabase) {
    this.#database = database;
  }

  /** Makes a key. @returns its text, which is nowhere else and never shown again */
  add({ owner, name, scopes, expiresAt, at }: NewKey): {
    readonly key: string;
    readonly info: KeyInfo;
  } {
    const key = `${PREFIX}${randomBytes(32).toString('base64url')}`;
    const row = {
      id: randomBytes(6).toString('hex'),
      owner,
      name,
      hash: digestOf(key),
      scopes: JSON.stringify(scopes),
      created_at: at,
      expires_at: expiresAt,
      last_used_at: null,
      revoked_at: null,
    };
    this.#database.run(this.#database.sql.insertInto('key').values(row));
    return { key, info: toInfo(row) };
  }

  /**
   * The key of a text that came with a request. Looked up by digest: how long that takes says nothing of the key.
   * @param at ms since 1970
   */
  find(key: string, at: number): KeyInfo | KeyFault {
    const { sql } = this.#database;
    const row = this.#database.get(
      sql.selectFrom('key').selectAll().where('hash', '=', digestOf(key)),
    );
    if (!row) return 'unknown';
    const fault = faultOf(row, at);
    if (fault !== null) return fault;
    if (at - (row.last_used_at ?? 0) >= USED_EVERY_MS) this.#noteUse(row.id, at);
    return toInfo(row);
  }

  /** True while a key opens what it did. @param at ms since 1970 */
  opens(id: string, at: number): boolean {
    const { sql } = this.#database;
    const row = this.#database.get(
      sql.selectFrom('key').select(['revoked_at', 'expires_at']).where('id', '=', id),
    );
    return row !== undefined && faultOf(row, at) === null;
  }

  #noteUse(id: string, at: number): void {
    const query = this.#database.sql.updateTable('key').set({ last_used_at: at });
    try {
      this.#database.run(query.where('id', '=', id));
    } catch {
      // On a full disk keys still open what they open.
    }
  }

  /** The oldest first. */
  list(owner: string | null): KeyInfo[] {
    let query = this.#database.sql.selectFrom('key').selectAll().orderBy('created_at');
    if (owner !== null) query = query.where('owner', '=', owner);
    return this.#database.all(query).map(toInfo);
  }

  /** @returns false where there is no such key, or it was revoked before */
  revoke(id: string, at: number): boolean {
    const query = this.#database.sql
      .updateTable('key')
      .set({ revoked_at: at })
      .where('id', '=', id)
      .where('revoked_at', 'is', null);
    return this.#database.run(query).changes > 0;
  }

  /** True when any key is of use. */
  get some(): boolean {
    const query = this.#database.sql.selectFrom('key').select('id').where('revoked_at', 'is', null);
    return this.#database.get(query.limit(1)) !== undefined;
  }

  quotaOf(owner: string): Quota | null {
    const query = this.#database.sql.selectFrom('quota').select('quota').where('owner', '=', owner);
    const row = this.#database.get(query);
    return row ? Quota.parse(JSON.parse(row.quota)) : null;
  }

  setQuota(owner: string, quota: Quota): void {
    const text = JSON.stringify(Quota.parse(quota));
    this.#database.run(
      this.#database.sql
        .insertInto('quota')
        .values({ owner, quota: text })
        .onConflict((on) => on.column('owner').doUpdateSet({ quota: text })),
    );
  }
}

/** Why a key that is known opens nothing; null for one that does. @param at ms since 1970 */
function faultOf(
  { revoked_at, expires_at }: Pick<KeyTable, 'revoked_at' | 'expires_at'>,
  at: number,
): Exclude<KeyFault, 'unknown'> | null {
  if (revoked_at !== null) return 'revoked';
  return expires_at !== null && expires_at <= at ? 'expired' : null;
}

function digestOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

function toInfo(row: KeyTable): KeyInfo {
  return {
    id: row.id,
    owner: row.owner,
    name: row.name,
    scopes: JSON.parse(row.scopes) as Scope[],
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    revokedAt: row.revoked_at,
  };
}
