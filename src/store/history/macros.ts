// Owns the library: macros by owner and name, each with all versions of its text.

import type { HistoryDatabase } from './database.ts';

/** A macro of the library. */
export interface LibraryEntry {
  readonly owner: string;
  readonly name: string;
  /** Its newest, from 1. */
  readonly version: number;
  readonly enabled: boolean;
  /** ms since 1970. */
  readonly updatedAt: number;
}

/** One version, without its text. */
export interface MacroVersion {
  readonly version: number;
  readonly digest: string;
  readonly language: 'js' | 'ts';
  /** Who put it. */
  readonly by: string;
  readonly note: string;
  /** ms since 1970. */
  readonly createdAt: number;
}

/** One version with its text. */
export interface MacroText extends MacroVersion {
  readonly source: string;
}

/** What is put. */
export interface NewVersion {
  readonly owner: string;
  readonly name: string;
  readonly source: string;
  readonly digest: string;
  readonly language: 'js' | 'ts';
  readonly by: string;
  readonly note: string;
  /** ms since 1970. */
  readonly at: number;
}

/** The library. */
export class MacroHistory {
  readonly #database: HistoryDatabase;

  constructor(database: HistoryDatabase) {
    this.#database = database;
  }

  /** Puts a text: a new version, unless it is the newest already. */
  put({ owner, name, source, digest, language, by, note, at }: NewVersion): {
    readonly entry: LibraryEntry;
    readonly isNew: boolean;
  } {
    const { sql } = this.#database;
    return this.#database.transaction(() => {
      const before = this.get(owner, name);
      if (before && this.text(owner, name, before.version)?.source === source)
        return { entry: before, isNew: false };
      const version = (before?.version ?? 0) + 1;
      const row = { owner, name, version, digest, source, language, by, note, created_at: at };
      this.#database.run(sql.insertInto('macro_version').values(row));
      this.#database.run(
        sql
          .insertInto('macro')
          .values({ owner, name, version, enabled: 1, updated_at: at })
          .onConflict((on) =>
            on.columns(['owner', 'name']).doUpdateSet({ version, updated_at: at }),
          ),
      );
      return { entry: this.get(owner, name) as LibraryEntry, isNew: true };
    });
  }

  get(owner: string, name: string): LibraryEntry | null {
    const query = this.#database.sql
      .selectFrom('macro')
      .selectAll()
      .where('owner', '=', owner)
      .where('name', '=', name);
    const row = this.#database.get(query);
    return row ? toEntry(row) : null;
  }

  /** By name and owner; only what comes after one, where that is given. */
  list({
    owner,
    after,
    limit,
  }: {
    /** Null for everybody's. */
    readonly owner: string | null;
    readonly after?: Pick<LibraryEntry, 'name' | 'owner'> | undefined;
    readonly limit: number;
  }): LibraryEntry[] {
    let query = this.#database.sql
      .selectFrom('macro')
      .selectAll()
      .orderBy('name')
      .orderBy('owner')
      .limit(limit);
    if (after !== undefined)
      query = query.where(({ eb, and, or }) =>
        or([
          eb('name', '>', after.name),
          and([eb('name', '=', after.name), eb('owner', '>', after.owner)]),
        ]),
      );
    if (owner !== null) query = query.where('owner', '=', owner);
    return this.#database.all(query).map(toEntry);
  }

  /** Newest first. */
  versions(owner: string, name: string): MacroVersion[] {
    const query = this.#database.sql
      .selectFrom('macro_version')
      .select(['version', 'digest', 'language', 'by', 'note', 'created_at'])
      .where('owner', '=', owner)
      .where('name', '=', name)
      .orderBy('version', 'desc');
    return this.#database.all(query).map(toVersion);
  }

  text(owner: string, name: string, version: number): MacroText | null {
    const query = this.#database.sql
      .selectFrom('macro_version')
      .selectAll()
      .where('owner', '=', owner)
      .where('name', '=', name)
      .where('version', '=', version);
    const row = this.#database.get(query);
    return row ? { ...toVersion(row), source: row.source } : null;
  }

  /** @returns false where there is no such macro */
  enable(owner: string, name: string, enabled: boolean, at: number): boolean {
    const { changes } = this.#database.run(
      this.#database.sql
        .updateTable('macro')
        .set({ enabled: enabled ? 1 : 0, updated_at: at })
        .where('owner', '=', owner)
        .where('name', '=', name),
    );
    return changes > 0;
  }

  /** Takes it out, with all its versions. @returns false where there is no such macro */
  remove(owner: string, name: string): boolean {
    const { sql } = this.#database;
    return this.#database.transaction(() => {
      const versions = sql.deleteFrom('macro_version');
      const macro = sql.deleteFrom('macro');
      this.#database.run(versions.where('owner', '=', owner).where('name', '=', name));
      const { changes } = this.#database.run(
        macro.where('owner', '=', owner).where('name', '=', name),
      );
      return changes > 0;
    });
  }
}

function toEntry(row: {
  owner: string;
  name: string;
  version: number;
  enabled: number;
  updated_at: number;
}): LibraryEntry {
  const { owner, name, version, enabled, updated_at: updatedAt } = row;
  return { owner, name, version, enabled: enabled === 1, updatedAt };
}

function toVersion(row: {
  version: number;
  digest: string;
  language: string;
  by: string;
  note: string;
  created_at: number;
}): MacroVersion {
  const { version, digest, language, by, note, created_at: createdAt } = row;
  return { version, digest, language: language === 'ts' ? 'ts' : 'js', by, note, createdAt };
}
