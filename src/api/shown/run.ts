// Owns how a run is looked up and shown: to whom it may be, with its end, now or once it has ended.

import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { EndEvent } from '../../model/events.ts';
import { RunSummary } from '../../model/history.ts';
import type { Service } from '../../service/service.ts';
import type { StoredRun } from '../../store/history/runs.ts';
import { ownerSeen } from '../access.ts';
import { ProblemError } from '../problem.ts';
import { asItIs } from './as.ts';
import { withoutFolder } from './end.ts';
import { ShownEnd } from './events.ts';

const WAIT_MS_MAX = 300_000;

/** A run in a path. */
export const RunParams = z.object({ id: z.string().regex(/^[0-9a-f]{12}$/, 'is no id of a run') });
/** How long an answer may wait for a run's end (ms). */
export const Wait = z.object({
  wait: z.coerce.number().int().min(0).max(WAIT_MS_MAX).optional(),
});
/** A run as it is shown. The end is told as it was. */
export const RunDetail = RunSummary.extend({ end: asItIs<EndEvent>(ShownEnd).nullable() });

/** The run, when whoever asks may see it: of others' runs it is not even said that there are any. */
export function ownRun(service: Service, { caller }: FastifyRequest, id: string): StoredRun {
  const run = service.history.runs.get(id);
  const seen = ownerSeen(caller);
  if (!run || (seen !== null && run.owner !== seen)) throw notFound(id);
  return run;
}

/** The run with its end. */
export function runDetail(service: Service, id: string): z.infer<typeof RunDetail> {
  const run = service.history.runs.get(id);
  if (!run) throw notFound(id);
  const end = service.history.runs.endOf(id);
  return { ...withoutSeq(run), end: end && withoutFolder(end) };
}

/** The run without its place in the list. */
export function withoutSeq({ seq: _, ...run }: StoredRun): RunSummary {
  return run;
}

/** What is said of a run that is not there. */
export function notFound(id: string): ProblemError {
  return new ProblemError('not-found', `There is no run ${id}.`);
}

/** Resolves when the run has ended, and that is on disk, or after so many ms. */
export async function endedWithin(service: Service, id: string, ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  try {
    await Promise.race([service.submissions.ended(id), promise]);
  } finally {
    clearTimeout(timer);
  }
}
