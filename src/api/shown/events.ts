// Owns the schemas of what a run tells, as the API shows it: each held against its interface in model/events.ts.

import { z } from 'zod';
import type {
  AdmissionEvent,
  CommandEvent,
  EndEvent,
  InterventionEvent,
  LogEvent,
  Occurrence,
  Refusal,
  RefusalCode,
  RetryNote,
  RunEvent,
  SampleCollection,
  SampleEvent,
  StateEvent,
  WarningEvent,
  WatchedFor,
} from '../../model/events.ts';
import { INTERVENTIONS } from '../../model/guard.ts';
import type { LiveRisk, LiveRiskPart } from '../../model/ledger.ts';
import { LIMIT_NAMES, type Limit, type LimitName, type LimitSetBy } from '../../model/limits.ts';
import {
  KILL_REASONS,
  type KillReason,
  type EndReason as Reason,
  RUN_STATES,
} from '../../model/outcome.ts';
import { Finding, Verdict } from '../../model/report.ts';
import { AnyJson, oneOf, type ShapeOf } from './as.ts';

/** When in a run. */
const at = z.number().describe('ms since the run started');
const line = z.int().nullable().describe('in the macro, from 1; null where unknown');

/** Why a run ended. */
export const EndReason: z.ZodType<Reason> = z
  .union([
    oneOf<Exclude<Reason, KillReason>>({
      completed: true,
      failed: true,
      refused: true,
      cancelled: true,
    }),
    z.enum(KILL_REASONS),
    z.templateLiteral(['pattern:', z.string()]),
  ])
  .describe('why it ended; pattern:<id> where a pattern stopped it');

/** Why a run is not let in. */
export const RefusalWord = oneOf<RefusalCode>({
  lint: true,
  risk: true,
  quarantined: true,
  emergency: true,
  'host-pressure': true,
  brake: true,
  'queue-full': true,
  'breaker-open': true,
  draining: true,
});

/** How risky a macro has shown itself. */
export const ShownRisk = z.object({
  score: z.number().describe('0..1'),
  parts: z.array(
    z.object({
      cause: z.string().describe('static, pattern:<id>, kill:<reason>, near-limit, clean-runs'),
      adds: z.number().describe('to the score; negative takes away'),
      why: z.string(),
    } satisfies ShapeOf<LiveRiskPart>),
  ),
} satisfies ShapeOf<LiveRisk>);

/** A command with its answer, or its error. */
export const ShownCommand = z.object({
  type: z.literal('command'),
  at,
  name: z.string(),
  args: AnyJson,
  result: AnyJson.exactOptional(),
  error: z.string().exactOptional().describe('in the place of the result'),
  durationMs: z.number().describe('to the answer, waiting for the rate included (ms)'),
  line,
} satisfies ShapeOf<CommandEvent>);

/** A line that was logged. */
export const ShownLog = z.object({
  type: z.literal('log'),
  at,
  level: oneOf<LogEvent['level']>({ debug: true, info: true, warn: true, error: true }),
  text: z.string().describe('as the macro wrote it: escape it before it is shown'),
} satisfies ShapeOf<LogEvent>);

/** A reading of the sampler. */
const ShownSample = z.object({
  type: z.literal('sample'),
  at,
  heapUsed: z.number().describe('of the V8 heap (bytes)'),
  heapTotal: z.number().describe('what V8 holds for that heap (bytes)'),
  external: z.number().describe('array buffers outside the heap (bytes)'),
  rss: z.number().describe('the whole worker process (bytes)'),
  cpuMs: z.number().describe('used by the run so far (ms)'),
  collection: z
    .object({
      by: oneOf<SampleCollection['by']>({ v8: true, corral: true }),
      freed: z.number().nullable().describe('bytes'),
    } satisfies ShapeOf<SampleCollection>)
    .exactOptional()
    .describe('all garbage was collected since the reading before'),
} satisfies ShapeOf<SampleEvent>);

/** A reading as it is kept. */
export const ShownKeptSample = ShownSample.omit({
  type: true,
  heapTotal: true,
  collection: true,
});

