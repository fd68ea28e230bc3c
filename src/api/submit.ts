// Owns submissions as they come over HTTP: anew or once more, and what only operators may submit.

import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { OwnerName, SourceText } from '../model/history.ts';
import { LIMIT_NAMES } from '../model/limits.ts';
import type { Service } from '../service/service.ts';
import type { KeptSubmission, Submission, Submitter } from '../service/submission.ts';
import { toTraceParent } from '../service/tracing.ts';
import type { StoredRun } from '../store/history/runs.ts';
import { may } from './access.ts';
import { toAuditEntry } from './audit-entry.ts';
import { ProblemError } from './problem.ts';

/** When a full line may have room again (ms). */
const FULL_MS = 1_000;

/** What is submitted. */
export const SubmissionBody = z
  .strictObject({
    source: SourceText.optional().describe("the macro's text"),
    macro: z.string().min(1).max(200).optional().describe('or the name of one in the library'),
    version: z.int().min(1).optional().describe('of that one; its newest by default'),
    input: z.unknown().optional(),
    limits: z
      .partialRecord(
        z.enum(LIMIT_NAMES as [string, ...string[]]),
        z.union([z.string().max(50), z.number()]),
      )
      .optional()
      .describe('lower limits: cpu: "500ms", heap: "32mb" …'),
    owner: OwnerName.optional().describe('for operators: whose run it is'),
    priority: z.int().min(-10).max(10).optional(),
    seed: z.int().min(0).optional(),
    file: z.string().min(1).max(200).optional(),
    lint: z
      .boolean()
      .optional()
      .describe('false runs what lint would refuse, alone; for operators'),
  })
  .refine(({ source, macro }) => (source === undefined) !== (macro === undefined), {
    message: 'give either source or macro',
  });
export type SubmissionBody = z.infer<typeof SubmissionBody>;

/** Takes one submission for whoever sent the request. @throws what it is not taken for */
export async function submit(
  service: Service,
  request: FastifyRequest,
  body: SubmissionBody,
  more: Pick<Submitter, 'idempotencyKey' | 'begun'> = {},
): Promise<{ readonly id: string }> {
  const { owner = request.caller.owner, ...submission } = body;
  return await take(service, request, submission, { owner, ...more });
}

/**
 * Takes a run once more, as it was submitted: of a macro of the library the same version. Nobody retries what he could not submit.
 * @throws what it is not taken for
 */
export async function retry(
  service: Service,
  request: FastifyRequest,
  { id, owner, version, endedAt }: StoredRun,
  more: Pick<Submitter, 'idempotencyKey'>,
): Promise<{ readonly id: string }> {
  if (endedAt === null)
    throw new ProblemError(
      'conflict',
      `Run ${id} has not ended yet; wait for its end, or stop it.`,
    );
  const kept = service.history.runs.sourceOf(id);
  if (!kept) throw new ProblemError('not-found', `The text of run ${id} is kept no more.`);
  const { by: _, ...options } = JSON.parse(kept.options) as KeptSubmission;
  // Only a macro of the library has a name of its own; an older Corral kept nothing else of where it was from.
  const { macro = options.name } = options;
  return await take(
    service,
    request,
    { ...options, source: kept.source, macro, version: version ?? undefined, retryOf: id },
    { owner, ...more },
  );
}

async function take(
  service: Service,
  request: FastifyRequest,
  submission: Submission,
  submitter: Omit<Submitter, 'by' | 'trace'>,
): Promise<{ readonly id: string }> {
  assertTakes(service, submitter.owner);
  const { caller } = request;
  const isOperator = may(caller, 'operator');
  if (submitter.owner !== caller.owner && !isOperator)
    throw new ProblemError('forbidden', 'Only operators submit for other owners.');
  if (submission.lint === false && !isOperator)
    throw new ProblemError('forbidden', 'Only operators run what lint would refuse.');
  const taken = await service.submissions.submit(submission, {
    by: caller.by,
    trace: toTraceParent(request.headers),
    ...submitter,
  });
  if (taken.isNew) noteSpecial(service, request, { ...taken, submission, owner: submitter.owner });
  return taken;
}

/** What only operators may submit is in the audit; whatever else was submitted stands in the runs, with by whom. */
function noteSpecial(
  { history }: Service,
  request: FastifyRequest,
  { id, submission, owner }: { id: string; submission: Submission; owner: string },
): void {
  const { retryOf, lint } = submission;
  if (owner === request.caller.owner && lint !== false) return;
  const action = retryOf === undefined ? 'run.submit' : 'run.retry';
  const detail = [retryOf && `of ${retryOf}`, lint === false && 'lint: false'].filter(Boolean);
  const entry = toAuditEntry(request, { action, target: id, owner, detail: detail.join(', ') });
  history.writes.surely(() => history.audit.add(entry));
}

/**
 * What would only be refused is not taken: who comes again later is then run, also with the same Idempotency-Key.
 * @throws {ProblemError} `unavailable`
 */
export function assertTakes({ draining, corral, submissions }: Service, owner: string): void {
  const refuse = (why: string, retryAfterMs: number) => {
    throw new ProblemError('unavailable', why, { retryAfterMs });
  };
  if (draining) refuse('The server is going down and takes nothing more.', 10_000);
  const { emergencyState, load } = corral;
  if (emergencyState)
    refuse('The emergency stop is pulled: nothing runs until a person clears it.', 60_000);
  if (load.breaker.retryAfterMs)
    refuse('Corral cannot start runs at the moment.', load.breaker.retryAfterMs);
  const { all, own } = submissions.waiting(owner);
  // Those that are being created have left the line, and have not begun.
  const isFull = (waiting: number, most: number) => waiting - load.creating >= most;
  if (isFull(own, load.queuedPerOwnerMax))
    refuse(`${own} runs of ${owner} wait already, and more may not.`, FULL_MS);
  if (isFull(all, load.queuedMax)) refuse(`${all} runs wait already, and more may not.`, FULL_MS);
}
