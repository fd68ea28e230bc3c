// Owns the routes by which runs come: as JSON, followed over one connection, many at once, as a file, and once more.

import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Run } from '../corral.ts';
import { keyWatch } from './access.ts';
import { Problem, ProblemError } from './problem.ts';
import type { Resource } from './resource.ts';
import { RunLine, toLines } from './run-lines.ts';
import { streamed } from './shown/as.ts';
import { endedWithin, ownRun, RunDetail, RunParams, runDetail, Wait } from './shown/run.ts';
import { retry, SubmissionBody, submit } from './submit.ts';
import { toProblemError } from './to-problem.ts';
import { readUpload, UploadForm } from './upload.ts';

const BATCH_MAX = 100;
const Accepted = z.object({ id: z.string() });
const WithKey = z.object({ 'idempotency-key': z.string().min(1).max(200).optional() });

/** Who sends a key counts on it; so where there is no use for one, that is said. */
function assertNoKey(headers: FastifyRequest['headers']): void {
  if (headers['idempotency-key'] !== undefined)
    throw new ProblemError(
      'bad-request',
      'This route keeps no Idempotency-Key; POST /api/runs, /api/runs/upload and /retry do.',
    );
}

/** The routes of submissions. */
export const submissionRoutes: Resource = async (instance, { service }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const errors = { '4xx': Problem, '5xx': Problem };

  app.route({
    method: 'POST',
    url: '/api/runs',
    config: { scope: 'author' },
    schema: {
      summary: 'Submit a run',
      description: 'Answers once the submission is on disk; with ?wait= once the run has ended.',
      body: SubmissionBody,
      querystring: Wait,
      headers: WithKey,
      response: { 200: RunDetail, 202: Accepted, ...errors },
    },
    handler: async (request, reply) => {
      const { id } = await submit(service, request, request.body, {
        idempotencyKey: request.headers['idempotency-key'],
      });
      reply.header('location', `/api/runs/${id}`);
      const { wait } = request.query;
      if (wait !== undefined) await endedWithin(service, id, wait);
      const run = runDetail(service, id);
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
      response: {
        200: {
          description: 'Its events.',
          content: { 'application/x-ndjson': { schema: streamed(RunLine) } },
        },
        ...errors,
      },
    },
    handler: async (request, reply) => {
      assertNoKey(request.headers);
      const events = Promise.withResolvers<ReturnType<Run['events']>>();
      const { id } = await submit(service, request, request.body, {
        begun: (run) => events.resolve(run.events()),
      });
      const isOpen = keyWatch(service.history.keys, request.caller);
      const lines = toLines(id, await events.promise, isOpen);
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
      assertNoKey(request.headers);
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
    config: { scope: 'author', form: UploadForm },
    schema: {
      summary: 'Submit a file',
      description:
        'multipart/form-data: the macro as `file`; the other fields are JSON as in POST /api/runs, but `owner`, which is text.',
      headers: WithKey,
      response: { 202: Accepted, ...errors },
    },
    handler: async (request, reply) => {
      const { id } = await submit(service, request, await readUpload(request), {
        idempotencyKey: request.headers['idempotency-key'],
      });
      return reply.header('location', `/api/runs/${id}`).status(202).send({ id });
    },
  });

  app.route({
    method: 'POST',
    url: '/api/runs/:id/retry',
    config: { scope: 'author' },
    schema: {
      summary: 'Run it once more, as it was submitted',
      description:
        'Once it has ended. A macro of the library in the same version, while that is there and enabled.',
      params: RunParams,
      headers: WithKey,
      response: { 202: Accepted, ...errors },
    },
    handler: async (request, reply) => {
      const run = ownRun(service, request, request.params.id);
      const { id } = await retry(service, request, run, {
        idempotencyKey: request.headers['idempotency-key'],
      });
      return reply.header('location', `/api/runs/${id}`).status(202).send({ id });
    },
  });
};
