// Owns what a run tells while it lives: `corral run --json` prints these objects one a line, `run.on` hands them out typed.

import type { Intervention } from './guard.ts';
import type { LiveRisk } from './ledger.ts';
import type { LimitName, Limits } from './limits.ts';
import type { EndReason, EndStatus, RunState } from './outcome.ts';
import type { Finding, Verdict } from './report.ts';
import type { Json } from './value.ts';

/** First of all: whether the macro may run, with which limits, and what lint found. */
export interface AdmissionEvent {
  readonly type: 'admission';
  readonly runId: string;
  readonly macro: string;
  readonly verdict: Verdict;
  /** Of its text, 0..1. */
  readonly risk: number;
  /** What the macro has shown of itself so far, its text included; null where that is not asked, as in a replay. */
  readonly liveRisk: LiveRisk | null;
  readonly findings: readonly Finding[];
  readonly limits: Limits;
  /** What `random()` starts from: give it again (`--seed`) to get the same numbers. */
  readonly seed: number;
}

/** A command was given and answered (or failed: then `error` is there instead of `result`). */
export interface CommandEvent {
  readonly type: 'command';
  /** ms since the run started. */
  readonly at: number;
  readonly name: string;
  readonly args: Json;
  readonly result?: Json;
  readonly error?: string;
  /** ms from the call to the answer, waiting for the rate included. */
  readonly durationMs: number;
  /** The line that gave it, or null where unknown. */
  readonly line: number | null;
}

/** One log line; `text` is bounded and may hold anything: escape it before a terminal or a page shows it. */
export interface LogEvent {
  readonly type: 'log';
  /** ms since the run started. */
  readonly at: number;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly text: string;
}

/** A full garbage collection. */
export interface SampleCollection {
  /** V8 by itself, or Corral, which asks for one before it holds a macro's garbage against it. */
  readonly by: 'v8' | 'corral';
  /** Bytes of heap it freed; null where that is not known. */
  readonly freed: number | null;
}

/** One reading of the sampler. */
export interface SampleEvent {
  readonly type: 'sample';
  /** ms since the run started. */
  readonly at: number;
  /** Bytes of live and dead objects on the V8 heap. */
  readonly heapUsed: number;
  /** Bytes V8 holds for that heap. */
  readonly heapTotal: number;
  /** Bytes of array buffers outside the heap. */
  readonly external: number;
  /** Bytes of the whole worker process. */
  readonly rss: number;
  /** CPU used by the run so far. */
  readonly cpuMs: number;
  /** All garbage was collected, at least once, since the reading before; left out where it was not, or nobody could look. */
  readonly collection?: SampleCollection;
}

/** One try of a run is over, and there will be another. */
export interface RetryNote {
  /** The try that is over, 1 for the first; and how many there may be. */
  readonly attempt: number;
  readonly attemptsMax: number;
  /** How it ended. */
  readonly reason: EndReason;
  /** How long until the next (ms). */
  readonly waitMs: number;
  /** Path of its crash dump, or null. */
  readonly dump: string | null;
}

/** Something the author or operator should know; the run goes on. */
export interface WarningEvent {
  readonly type: 'warning';
  /** ms since the run started. */
  readonly at: number;
  readonly code:
    | 'heap-near-limit'
    | 'limit-denied'
    | 'dump-failed'
    | 'start-held'
    | 'state-failed'
    | 'ledger-failed'
    | 'unusual-behaviour'
    | 'retried';
  readonly message: string;
  /** With `retried` only. */
  readonly retry?: RetryNote;
}

/** What a pattern can be about in a run. */
export type WatchedFor = 'commands' | 'heap-growth' | 'cpu-share' | 'depth';

/** One command, or one reading, that made a pattern match. */
export interface Occurrence {
  /** ms since the run started. */
  readonly at: number;
  /** The command's name, or what was measured. */
  readonly name: string;
  /** The line that gave it, null where unknown. */
  readonly line: number | null;
}

