// Owns the shape of a crash dump's JSON file; schemas/crash-dump.schema.json is made from it. Newer fields are kept, not refused.

import { z } from 'zod';
import { Journal } from './journal.ts';
import { CpuProfile, HeapProfile } from './profile.ts';
import { Report } from './report.ts';

/** Raised when a field changes its meaning; new optional fields do not raise it. */
export const DUMP_SCHEMA_VERSION = 2;

/**
 * How a place was found: seen on the stack (`stack`), the last risky operation begun (`operation`), where an error was thrown
 * (`error`), where the macro waited or would have gone on (`waiting`), where the last command was given (`last-command`). Open, for a
 * newer Corral may know of another.
 */
const PlaceSource = z.string();

const Place = z.looseObject({
  file: z.string(),
  line: z.int(),
  column: z.int().nullable(),
  source: PlaceSource,
  /** For `operation`: what was begun, e.g. `fill()`. */
  operation: z.string().nullish(),
});

const Variable = z.looseObject({
  name: z.string(),
  type: z.string(),
  preview: z.string(),
  /** Elements of a list, map or set, bytes of a buffer, characters of a text. */
  size: z.number().nullish(),
});

const Frame = z.looseObject({
  functionName: z.string(),
  file: z.string(),
  line: z.int(),
  column: z.int().nullable(),
  async: z.boolean().default(false),
  /** Bounded previews, top frames only. */
  locals: z.array(Variable).default([]),
});

const Sample = z.looseObject({
  at: z.number(),
  heapUsed: z.number(),
  heapTotal: z.number(),
  external: z.number(),
  rss: z.number(),
  cpuMs: z.number(),
  /** A full garbage collection since the sample before: by `v8` itself, or asked for by `corral`; bytes freed, where known. */
  collection: z.looseObject({ by: z.string(), freed: z.number().nullish() }).optional(),
});

/** A pattern that matched what the run did, and what was done about it. */
const Intervention = z.looseObject({
  at: z.number(),
  pattern: z.string(),
  title: z.string(),
  action: z.string(),
  message: z.string(),
  advice: z.string(),
  scope: z.string(),
  what: z.string(),
  measured: z.number(),
  allowed: z.number(),
  windowMs: z.number().nullable(),
  /** Commands, or readings; the last ten at most. */
  occurrences: z.array(
    z.looseObject({ at: z.number(), name: z.string(), line: z.int().nullable() }),
  ),
  offence: z.int(),
  resumeAfterMs: z.number().nullable(),
});

const Limit = z.looseObject({ value: z.number(), setBy: z.string() });

