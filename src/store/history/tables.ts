// Owns the tables of the history as Kysely knows them; migrations.ts makes them. Times are ms since 1970, JSON is text.

import type { Generated } from 'kysely';

/** A run: what was submitted, how it went, how it ended. */
export interface RunTable {
  /** In the order of submission; the cursor of pages. */
  seq: Generated<number>;
  id: string;
  owner: string;
  macro: string;
  digest: string;
  /** The library's version it was started from; null for a source that came with the request. */
  version: number | null;
  /** `queued`, `running`, `paused`, or an end's status. */
  status: string;
  reason: string | null;
  message: string | null;
  source: string;
  /** What it was submitted with: input, limits, seed …, as JSON. */
  options: string;
  submitted_at: number;
  started_at: number | null;
  ended_at: number | null;
  duration_ms: number | null;
  cpu_ms: number | null;
  peak_heap: number | null;
  commands: number | null;
  risk: number | null;
  /** The `end` event, as JSON. */
  end: string | null;
  dump: string | null;
  /** Which server process has it. */
  server: string;
}

/** One command of a run. */
export interface RunCommandTable {
  run: string;
  n: number;
  at: number;
  name: string;
  /** The event, as JSON. */
  event: string;
}

/** One log line of a run. */
export interface RunLogTable {
  run: string;
  n: number;
  at: number;
  level: string;
  text: string;
}

/** One reading of the sampler. */
export interface RunSampleTable {
  run: string;
  at: number;
  heap_used: number;
  external: number;
  rss: number;
  cpu_ms: number;
}

/** What Corral as a whole told. */
export interface EventTable {
  id: Generated<number>;
  time: number;
  type: string;
  run: string | null;
  macro: string | null;
  owner: string | null;
  /** The event, as JSON. */
  event: string;
}

/** A macro of the library. */
export interface MacroTable {
  owner: string;
  name: string;
  /** Its newest. */
  version: number;
  enabled: number;
  updated_at: number;
}

/** A version of a macro's text. */
export interface MacroVersionTable {
  owner: string;
  name: string;
  version: number;
  digest: string;
  source: string;
  language: string;
  by: string;
  note: string;
  created_at: number;
}

/** Who did what. */
export interface AuditTable {
  id: Generated<number>;
  time: number;
  /** A key's id, or `local`. */
  by: string;
  owner: string;
  action: string;
  target: string;
  detail: string;
}

/** An API key; the key itself is nowhere. */
export interface KeyTable {
  id: string;
  owner: string;
  name: string;
  /** SHA-256 of the key, in hexadecimal digits. */
  hash: string;
  /** JSON list. */
  scopes: string;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
  revoked_at: number | null;
}

/** What an owner may use, as JSON. */
export interface QuotaTable {
  owner: string;
  quota: string;
}

/** What was answered to a request that may come again. */
export interface IdempotencyTable {
  owner: string;
  key: string;
  /** Of the request. */
  digest: string;
  run: string;
  time: number;
}

/** A crash dump on disk. */
export interface DumpTable {
  path: string;
  run: string;
  owner: string;
  macro: string;
  reason: string;
  fingerprint: string;
  place: string;
  time: number;
  bytes: number;
}

/** An alert; its number is that of its event. */
export interface AlertTable {
  id: number;
  time: number;
  /** Null for what concerns the house. */
  owner: string | null;
  /** JSON. */
  alert: string;
}

/** An alert on its way to one channel. */
export interface OutboxTable {
  id: Generated<number>;
  channel: string;
  /** JSON. */
  alert: string;
  created_at: number;
  attempts: number;
  next_at: number;
  last_error: string | null;
  /** The alert it is, where that was kept. */
  of: number | null;
  /** When it was delivered or given up; null while it waits. */
  ended_at: number | null;
  given_up: Generated<number>;
}

/** A pattern that was put over HTTP, or what was said of one that is a file. */
export interface PatternTable {
  id: string;
  /** Its text; null for one that is a file. */
  yaml: string | null;
  enabled: number;
  updated_at: number;
}

/** What holds of the house, whoever restarts it. */
export interface HouseTable {
  name: string;
  /** JSON. */
  value: string;
}

/** Every table of the history. */
export interface HistoryTables {
  run: RunTable;
  run_command: RunCommandTable;
  run_log: RunLogTable;
  run_sample: RunSampleTable;
  event: EventTable;
  macro: MacroTable;
  macro_version: MacroVersionTable;
  audit: AuditTable;
  key: KeyTable;
  quota: QuotaTable;
  idempotency: IdempotencyTable;
  dump: DumpTable;
  alert: AlertTable;
  outbox: OutboxTable;
  pattern: PatternTable;
  house: HouseTable;
}