/** A pattern matched what the macro does, and Corral acted. */
export interface InterventionEvent {
  readonly type: 'intervention';
  /** ms since the run started. */
  readonly at: number;
  /** The pattern's id. */
  readonly pattern: string;
  readonly title: string;
  /** What was done; at a strict guard level more than the pattern asks for. */
  readonly action: Intervention;
  /** One line for a person: what was seen, how much of it, what is allowed. */
  readonly message: string;
  /** How the author mends it. */
  readonly advice: string;
  /** `run` when this run alone did it, `macro` when only all runs of its macro together. */
  readonly scope: 'run' | 'macro';
  /** What the pattern is about. */
  readonly what: WatchedFor;
  /** What was measured and what is allowed: commands in the window, bytes a second, a share from 0 to 1, or a depth. */
  readonly measured: number;
  readonly allowed: number;
  /** The window (ms), null where there is none. */
  readonly windowMs: number | null;
  /** The last of what matched, ten at most. */
  readonly occurrences: readonly Occurrence[];
  /** 1 for the first time in this run. */
  readonly offence: number;
  /** When a paused run goes on by itself (ms from now); null when somebody has to say so, or nothing is paused. */
  readonly resumeAfterMs: number | null;
}

/** The run moved to another state. */
export interface StateEvent {
  readonly type: 'state';
  /** ms since the run started. */
  readonly at: number;
  readonly state: RunState;
}

/** Why a run was not let in, beyond what lint and risk say. */
export type RefusalCode =
  | 'lint'
  | 'risk'
  | 'quarantined'
  | 'emergency'
  | 'host-pressure'
  | 'brake'
  | 'queue-full'
  | 'breaker-open'
  | 'draining';

/** Why a run was refused, and whether it is worth trying again. */
export interface Refusal {
  readonly code: RefusalCode;
  /** When to try again (ms); null when waiting does not help. */
  readonly retryAfterMs: number | null;
}

/** A place in the macro's own source. */
export interface SourcePlace {
  /** The file as the macro's author knows it. */
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based; null where only the line is known. */
  readonly column: number | null;
}

/** What a macro threw, as text: bounded, hostile, never evaluated. */
export interface MacroError {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

/** Last of all: how and why it ended. */
export interface EndEvent {
  readonly type: 'end';
  readonly runId: string;
  readonly macro: string;
  readonly status: EndStatus;
  readonly reason: EndReason;
  /** One sentence for a person: what happened and, for a kill, the measured value and the limit. */
  readonly message: string;
  /** The macro's result (tagged JSON), null unless completed. */
  readonly value: Json;
  readonly error: MacroError | null;
  /** The line in the macro where it ended, or null. */
  readonly line: number | null;
  readonly column: number | null;
  /** The file of `line`: the macro itself, or one it called. */
  readonly file: string;
  /** The limit that was passed, for a kill by a limit. */
  readonly limit: {
    readonly name: LimitName;
    readonly value: number;
    readonly measured: number;
  } | null;
  readonly durationMs: number;
  readonly cpuMs: number;
  /** Bytes, the most any sample saw. */
  readonly peakHeap: number;
  readonly commands: number;
  /** For `refused`: why, for programs; null for every other end. */
  readonly refusal: Refusal | null;
  /** How often it was tried (`@retry`), 1 for most; what stands above is of the last time. */
  readonly attempts: number;
  /** Path of the JSON crash dump, or null. */
  readonly dump: string | null;
}

/** Everything a run tells, in order: admission first, end last. */
export type RunEvent =
  | AdmissionEvent
  | CommandEvent
  | LogEvent
  | SampleEvent
  | WarningEvent
  | InterventionEvent
  | StateEvent
  | EndEvent;

/** The event of each type, for typed listeners. */
export type RunEventOf<Type extends RunEvent['type']> = Extract<RunEvent, { type: Type }>;
