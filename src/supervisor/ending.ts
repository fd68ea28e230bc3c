// Owns what a run came to, and the sentence that says so.

import type { MacroError, Refusal } from '../model/events.ts';
import {
  formatBytes,
  formatDuration,
  formatLimit,
  LIMIT_UNITS,
  type LimitName,
  type LimitSetBy,
  type Limits,
} from '../model/limits.ts';
import { type EndReason, KILL_MEANING } from '../model/outcome.ts';
import type { Json } from '../model/value.ts';
import type { WirePending } from '../model/wire.ts';
import type { Place, SourceFrame } from './place.ts';
import type { WorkerExit } from './worker-process.ts';

/** Why a run is being ended; the first cause wins and is kept. */
export interface Cause {
  readonly reason: EndReason;
  /** The limit that was passed and what was measured (ms, bytes or a count). */
  readonly limit: { readonly name: LimitName; readonly measured: number } | null;
  /** Said instead of the reason's usual words. */
  readonly message: string | null;
  /** The command that was one too many, where it was one. */
  readonly place?: { readonly file: string; readonly line: number } | null;
}

/** Everything known of a run once it is over. */
export interface Ending {
  readonly reason: EndReason;
  readonly message: string;
  readonly limit: {
    readonly name: LimitName;
    readonly value: number;
    readonly measured: number;
    readonly setBy: LimitSetBy;
  } | null;
  readonly value: Json;
  readonly error: MacroError | null;
  readonly place: Place | null;
  readonly frames: readonly SourceFrame[];
  readonly pending: readonly WirePending[];
  /** How much was pending in all; `pending` has the oldest of it. */
  readonly pendingTotal: number;
  readonly heapStatistics: Record<string, number> | null;
  readonly worker: (WorkerExit & { readonly pid: number }) | null;
  readonly isolatedVm: string;
  /** ms, pauses left out. */
  readonly durationMs: number;
  readonly cpuMs: number;
  readonly commands: number;
  /** For a run that was not let in. */
  readonly refusal: Refusal | null;
}

/** What is known of a run that never began. */
export const NO_RUN: Omit<Ending, 'reason' | 'message'> = {
  limit: null,
  value: null,
  error: null,
  place: null,
  frames: [],
  pending: [],
  pendingTotal: 0,
  heapStatistics: null,
  worker: null,
  isolatedVm: '',
  durationMs: 0,
  cpuMs: 0,
  commands: 0,
  refusal: null,
};

/** What a cause means, in one sentence with the figures. */
export function toSentence(cause: Cause, limits: Limits): string {
  const { reason, limit, message } = cause;
  const meaning =
    message ??
    (reason in KILL_MEANING ? KILL_MEANING[reason as keyof typeof KILL_MEANING] : reason);
  if (!limit) return meaning;
  // One step that wants it all at once is stopped before anybody could measure it.
  const isUnmeasured = limit.name === 'heap' && limit.measured <= limits.heap.value;
  const found = isUnmeasured ? 'more than could be measured' : measured(limit.name, limit.measured);
  return `${meaning}: ${found}, ${toAllowed(limit.name, limits)}`;
}

/** Says of a macro that it holds nearly as much as it may. @param bytes what it holds */
export function toHeapWarning(bytes: number, limits: Limits): string {
  return `it nears its heap limit: ${measured('heap', bytes)}, ${toAllowed('heap', limits)}`;
}

function toAllowed(name: LimitName, limits: Limits): string {
  const { value, setBy } = limits[name];
  const by = setBy === 'header' ? "the macro's own header" : `the ${setBy}`;
  return `the ${WORD[name]} limit is ${formatLimit(name, value)} (set by ${by})`;
}

const WORD: Record<LimitName, string> = {
  wall: 'wall',
  cpu: 'cpu',
  burst: 'burst (CPU between two awaits)',
  idle: 'idle',
  heap: 'heap',
  commands: 'commands',
  output: 'output',
};

function measured(name: LimitName, value: number): string {
  switch (LIMIT_UNITS[name]) {
    case 'ms':
      return formatDuration(value);
    case 'bytes':
      return formatBytes(value);
    case 'count':
      return String(value);
  }
}
