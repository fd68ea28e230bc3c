// Owns what the end of a run means for the batch it was a piece of: done, to be halved, to be tried again, or the end of all.

import type { EndEvent } from '../model/events.ts';
import type { PieceOutcome } from './piece.ts';

/** What is to be done next. */
export type Judgement =
  | { readonly next: 'record'; readonly outcome: PieceOutcome }
  /** It ran out of memory with several items: each half may have room. */
  | { readonly next: 'halve' }
  /** The macro was not let in just now, for no fault of its own. */
  | { readonly next: 'wait'; readonly ms: number; readonly why: string }
  /** No piece of this batch can be run: the macro is not let in, or Corral cannot run anything. */
  | { readonly next: 'give-up'; readonly end: EndEvent }
  /** It was stopped because the batch was. */
  | { readonly next: 'leave' };

/**
 * Judges a run.
 * @param count items it was given
 * @param isStopped true once runs are being stopped for the batch's sake
 */
export function judge(end: EndEvent, count: number, isStopped: boolean): Judgement {
  const { reason, refusal, value, dump } = end;
  switch (reason) {
    case 'completed':
      return Array.isArray(value) && value.length === count
        ? { next: 'record', outcome: { kind: 'each', values: value } }
        : { next: 'record', outcome: { kind: 'whole', value } };
    case 'heap-limit':
      if (count > 1) return { next: 'halve' };
      return { next: 'record', outcome: { kind: 'culprit', reason, message: end.message, dump } };
    case 'refused': {
      const ms = refusal?.retryAfterMs ?? null;
      return ms === null ? { next: 'give-up', end } : { next: 'wait', ms, why: end.message };
    }
    case 'emergency':
      return { next: 'give-up', end };
    case 'cancelled':
      if (isStopped) return { next: 'leave' };
      break;
    case 'worker-lost':
      // Lost before it ran at all: no worker could be started, and no item can change that.
      if (end.durationMs === 0) return { next: 'give-up', end };
      break;
  }
  return { next: 'record', outcome: { kind: 'error', reason, message: toWords(end), dump } };
}

function toWords({ message, error }: EndEvent): string {
  return error === null ? message : `${error.name}: ${error.message}`;
}
