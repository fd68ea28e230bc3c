// Owns what tracing is told of a run: one span from its start to its end, in the trace of the request that submitted it. Where
// no SDK was loaded into the process nothing is recorded.

import {
  propagation,
  ROOT_CONTEXT,
  type SpanContext,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { EndEvent } from '../corral.ts';
import { safeText } from '../model/safe-text.ts';
import { CORRAL_VERSION } from '../model/version.ts';

/** The span that a run's belongs under; null for none. */
export type TraceParent = SpanContext | null;

/** What is told of a run. */
export interface TracedRun {
  readonly end: EndEvent;
  readonly owner: string;
  /** From its submission to its start (ms); null where it never started. */
  readonly queuedMs: number | null;
  /** From its start to now (ms). */
  readonly ranMs: number;
}

const NAME_CHARS = 200;
const MESSAGE_CHARS = 500;

/** The span that a request is: its own where requests are traced here, else the one its `traceparent` names. */
export function toTraceParent(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): TraceParent {
  const own = trace.getActiveSpan()?.spanContext();
  return own ?? trace.getSpanContext(propagation.extract(ROOT_CONTEXT, headers)) ?? null;
}

/** Tells of a run that has just ended. */
export function traceRun({ end, owner, queuedMs, ranMs }: TracedRun, parent: TraceParent): void {
  // It has not ended: the next server begins it.
  if (end.refusal?.code === 'draining') return;
  const endedAt = Date.now();
  const under = parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
  // Dates, for a small number would be taken for the time of the process's own clock.
  const startTime = new Date(endedAt - ranMs);
  const tracer = trace.getTracer('corral', CORRAL_VERSION);
  const span = tracer.startSpan('corral.run', { startTime }, under);
  if (!span.isRecording()) return;
  span.setAttributes({
    'corral.run.id': end.runId,
    'corral.macro.name': safeText(end.macro, { charsMax: NAME_CHARS }),
    'corral.owner': safeText(owner, { charsMax: NAME_CHARS }),
    'corral.end.reason': end.reason,
    'corral.run.cpu_ms': end.cpuMs,
    'corral.run.commands': end.commands,
    // 0 where it was over before anybody looked.
    ...(end.peakHeap > 0 && { 'corral.run.heap_peak_bytes': end.peakHeap }),
    ...(queuedMs !== null && { 'corral.run.queued_ms': queuedMs }),
  });
  if (end.status !== 'completed' && end.status !== 'cancelled') {
    span.setAttribute('error.type', end.reason);
    const why = end.error ? `${end.error.name}: ${end.error.message}` : end.message;
    const message = safeText(why, { charsMax: MESSAGE_CHARS });
    span.setStatus({ code: SpanStatusCode.ERROR, message });
  }
  span.end(new Date(endedAt));
}
