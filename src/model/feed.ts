// Owns what Corral as a whole tells, beside what each run tells: one closed set of events for `top`, logs, alerts and the API.

import type { InterventionEvent } from './events.ts';
import type { GuardLevel } from './guard.ts';
import type { EndReason, RunState } from './outcome.ts';
import type { PressureStep } from './pressure.ts';

/** A run moved to another state, or ended. */
export interface RunFeedEvent {
  readonly type: 'run';
  readonly runId: string;
  readonly macro: string;
  readonly owner: string;
  readonly state: RunState;
  /** Set once it has ended. */
  readonly reason: EndReason | null;
  /** How risky its macro has shown itself, this end included (0..1); null before the end, and where it is not known. */
  readonly risk: number | null;
  /** One line of one that was killed: what happened, with the limit, and where. May hold what the author chose. */
  readonly message?: string | undefined;
}

/** Corral acted on what a macro does. */
export interface InterventionFeedEvent {
  readonly type: 'intervention';
  readonly runId: string;
  readonly macro: string;
  readonly owner: string;
  readonly intervention: InterventionEvent;
  /** What the pattern says of such a thing, or what its macro has shown before where that is more (0..1). */
  readonly risk: number;
}

/** A macro was put into quarantine, or let out of it. */
export interface QuarantineFeedEvent {
  readonly type: 'quarantine';
  readonly macro: string;
  readonly owner: string;
  readonly held: boolean;
  readonly by: string;
  readonly why: string;
}

/** What is learned of macros cannot be kept, or can again. */
export interface LedgerFeedEvent {
  readonly type: 'ledger';
  readonly message: string;
}

/** How short the machine is of anything changed. */
export interface PressureFeedEvent {
  readonly type: 'pressure';
  /** `none`, then what is done about it, from mild to strict. */
  readonly step: PressureStep;
  /** What is short, with the share (0..1) in use; empty when nothing is. */
  readonly causes: readonly { readonly what: string; readonly share: number }[];
  readonly message: string;
}

/** The emergency brake held a start, or let go. */
export interface BrakeFeedEvent {
  readonly type: 'brake';
  readonly held: boolean;
  /** How many in a row. */
  readonly count: number;
  /** Bytes that were free, and that are asked for. */
  readonly availableBytes: number;
  readonly neededBytes: number;
}

/** A worker is being replaced, or is gone. */
export interface WorkerFeedEvent {
  readonly type: 'worker';
  readonly pid: number;
  readonly what: 'started' | 'draining' | 'exited';
  /** Why, for `draining` and `exited`: `age`, `memory`, `runs`, `brake`, `idle`, `settings`, `lost`, `stopped` (with a run), `closed`. */
  readonly why: string | null;
  /** For `exited`; 42 for one that was recycled on purpose. */
  readonly exitCode: number | null;
}

/** The breaker around the machinery that starts runs changed its state. */
export interface BreakerFeedEvent {
  readonly type: 'breaker';
  readonly state: 'closed' | 'open' | 'half-open';
  readonly failures: number;
  /** When it tries again (ms), while open. */
  readonly retryAfterMs: number | null;
}

/** Much of what can run at once does. */
export interface LoadFeedEvent {
  readonly type: 'load';
  readonly active: number;
  readonly activeMax: number;
  readonly queued: number;
  readonly message: string;
}

/** All was stopped, or may go on. */
export interface EmergencyFeedEvent {
  readonly type: 'emergency';
  readonly active: boolean;
  readonly by: string;
  readonly why: string;
}

/** The guard level, or other settings, were changed. */
export interface SettingsFeedEvent {
  readonly type: 'settings';
  readonly level: GuardLevel;
  readonly message: string;
}

/** A crash dump was written. */
export interface DumpFeedEvent {
  readonly type: 'dump';
  readonly runId: string;
  readonly macro: string;
  readonly owner: string;
  readonly reason: EndReason;
  /** The JSON file's path. */
  readonly path: string;
  /** Of the JSON file. */
  readonly bytes: number;
  /** The same for the same trouble: macro, reason, and the code at the place of the end. */
  readonly fingerprint: string;
  /** `file:line`, '' where unknown. */
  readonly place: string;
}

/** Somebody paused, resumed or stopped a run from outside; by `quota`, an owner's quota did. */
export interface OperatorFeedEvent {
  readonly type: 'operator';
  readonly deed: 'pause' | 'resume' | 'stop';
  readonly runId: string;
  readonly macro: string;
  /** Left out where whoever tells it does not know. */
  readonly owner?: string | undefined;
  readonly by: string;
  readonly why: string;
}

/** Every kind, without when. */
export type FeedPayload =
  | RunFeedEvent
  | InterventionFeedEvent
  | QuarantineFeedEvent
  | LedgerFeedEvent
  | PressureFeedEvent
  | BrakeFeedEvent
  | WorkerFeedEvent
  | BreakerFeedEvent
  | LoadFeedEvent
  | EmergencyFeedEvent
  | SettingsFeedEvent
  | DumpFeedEvent
  | OperatorFeedEvent;

/** What Corral as a whole tells; `time` is ms since 1970, `id` counts up from 1. */
export type FeedEvent = FeedPayload & { readonly id: number; readonly time: number };
