// Owns the schemas of what Corral as a whole tells, as the API shows it: each held against its interface in model/feed.ts.

import { z } from 'zod';
import type {
  BrakeFeedEvent,
  BreakerFeedEvent,
  DumpFeedEvent,
  EmergencyFeedEvent,
  FeedEvent,
  FeedPayload,
  InterventionFeedEvent,
  LedgerFeedEvent,
  LoadFeedEvent,
  OperatorFeedEvent,
  PressureFeedEvent,
  QuarantineFeedEvent,
  RunFeedEvent,
  SettingsFeedEvent,
  WorkerFeedEvent,
} from '../../model/feed.ts';
import { GUARD_LEVELS } from '../../model/guard.ts';
import { RUN_STATES } from '../../model/outcome.ts';
import { PRESSURE_STEPS } from '../../model/pressure.ts';
import { asItIs, oneOf, type ShapeOf } from './as.ts';
import { EndReason, ShownIntervention } from './events.ts';

type Stamp = { readonly id: number; readonly time: number };
type Stamped<Payload> = ShapeOf<Payload & Stamp>;

const stamp = {
  id: z.int().describe('counts up from 1'),
  time: z.number().describe('ms since 1970'),
} satisfies ShapeOf<Stamp>;
/** Which run, and whose. */
const whose = { runId: z.string(), macro: z.string(), owner: z.string() };
/** Who, and why. */
const order = { by: z.string(), why: z.string() };

/** The event of each type. */
const EVENTS = {
  run: z.object({
    ...stamp,
    type: z.literal('run'),
    ...whose,
    state: z.enum(RUN_STATES),
    reason: EndReason.nullable(),
    risk: z.number().nullable().describe('of its macro once it has ended, 0..1'),
    message: z.string().optional().describe('of one that was killed: what happened, and where'),
  } satisfies Stamped<RunFeedEvent>),
  intervention: z.object({
    ...stamp,
    type: z.literal('intervention'),
    ...whose,
    intervention: ShownIntervention,
    risk: z.number().describe('0..1'),
  } satisfies Stamped<InterventionFeedEvent>),
  quarantine: z.object({
    ...stamp,
    type: z.literal('quarantine'),
    macro: z.string(),
    owner: z.string(),
    held: z.boolean().describe('false once it is let out'),
    ...order,
  } satisfies Stamped<QuarantineFeedEvent>),
  ledger: z.object({
    ...stamp,
    type: z.literal('ledger'),
    message: z.string(),
  } satisfies Stamped<LedgerFeedEvent>),
  pressure: z.object({
    ...stamp,
    type: z.literal('pressure'),
    step: z.enum(PRESSURE_STEPS),
    causes: z.array(z.object({ what: z.string(), share: z.number().describe('in use, 0..1') })),
    message: z.string(),
  } satisfies Stamped<PressureFeedEvent>),
  brake: z.object({
    ...stamp,
    type: z.literal('brake'),
    held: z.boolean().describe('false once it lets go'),
    count: z.int().describe('brakes in a row'),
    availableBytes: z.number().describe('free (bytes)'),
    neededBytes: z.number().describe('asked for (bytes)'),
  } satisfies Stamped<BrakeFeedEvent>),
  worker: z.object({
    ...stamp,
    type: z.literal('worker'),
    pid: z.int(),
    what: oneOf<WorkerFeedEvent['what']>({ started: true, draining: true, exited: true }),
    why: z.string().nullable(),
    exitCode: z.int().nullable().describe('42 for one that was recycled on purpose'),
  } satisfies Stamped<WorkerFeedEvent>),
  breaker: z.object({
    ...stamp,
    type: z.literal('breaker'),
    state: oneOf<BreakerFeedEvent['state']>({ closed: true, open: true, 'half-open': true }),
    failures: z.int(),
    retryAfterMs: z.number().nullable().describe('when it tries again (ms)'),
  } satisfies Stamped<BreakerFeedEvent>),
  load: z.object({
    ...stamp,
    type: z.literal('load'),
    active: z.int(),
    activeMax: z.int(),
    queued: z.int(),
    message: z.string(),
  } satisfies Stamped<LoadFeedEvent>),
  emergency: z.object({
    ...stamp,
    type: z.literal('emergency'),
    active: z.boolean(),
    ...order,
  } satisfies Stamped<EmergencyFeedEvent>),
  settings: z.object({
    ...stamp,
    type: z.literal('settings'),
    level: z.enum(GUARD_LEVELS),
    message: z.string(),
  } satisfies Stamped<SettingsFeedEvent>),
  dump: z.object({
    ...stamp,
    type: z.literal('dump'),
    ...whose,
    reason: EndReason,
    path: z.string().describe("the file's name"),
    bytes: z.int().describe('of the JSON file'),
    fingerprint: z.string().describe('the same for the same trouble'),
    place: z.string().describe('file:line; empty where unknown'),
  } satisfies Stamped<DumpFeedEvent>),
  operator: z.object({
    ...stamp,
    type: z.literal('operator'),
    deed: oneOf<OperatorFeedEvent['deed']>({ pause: true, resume: true, stop: true }),
    runId: z.string(),
    macro: z.string(),
    owner: z.string().optional(),
    ...order,
  } satisfies Stamped<OperatorFeedEvent>),
} satisfies { [Type in FeedPayload['type']]: z.ZodType<Extract<FeedEvent, { type: Type }>> };

const [first, ...more] = Object.values(EVENTS);

/** An event that was kept, as it is: one of an earlier Corral may lack what has come since. */
export const ShownFeedEvent = asItIs<FeedEvent>(
  z.discriminatedUnion('type', [first as (typeof EVENTS)['run'], ...more]),
);
