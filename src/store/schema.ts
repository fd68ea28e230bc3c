// Owns the tables of a ledger file and their version. Strict tables: SQLite refuses what is not of its column's type.

/** The version in a file's `user_version`; one more with every change of the tables. */
export const SCHEMA_VERSION = 1;

/** In a file's `application_id`: `CorL`. A database of somebody else's is never written to. */
export const APPLICATION_ID = 0x436f724c;

/** The tables, in an order in which they can be copied. */
export const TABLES = ['macro', 'tally', 'clean_run', 'normal', 'mark', 'quarantine'] as const;

/** Makes them. Times are ms since 1970, sizes bytes. */
export const SCHEMA = `
-- A macro of an owner; its name means another one for another owner.
CREATE TABLE macro (
  id INTEGER PRIMARY KEY,
  owner TEXT NOT NULL,
  name TEXT NOT NULL,
  digest TEXT NOT NULL,       -- of its last text; '' where none has been seen
  static_risk REAL NOT NULL,  -- of its last text, 0..1
  runs INTEGER NOT NULL,
  clean_runs INTEGER NOT NULL,
  normal_at INTEGER NOT NULL, -- the clean runs there were when what is normal was last reckoned
  last_run_at INTEGER,
  seen_at INTEGER NOT NULL,
  UNIQUE (owner, name)
) STRICT;

-- What was counted of a macro: its ends, its effects on others, what was unusual.
CREATE TABLE tally (
  macro INTEGER NOT NULL,
  kind TEXT NOT NULL,
  what TEXT NOT NULL,
  count INTEGER NOT NULL,
  at INTEGER NOT NULL,
  message TEXT NOT NULL,
  PRIMARY KEY (macro, kind, what)
) STRICT, WITHOUT ROWID;

-- The last clean runs of a macro.
CREATE TABLE clean_run (
  id INTEGER PRIMARY KEY,
  macro INTEGER NOT NULL,
  digest TEXT NOT NULL,
  peak_heap REAL NOT NULL,
  cpu_ms REAL NOT NULL,
  commands REAL NOT NULL,
  duration_ms REAL NOT NULL
) STRICT;
CREATE INDEX clean_run_of ON clean_run (macro, id);

-- What is normal for it, reckoned from those.
CREATE TABLE normal (
  macro INTEGER NOT NULL,
  measure TEXT NOT NULL,
  runs INTEGER NOT NULL,
  median REAL NOT NULL,
  low REAL NOT NULL,
  up REAL NOT NULL,
  high REAL NOT NULL,
  PRIMARY KEY (macro, measure)
) STRICT, WITHOUT ROWID;

-- What speaks against a macro, kept twice: by its name and by the digest of its text.
CREATE TABLE mark (
  owner TEXT NOT NULL,
  of TEXT NOT NULL,  -- name or text
  id TEXT NOT NULL,
  cause TEXT NOT NULL,
  gross REAL NOT NULL,
  net REAL NOT NULL,
  at INTEGER NOT NULL,
  count INTEGER NOT NULL,
  why TEXT NOT NULL,
  half_life_ms REAL NOT NULL,
  counted_at INTEGER NOT NULL,
  PRIMARY KEY (owner, of, id, cause)
) STRICT, WITHOUT ROWID;

-- Quarantines, in force while released_at is null.
CREATE TABLE quarantine (
  id INTEGER PRIMARY KEY,
  owner TEXT NOT NULL,
  name TEXT NOT NULL,
  digest TEXT NOT NULL,
  at INTEGER NOT NULL,
  by TEXT NOT NULL,
  why TEXT NOT NULL,
  run_id TEXT,
  released_at INTEGER,
  released_by TEXT,
  released_why TEXT
) STRICT;
CREATE INDEX quarantine_of_name ON quarantine (owner, name);
CREATE INDEX quarantine_of_text ON quarantine (owner, digest);
`;