/** What Corral did about what the macro does. */
export const ShownIntervention = z.object({
  type: z.literal('intervention'),
  at,
  pattern: z.string().describe("the pattern's id"),
  title: z.string(),
  action: z.enum(INTERVENTIONS),
  message: z.string(),
  advice: z.string(),
  scope: oneOf<InterventionEvent['scope']>({ run: true, macro: true }),
  what: oneOf<WatchedFor>({
    commands: true,
    'heap-growth': true,
    'cpu-share': true,
    depth: true,
  }),
  measured: z.number().describe('commands in the window, bytes a second, a share 0..1, or a depth'),
  allowed: z.number().describe('in the same unit'),
  windowMs: z.number().nullable().describe('ms; null where there is no window'),
  occurrences: z
    .array(z.object({ at, name: z.string(), line } satisfies ShapeOf<Occurrence>))
    .describe('the last of what matched'),
  offence: z.int().describe('1 for the first time in this run'),
  resumeAfterMs: z.number().nullable().describe('when a paused run goes on by itself (ms)'),
} satisfies ShapeOf<InterventionEvent>);

/** How and why a run ended. */
export const ShownEnd = z.object({
  type: z.literal('end'),
  runId: z.string(),
  macro: z.string(),
  status: oneOf<EndEvent['status']>({
    completed: true,
    failed: true,
    refused: true,
    cancelled: true,
    killed: true,
  }),
  reason: EndReason,
  message: z.string().describe('what happened, in a sentence'),
  value: AnyJson.describe("the macro's result, any JSON; null unless it completed"),
  error: z
    .object({ name: z.string(), message: z.string(), stack: z.string() } satisfies ShapeOf<
      NonNullable<EndEvent['error']>
    >)
    .nullable(),
  line,
  column: z.int().nullable().describe('from 1'),
  file: z.string().describe('the file of the line'),
  limit: z
    .object({
      name: z.enum(LIMIT_NAMES as [LimitName, ...LimitName[]]),
      value: z.number().describe('ms, bytes or a count'),
      measured: z.number().describe('in the same unit'),
    } satisfies ShapeOf<NonNullable<EndEvent['limit']>>)
    .nullable()
    .describe('the limit that was passed'),
  durationMs: z.number().describe('ms'),
  cpuMs: z.number().describe('ms'),
  peakHeap: z.number().describe('bytes'),
  commands: z.int(),
  refusal: z
    .object({
      code: RefusalWord,
      retryAfterMs: z.number().nullable().describe('when to try again (ms)'),
    } satisfies ShapeOf<Refusal>)
    .nullable(),
  attempts: z.int().describe('how often it was tried'),
  dump: z.string().nullable().describe('the name of its crash dump'),
} satisfies ShapeOf<EndEvent>);

const limit = z.object({
  value: z.number().describe('ms, bytes or a count'),
  setBy: oneOf<LimitSetBy>({ 'guard level': true, host: true, header: true, caller: true }),
} satisfies ShapeOf<Limit>);

const ShownAdmission = z.object({
  type: z.literal('admission'),
  runId: z.string(),
  macro: z.string(),
  verdict: Verdict,
  risk: z.number().describe('of its text, 0..1'),
  liveRisk: ShownRisk.nullable(),
  findings: z.array(Finding),
  limits: z.object({
    wall: limit,
    cpu: limit,
    burst: limit,
    idle: limit,
    heap: limit,
    commands: limit,
    output: limit,
  } satisfies ShapeOf<AdmissionEvent['limits']>),
  seed: z.number(),
} satisfies ShapeOf<AdmissionEvent>);

const ShownWarning = z.object({
  type: z.literal('warning'),
  at,
  code: oneOf<WarningEvent['code']>({
    'heap-near-limit': true,
    'limit-denied': true,
    'dump-failed': true,
    'start-held': true,
    'state-failed': true,
    'ledger-failed': true,
    'unusual-behaviour': true,
    retried: true,
  }),
  message: z.string(),
  retry: z
    .object({
      attempt: z.int().describe('the try that is over, 1 for the first'),
      attemptsMax: z.int(),
      reason: EndReason,
      waitMs: z.number().describe('until the next (ms)'),
      dump: z.string().nullable(),
    } satisfies ShapeOf<RetryNote>)
    .exactOptional(),
} satisfies ShapeOf<WarningEvent>);

const ShownState = z.object({
  type: z.literal('state'),
  at,
  state: z.enum(RUN_STATES),
} satisfies ShapeOf<StateEvent>);

/** The event of each type. */
const EVENTS = {
  admission: ShownAdmission,
  command: ShownCommand,
  log: ShownLog,
  sample: ShownSample,
  warning: ShownWarning,
  intervention: ShownIntervention,
  state: ShownState,
  end: ShownEnd,
} satisfies { [Type in RunEvent['type']]: z.ZodType<Extract<RunEvent, { type: Type }>> };

/** Whatever a run tells. */
export const ShownRunEvent: z.ZodType<RunEvent> = z.union(Object.values(EVENTS));
