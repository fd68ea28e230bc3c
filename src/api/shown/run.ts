// Owns how a run is looked up and shown: to whom it may be, with its end, now or once it has ended.

import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { EndEvent } from '../../model/events.ts';
import { RunSummary } from '../../model/history.ts';
import type { Hold, Seen } from '../../service/run-seen.ts';
import type { Service } from '../../service/service.ts';
import type { KeptSubmission } from '../../service/submission.ts';
import type { StoredRun } from '../../store/history/runs.ts';
import { ownerSeen } from '../access.ts';
import { ProblemError } from '../problem.ts';
import { asItIs, type ShapeOf } from './as.ts';
import { withoutFolder } from './end.ts';
import { ShownEnd } from './events.ts';

const WAIT_MS_MAX = 300_000;

/** A run in a path. */
export const RunParams = z.object({ id: z.string().regex(/^[0-9a-f]{12}$/, 'is no id of a run') });
/** How long an answer may wait for a run's end (ms). */
export const Wait = z.object({
  wait: z.coerce.number().int().min(0).max(WAIT_MS_MAX).optional(),
});
const ShownHold = z.object({
  by: z.string().describe("a key's id, local, quota, or pattern: and its id"),
  why: z.string(),
  until: z.int().nullable().describe('ms since 1970; null when somebody has to say so'),
} satisfies ShapeOf<Hold>);

/** What a run was submitted with, but for its text and input; null for what was not said. */
export const ShownSubmitted = z.object({
  by: z.string().nullable().describe("a key's id, or local"),
  retryOf: z.string().nullable().describe('the run that it is once more'),
  file: z.string().nullable(),
  limits: z.record(z.string(), z.union([z.string(), z.number()])).nullable(),
  priority: z.int().nullable(),
  seed: z.int().nullable(),
  lint: z.boolean().nullable(),
});

/** A run as it is shown. The end is told as it was. */
export const RunDetail = RunSummary.extend({
  end: asItIs<EndEvent>(ShownEnd).nullable(),
  held: ShownHold.nullable().describe('by whom or what, and why; null while nothing holds it'),
  submitted: ShownSubmitted.describe('what it was submitted with'),
});

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
  const seen = end ? null : service.submissions.seen(id);
  return {
    ...withoutSeq(run),
    ...(seen && toFigures(seen)),
    // One that was deleted since is not named.
    end: end && { ...withoutFolder(end), dump: run.dump },
    held: seen?.hold ?? null,
    submitted: toSubmitted(keptOf(service, id)),
  };
}

/** Of a run under way, those of this moment. */
function toFigures({ cpuMs, peakHeap, commands }: Seen) {
  return { cpuMs, peakHeap: peakHeap || null, commands };
}

/** What is kept of what was submitted, beside the text. */
export function keptOf({ history }: Service, id: string): KeptSubmission {
  return JSON.parse(history.runs.sourceOf(id)?.options ?? '{}') as KeptSubmission;
}

/** The same as it is shown. */
export function toSubmitted(kept: KeptSubmission): z.infer<typeof ShownSubmitted> {
  const { by = null, retryOf = null, file = null, priority = null, seed = null } = kept;
  const { lint = null, limits = null } = kept;
  return { by, retryOf, file, limits, priority, seed, lint };
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
