// Owns what the history tells of runs, macros and keys: the shapes of the HTTP API, checked by zod at every border.

import { z } from 'zod';

/** The largest text of a macro that is run (bytes of UTF-8). A hand-written macro is a few kB. */
export const SOURCE_BYTES_MAX = 2 * 1024 * 1024;

/** A macro's text. */
export const SourceText = z.string().refine((text) => Buffer.byteLength(text) <= SOURCE_BYTES_MAX, {
  message: 'is larger than 2 MB',
});

/** Whose something is: letters, digits, and _ . @ - within. */
export const OwnerName = z.string().regex(/^[\p{L}\p{N}][\p{L}\p{N}_.@ -]{0,99}$/u, {
  message: 'write letters, digits, and _ . @ - within; 100 at most',
});

/** What a run is at, or how it ended. */
export const RUN_STATUSES = [
  'queued',
  'running',
  'paused',
  'completed',
  'failed',
  'refused',
  'cancelled',
  'killed',
] as const;

/** One of {@link RUN_STATUSES}. */
export const RunStatus = z.enum(RUN_STATUSES);
export type RunStatus = z.infer<typeof RunStatus>;

/** Those that nothing follows. */
export const ENDED_STATUSES: readonly RunStatus[] = [
  'completed',
  'failed',
  'refused',
  'cancelled',
  'killed',
];

const time = z.int().min(0).describe('ms since 1970');

/** A run, in lists and by itself. */
export const RunSummary = z.object({
  id: z.string(),
  status: RunStatus,
  reason: z.string().nullable().describe('why it ended; null before that'),
  message: z.string().nullable().describe('the same in a sentence'),
  macro: z.string(),
  owner: z.string(),
  version: z.int().nullable().describe("the library's version it was started from"),
  submittedAt: time,
  startedAt: time.nullable(),
  endedAt: time.nullable(),
  durationMs: z.number().nullable(),
  cpuMs: z.number().nullable(),
  peakHeap: z.number().nullable().describe('bytes'),
  commands: z.int().nullable(),
  risk: z.number().nullable().describe('0..1'),
  dump: z.string().nullable().describe('the name of its crash dump'),
});
export type RunSummary = z.infer<typeof RunSummary>;

/** What an owner may use; null for as much as there is. */
export const Quota = z.object({
  concurrentRuns: z.int().min(0).nullable(),
  cpuSecondsPerDay: z.number().min(0).nullable(),
  commandsPerMinute: z.int().min(0).nullable(),
});
export type Quota = z.infer<typeof Quota>;

/** What a key may do: `read` looks, `author` runs its own, `operator` steers all, `admin` makes keys. */
export const SCOPES = ['read', 'author', 'operator', 'admin'] as const;

/** One of {@link SCOPES}. */
export const Scope = z.enum(SCOPES);
export type Scope = z.infer<typeof Scope>;

/** A key as it is shown: never the key itself. */
export const KeyInfo = z.object({
  id: z.string(),
  owner: z.string(),
  name: z.string(),
  scopes: z.array(Scope),
  createdAt: time,
  expiresAt: time.nullable(),
  lastUsedAt: time.nullable(),
  revokedAt: time.nullable(),
});
export type KeyInfo = z.infer<typeof KeyInfo>;
