// Owns the routes of runs: submit, wait, look up, list, steer, and what is kept of each.

import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Run } from '../corral.ts';
import { RunStatus, RunSummary } from '../model/history.ts';
import type { Service } from '../service/service.ts';
import type { StoredRun } from '../store/history/runs.ts';
import { ownerSeen } from './access.ts';
import { cursorOf, Page, readCursor } from './page.ts';
import { Problem, ProblemError } from './problem.ts';
import { toLines } from './run-lines.ts';
import type { Resource } from './server.ts';
import { withoutFolder } from './shown-end.ts';
import { readUpload, SubmissionBody, submit } from './submit.ts';
import { toProblemError } from './to-problem.ts';

const WAIT_MS_MAX = 300_000;
const BATCH_MAX = 100;
/** A stopped run is on disk by then, unless the disk is full (ms). */
const STOPPED_MS = 5_000;

const Accepted = z.object({ id: z.string() });
const Id = z.object({ id: z.string().regex(/^[0-9a-f]{12}$/, 'is no id of a run') });
/** The end of a run is told as it was: its shape is `EndEvent`. */
const RunDetail = RunSummary.extend({ end: z.unknown().nullable() });

const Filter = Page.extend({
  status: z.union([RunStatus, z.array(RunStatus)]).optional(),
  reason: z.string().max(100).optional(),
  macro: z.string().max(200).optional(),
  owner: z.string().max(100).optional(),
  from: z.coerce.number().int().min(0).optional(),
  to: z.coerce.number().int().min(0).optional(),
});

/** The routes of runs. */
export const runRoutes: Resource = async (instance, { service }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { runs, details } = service.history;
  const errors = { '4xx': Problem, '5xx': Problem };

  app.route({
    method: 'POST',
    url: '/api/runs',
    config: { scope: 'author' },
    schema: {
      summary: 'Submit a run',
      description: 'Answers once the submission is on disk; with ?wait= once the run has ended.',
      body: SubmissionBody,
      querystring: z.object({ wait: z.coerce.number().int().min(0).max(WAIT_MS_MAX).optional() }),
      headers: z.object({ 'idempotency-key': z.string().min(1).max(200).optional() }),
      response: { 200: RunDetail, 202: Accepted, ...errors },
    },
    handler: async (request, reply) => {
      const { id } = await submit(service, request, request.body, {
        idempotencyKey: request.headers['idempotency-key'],
      });
      reply.header('location', `/api/runs/${id}`);
      const { wait } = request.query;
      if (wait !== undefined) await endedWithin(service, id, wait);
      const run = detail(service, id);
      if (wait !== undefined && run.endedAt !== null) return reply.status(200).send(run);
      return reply.status(202).send({ id });
    },
  });

  app.route({
    method: 'POST',
    url: '/api/runs/stream',
    config: { scope: 'author' },
    schema: {
      summary: 'Submit a run and follow it',
      description:
        'One JSON object a line: {"type":"accepted","id"}, then every event of the run, its `end` last. Blank lines keep the connection. The run goes on when the connection does not.',
      body: SubmissionBody,
      response: { 200: z.unknown(), ...errors },
    },
    handler: async (request, reply) => {
      const events = Promise.withResolvers<ReturnType<Run['events']>>();
      const { id } = await submit(service, request, request.body, {
        begun: (run) => events.resolve(run.events()),
      });
      const lines = toLines(id, await events.promise);
      return reply.type('application/x-ndjson').send(Readable.from(lines));
    },
  });

  app.route({
    method: 'POST',
    url: '/api/runs/batch',
    config: { scope: 'author' },
    schema: {
      summary: 'Submit many runs',
      body: z.array(SubmissionBody).min(1).max(BATCH_MAX),
      response: { 202: z.array(z.union([Accepted, Problem])), ...errors },
    },
    handler: async (request, reply) => {
      const answers = await Promise.all(
        request.body.map((each) =>
          submit(service, request, each).catch((error: unknown) =>
            toProblemError(error).toProblem(request.url),
          ),
        ),
      );
      return reply.status(202).send(answers);
    },
  });

  app.route({
    method: 'POST',
    url: '/api/runs/upload',
    config: { scope: 'author' },
    schema: {
      summary: 'Submit a file',
      description: 'multipart/form-data: the macro as `file`; `input` and `limits` as JSON.',
      response: { 202: Accepted, ...errors },
    },
    handler: async (request, reply) => {
      const { id } = await submit(service, request, await readUpload(request));
      return reply.header('location', `/api/runs/${id}`).status(202).send({ id });
    },
  });

  app.route({
    method: 'GET',
    url: '/api/runs',
    config: { scope: 'read' },
    schema: {
      summary: 'List runs, newest first',
      querystring: Filter,
      response: {
        200: z.object({ runs: z.array(RunSummary), next: z.string().nullable() }),
        ...errors,
      },
    },
    handler: async ({ query, caller }) => {
      const { limit, cursor, status, owner, ...rest } = query;
      const found = runs.list({
        ...rest,
        owner: ownerSeen(caller) ?? owner,
        status: status === undefined ? undefined : [status].flat(),
        before: readCursor(cursor),
        limit: limit + 1,
      });
      return {
        runs: found.slice(0, limit).map(withoutSeq),
        next: found.length > limit ? cursorOf(found[limit - 1]?.seq ?? 0) : null,
      };
    },
  });

  app.route({
    method: 'GET',
    url: '/api/runs/:id',
    config: { scope: 'read' },
    schema: {
      summary: 'A run',
      params: Id,
      querystring: z.object({ wait: z.coerce.number().int().min(0).max(WAIT_MS_MAX).optional() }),
      response: { 200: RunDetail, ...errors },
    },
    handler: async (request) => {
      const { id } = own(service, request, request.params.id);
      if (request.query.wait !== undefined) await endedWithin(service, id, request.query.wait);
      return detail(service, id);
    },
  });

  for (const step of ['stop', 'cancel', 'pause', 'resume'] as const)
    app.route({
      method: 'POST',
      url: `/api/runs/:id/${step}`,
      config: { scope: 'author' },
      schema: {
        summary: `${step[0]?.toUpperCase()}${step.slice(1)} a run`,
        params: Id,
        response: { 200: RunDetail, ...errors },
      },
      handler: async (request) => {
        const { id } = own(service, request, request.params.id);
        await steer(service, id, step, request.caller.by);
        return detail(service, id);
      },
    });

  app.route({
    method: 'POST',
    url: '/api/runs/:id/retry',
    config: { scope: 'author' },
    schema: {
      summary: 'Run it once more, as it was submitted',
      params: Id,
      response: { 202: Accepted, ...errors },
    },
    handler: async (request, reply) => {
      const { id, owner } = own(service, request, request.params.id);
      const kept = runs.sourceOf(id);
      if (!kept) throw notFound(id);
      const options = JSON.parse(kept.options) as Record<string, unknown>;
      const { id: again } = await service.submissions.submit(
        { ...options, macro: undefined, source: kept.source },
        { owner, by: request.caller.by },
      );
      return reply.header('location', `/api/runs/${again}`).status(202).send({ id: again });
    },
  });

  const DetailQuery = z.object({
    after: z.coerce.number().int().min(-1).default(-1),
    limit: z.coerce.number().int().min(1).max(1000).default(100),
  });
  app.route({
    method: 'GET',
    url: '/api/runs/:id/commands',
    config: { scope: 'read' },
    schema: {
      summary: 'Its commands',
      params: Id,
      querystring: DetailQuery,
      response: { 200: z.object({ commands: z.array(z.unknown()) }), ...errors },
    },
    handler: async (request) => {
      const { id } = own(service, request, request.params.id);
      await service.history.writes.flush();
      return { commands: details.commands(id, request.query) };
    },
  });
  app.route({
    method: 'GET',
    url: '/api/runs/:id/logs',
    config: { scope: 'read' },
    schema: {
      summary: 'What it logged',
      params: Id,
      querystring: DetailQuery,
      response: { 200: z.object({ logs: z.array(z.unknown()) }), ...errors },
    },
    handler: async (request) => {
      const { id } = own(service, request, request.params.id);
      await service.history.writes.flush();
      return { logs: details.logs(id, request.query) };
    },
  });
  app.route({
    method: 'GET',
    url: '/api/runs/:id/samples',
    config: { scope: 'read' },
    schema: {
      summary: 'Its memory and CPU over time',
      params: Id,
      response: { 200: z.object({ samples: z.array(z.unknown()) }), ...errors },
    },
    handler: async (request) => {
      const { id } = own(service, request, request.params.id);
      await service.history.writes.flush();
      return { samples: details.samples(id) };
    },
  });
};