/** The JSON file of a crash dump. */
export const CrashDump = z.looseObject({
  format: z.literal('corral-crash-dump'),
  schemaVersion: z.int().min(1),
  corralVersion: z.string(),
  runId: z.string(),
  macro: z.looseObject({
    name: z.string(),
    file: z.string(),
    version: z.string(),
    language: z.enum(['js', 'ts']),
  }),
  /** ISO 8601, UTC. */
  startedAt: z.string(),
  endedAt: z.string(),
  status: z.string(),
  reason: z.string(),
  message: z.string(),
  /** The limit that was passed: its name, its value and what was measured, in ms, bytes or a count. */
  limit: z
    .looseObject({ name: z.string(), value: z.number(), measured: z.number(), setBy: z.string() })
    .nullable(),
  limits: z.record(z.string(), Limit),
  error: z.looseObject({ name: z.string(), message: z.string(), stack: z.string() }).nullable(),
  place: Place.nullable(),
  stack: z.array(Frame),
  /** The functions of the last stack seen while it ran, top first, with the lines they begin at; for one that cannot be stopped. */
  lastSeen: z
    .array(z.looseObject({ functionName: z.string(), file: z.string(), line: z.int() }))
    .optional(),
  /** Lines by how often the macro was found on them; `share` of all samples, 0..1. */
  hotLines: z
    .array(
      z.looseObject({
        functionName: z.string(),
        file: z.string(),
        line: z.int(),
        hits: z.int(),
        share: z.number(),
      }),
    )
    .optional(),
  /** Functions by what they allocated that is still held (bytes, from samples); `share` of all that was noted, 0..1. */
  allocationSites: z
    .array(
      z.looseObject({
        functionName: z.string(),
        file: z.string(),
        line: z.int(),
        column: z.int(),
        bytes: z.number(),
        share: z.number(),
      }),
    )
    .optional(),
  /** In words why it ended so: facts, or where `certain` is false what seems likely; and what to do about it. */
  diagnosis: z
    .array(z.looseObject({ text: z.string(), certain: z.boolean(), advice: z.string().nullish() }))
    .optional(),
  /** Chrome's CPU profile of the last seconds, null where none was taken. */
  profile: CpuProfile.nullish(),
  /** Chrome's sampling heap profile, null where none was taken. */
  allocations: HeapProfile.nullish(),
  source: z.string(),
  /** ESTree, positions as offsets; null when the source has none, or when it was too large (then `astOmitted` says so). */
  ast: z.unknown(),
  astOmitted: z.string().nullish(),
  /** Fields that are not whole, because the dump would be too large: left out, or cut to what is needed most. */
  truncated: z.array(z.string()).optional(),
  report: Report,
  samples: z.array(Sample),
  statistics: z.looseObject({
    durationMs: z.number(),
    cpuMs: z.number(),
    peakHeap: z.number(),
    peakRss: z.number(),
    commands: z.int(),
    commandsByName: z.record(z.string(), z.int()),
    logLines: z.int(),
    outputBytes: z.number(),
    samples: z.int(),
  }),
  /** V8's heap statistics of the isolate at its last answer, null when it gave none. */
  heapStatistics: z.record(z.string(), z.number()).nullable(),
  /** The last 50 that came back, with an answer or an error. */
  commands: z.array(
    z.looseObject({
      at: z.number(),
      name: z.string(),
      args: z.unknown(),
      /** What the host answered; `error` stands instead when it failed. */
      result: z.unknown().optional(),
      error: z.string().optional(),
      line: z.int().nullable(),
      durationMs: z.number().nullish(),
    }),
  ),
  /** The last 100. */
  logs: z.array(z.looseObject({ at: z.number(), level: z.string(), text: z.string() })),
  /** The last 20. */
  interventions: z.array(Intervention).optional(),
  /** What the macro was waiting for: commands in flight, sleeps, calls. */
  pending: z.array(z.looseObject({ kind: z.string(), name: z.string(), sinceMs: z.number() })),
  /** How much that was in all; `pending` has the oldest of it. */
  pendingTotal: z.int().optional(),
  seed: z.number(),
  /** All that was asked for and answered, from the start: what `corral replay` answers with. */
  journal: Journal.optional(),
  /** The commands the macro could use: category → verbs. */
  catalogue: z.record(z.string(), z.array(z.string())).optional(),
  /** The macros it called, as they were. */
  called: z
    .array(
      z.looseObject({
        name: z.string(),
        file: z.string(),
        language: z.enum(['js', 'ts']),
        source: z.string(),
        /** What lint says of it. */
        report: Report.optional(),
      }),
    )
    .optional(),
  level: z.string().optional(),
  input: z.unknown(),
  /** How the worker process ended, where it did. */
  worker: z
    .looseObject({
      pid: z.int(),
      exitCode: z.int().nullable(),
      signal: z.string().nullable(),
      stderr: z.string(),
    })
    .nullable(),
  host: z.looseObject({
    node: z.string(),
    v8: z.string(),
    platform: z.string(),
    arch: z.string(),
    osRelease: z.string(),
    cpus: z.int(),
    memoryTotalBytes: z.number(),
    memoryFreeBytes: z.number(),
    isolatedVm: z.string(),
  }),
});

/** A crash dump in memory. */
export type CrashDump = z.infer<typeof CrashDump>;
