// Owns the protocol by which a running Corral is watched and steered by another process: one JSON object a line, both ways.
// Neither side trusts the other: each message is checked with these shapes. docs/control.md has them in words.

import { z } from 'zod';
import { GUARD_LEVELS } from './guard.ts';
import { RUN_STATES } from './outcome.ts';

/** Rises when an older side would misread a newer one. */
export const CONTROL_PROTOCOL = 1;
/** The longest line a running Corral takes (bytes), and the longest it writes. */
export const ASK_BYTES_MAX = 16 * 1024;
export const TELL_BYTES_MAX = 4 * 1024 * 1024;
/** The most runs of one snapshot; beyond them those that use least are left out, and counted. */
export const SNAPSHOT_RUNS_MAX = 2_000;
/** How often a watcher may be told (ms). */
export const WATCH_EVERY_MS = { least: 100, most: 60_000 } as const;
/** The most events of the past a watcher is told first. */
export const WATCH_RECENT_MAX = 1_000;

const id = z.int().min(0);
const count = z.int().min(0);
const amount = z.number();
const run = z.string().min(1).max(64);
/** Who asks: a name of the operating system's, said by the asking side. */
const by = z.string().min(1).max(64);
const why = z.string().max(300);
/** Texts of a macro's author's choosing, bounded here and escaped wherever they are shown. */
const name = z.string().max(200);
const text = z.string().max(4_096);

/** What is asked of a running Corral. */
export const ControlAsk = z.discriminatedUnion('ask', [
  z.object({ ask: z.literal('snapshot'), id }),
  /** A snapshot so often, every event of the feed, and each reading of each run where samples are wanted. */
  z.object({
    ask: z.literal('watch'),
    id,
    everyMs: z.int().min(WATCH_EVERY_MS.least).max(WATCH_EVERY_MS.most),
    recent: z.int().min(0).max(WATCH_RECENT_MAX).default(0),
    samples: z.boolean().default(false),
  }),
  z.object({ ask: z.literal('pause'), id, run, by }),
  z.object({ ask: z.literal('resume'), id, run, by }),
  /** With `quarantine` its macro is refused until somebody releases it. */
  z.object({
    ask: z.literal('stop'),
    id,
    run,
    by,
    why: why.default(''),
    quarantine: z.boolean().default(false),
  }),
  z.object({ ask: z.literal('emergency'), id, by, why: why.default('') }),
  z.object({ ask: z.literal('clear'), id, by, why: why.default('') }),
]);

/** What is asked of a running Corral. */
export type ControlAsk = z.output<typeof ControlAsk>;

/** One run as it is now. */
export const RunFigures = z.object({
  id: run,
  macro: name,
  owner: name,
  state: z.enum(RUN_STATES),
  /** Cores in use over the last second or so: 1 is one core's worth. */
  cpuShare: amount,
  /** ms so far, and the most there may be; null until the run was let in. */
  cpuMs: amount,
  cpuMsMax: amount.nullable(),
  /** Bytes. */
  heapBytes: amount,
  heapBytesMax: amount.nullable(),
  commands: count,
  /** Over the last five seconds. */
  commandsPerSecond: amount,
  /** The live risk of its macro, 0..1, as it is by now; null until the run was let in. */
  risk: amount.nullable(),
  /** ms since 1970. */
  since: amount,
});

/** One run as it is now. */
export type RunFigures = z.output<typeof RunFigures>;

/** A running Corral as it is now. */
export const ControlSnapshot = z.object({
  /** ms since 1970. */
  time: amount,
  version: z.string().max(64),
  pid: z.int().min(1),
  /** ms since 1970. */
  startedAt: amount,
  level: z.enum(GUARD_LEVELS),
  /** True while all its runs are stopped and it lets nothing new in. */
  emergency: z.boolean(),
  /** Who pulled that, why, and when (ms since 1970); null while nobody has. Older Corrals do not tell. */
  emergencyOrder: z.object({ by: text, why: text, at: amount }).nullable().default(null),
  load: z.object({ active: count, activeMax: count, queued: count, workers: count }),
  /** Resident memory of the process itself, and of its workers (bytes). */
  memory: z.object({ ownBytes: amount, workerBytes: amount }),
  runs: z.array(RunFigures).max(SNAPSHOT_RUNS_MAX),
  runsOmitted: count,
});

/** A running Corral as it is now. */
export type ControlSnapshot = z.output<typeof ControlSnapshot>;

/** An event of the feed: in words for people, and whole for programs. */
export const FeedTold = z.object({
  type: z.literal('feed'),
  level: z.enum(['info', 'warning', 'error']),
  text,
  /** As in model/feed.ts; newer versions may tell of what this one does not know. */
  event: z.looseObject({ id: count, time: amount, type: z.string().max(64) }),
});

/** What a running Corral tells. */
export const ControlTold = z.discriminatedUnion('type', [
  /** First of all. */
  z.object({
    type: z.literal('hello'),
    protocol: z.int(),
    version: z.string().max(64),
    pid: z.int().min(1),
  }),
  /** The answer to an ask; id is null for a line that was none, after which the connection ends. */
  z.object({
    type: z.literal('answer'),
    id: id.nullable(),
    ok: z.boolean(),
    /** One sentence: what came of it, or what is wrong. */
    message: text,
  }),
  z.object({ type: z.literal('snapshot'), snapshot: ControlSnapshot }),
  FeedTold,
  z.object({
    type: z.literal('sample'),
    runId: run,
    sample: z.looseObject({ at: amount, heapUsed: amount, external: amount, cpuMs: amount }),
  }),
]);

/** What a running Corral tells. */
export type ControlTold = z.output<typeof ControlTold>;

/** The message of one type. */
export type ControlToldOf<Type extends ControlTold['type']> = Extract<ControlTold, { type: Type }>;
