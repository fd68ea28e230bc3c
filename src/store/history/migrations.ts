// Owns how the history's file came to its present shape: each step is applied once, in order, and never changed afterwards.

/** The steps; a file's `user_version` is how many it has had. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE run (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    macro TEXT NOT NULL,
    digest TEXT NOT NULL,
    version INTEGER,
    status TEXT NOT NULL,
    reason TEXT,
    message TEXT,
    source TEXT NOT NULL,
    options TEXT NOT NULL,
    submitted_at INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    duration_ms REAL,
    cpu_ms REAL,
    peak_heap INTEGER,
    commands INTEGER,
    risk REAL,
    end TEXT,
    dump TEXT,
    server TEXT NOT NULL
  );
  CREATE INDEX run_by_owner ON run (owner, seq);
  CREATE INDEX run_by_macro ON run (owner, macro, seq);
  CREATE INDEX run_by_status ON run (status, seq);
  CREATE INDEX run_by_time ON run (ended_at);
  CREATE TABLE run_command (
    run TEXT NOT NULL, n INTEGER NOT NULL, at REAL NOT NULL, name TEXT NOT NULL, event TEXT NOT NULL,
    PRIMARY KEY (run, n)
  ) WITHOUT ROWID;
  CREATE TABLE run_log (
    run TEXT NOT NULL, n INTEGER NOT NULL, at REAL NOT NULL, level TEXT NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (run, n)
  ) WITHOUT ROWID;
  CREATE TABLE run_sample (
    run TEXT NOT NULL, at REAL NOT NULL, heap_used INTEGER NOT NULL, external INTEGER NOT NULL,
    rss INTEGER NOT NULL, cpu_ms REAL NOT NULL,
    PRIMARY KEY (run, at)
  ) WITHOUT ROWID;
  CREATE TABLE event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    time INTEGER NOT NULL,
    type TEXT NOT NULL,
    run TEXT,
    macro TEXT,
    owner TEXT,
    event TEXT NOT NULL
  );
  CREATE INDEX event_by_type ON event (type, id);
  CREATE INDEX event_by_time ON event (time);
  CREATE TABLE macro (
    owner TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, enabled INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (owner, name)
  ) WITHOUT ROWID;
  CREATE TABLE macro_version (
    owner TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, digest TEXT NOT NULL, source TEXT NOT NULL,
    language TEXT NOT NULL, by TEXT NOT NULL, note TEXT NOT NULL, created_at INTEGER NOT NULL,
    PRIMARY KEY (owner, name, version)
  ) WITHOUT ROWID;
  CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    time INTEGER NOT NULL, by TEXT NOT NULL, owner TEXT NOT NULL, action TEXT NOT NULL, target TEXT NOT NULL,
    detail TEXT NOT NULL
  );
  CREATE TABLE key (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL, name TEXT NOT NULL, hash TEXT NOT NULL UNIQUE, scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL, expires_at INTEGER, last_used_at INTEGER, revoked_at INTEGER
  );
  CREATE TABLE quota (owner TEXT PRIMARY KEY, quota TEXT NOT NULL);
  CREATE TABLE idempotency (
    owner TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL, run TEXT NOT NULL, time INTEGER NOT NULL,
    PRIMARY KEY (owner, key)
  ) WITHOUT ROWID;
  CREATE TABLE dump (
    path TEXT PRIMARY KEY,
    run TEXT NOT NULL, owner TEXT NOT NULL, macro TEXT NOT NULL, reason TEXT NOT NULL, fingerprint TEXT NOT NULL,
    place TEXT NOT NULL, time INTEGER NOT NULL, bytes INTEGER NOT NULL
  );
  CREATE INDEX dump_by_run ON dump (run);
  CREATE INDEX dump_by_fingerprint ON dump (fingerprint);
  CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    channel TEXT NOT NULL, alert TEXT NOT NULL, created_at INTEGER NOT NULL, attempts INTEGER NOT NULL,
    next_at INTEGER NOT NULL, last_error TEXT
  );
  `,
  `
  CREATE TABLE alert (
    id INTEGER PRIMARY KEY,
    time INTEGER NOT NULL, owner TEXT, alert TEXT NOT NULL
  );
  CREATE INDEX alert_by_time ON alert (time);
  ALTER TABLE outbox ADD COLUMN of INTEGER;
  ALTER TABLE outbox ADD COLUMN ended_at INTEGER;
  ALTER TABLE outbox ADD COLUMN given_up INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX outbox_by_alert ON outbox (of);
  CREATE INDEX outbox_waiting ON outbox (channel, next_at) WHERE ended_at IS NULL;
  CREATE INDEX outbox_by_end ON outbox (ended_at);
  CREATE TABLE pattern (id TEXT PRIMARY KEY, yaml TEXT, enabled INTEGER NOT NULL, updated_at INTEGER NOT NULL);
  `,
  `CREATE TABLE house (name TEXT PRIMARY KEY, value TEXT NOT NULL)`,
];