/** The run, when whoever asks may see it: of others' runs it is not even said that there are any. */
function own(service: Service, { caller }: FastifyRequest, id: string): StoredRun {
  const run = service.history.runs.get(id);
  const seen = ownerSeen(caller);
  if (!run || (seen !== null && run.owner !== seen)) throw notFound(id);
  return run;
}

function notFound(id: string): ProblemError {
  return new ProblemError('not-found', `There is no run ${id}.`);
}

async function steer(
  service: Service,
  id: string,
  step: 'stop' | 'cancel' | 'pause' | 'resume',
  by: string,
): Promise<void> {
  const run = service.submissions.live(id);
  if (!run) throw new ProblemError('conflict', `Run ${id} has ended already.`);
  if (step === 'pause') await service.submissions.pause(run);
  else if (step === 'resume') await service.submissions.resume(run);
  else {
    await run.stop(`it was stopped by ${by}`);
    await endedWithin(service, id, STOPPED_MS);
  }
  service.history.writes.soon(() =>
    service.history.audit.add({
      time: Date.now(),
      by,
      owner: '',
      action: `run.${step}`,
      target: id,
      detail: '',
    }),
  );
  await service.history.writes.flush();
}

/** True when the run has ended, and that is on disk, within so many ms. */
async function endedWithin(service: Service, id: string, ms: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), ms);
  try {
    return await Promise.race([service.submissions.ended(id).then(() => true), promise]);
  } finally {
    clearTimeout(timer);
  }
}

function detail(service: Service, id: string): z.infer<typeof RunDetail> {
  const run = service.history.runs.get(id);
  if (!run) throw notFound(id);
  const end = service.history.runs.endOf(id);
  return { ...withoutSeq(run), end: end && withoutFolder(end) };
}

function withoutSeq({ seq: _, ...run }: StoredRun): RunSummary {
  return run;
}
