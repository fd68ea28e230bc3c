// Owns the routes of what is kept of each run: its commands, what it logged, its memory and CPU.

import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { CommandEvent } from '../model/events.ts';
import type { Json } from '../model/value.ts';
import { Problem } from './problem.ts';
import type { Resource } from './resource.ts';
import { AnyJson, asItIs } from './shown/as.ts';
import { ShownCommand, ShownKeptSample, ShownLog } from './shown/events.ts';
import { keptOf, ownRun, RunParams, ShownSubmitted, toSubmitted } from './shown/run.ts';

const DetailQuery = z.object({
  after: z.coerce.number().int().min(-1).default(-1),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

const n = z.int().describe('its number in the run, from 0; not all are kept of very many');
const Commands = z.object({
  commands: z.array(asItIs<CommandEvent & { readonly n: number }>(ShownCommand.extend({ n }))),
});
const Logs = z.object({ logs: z.array(ShownLog.omit({ type: true }).extend({ n })) });
const Submission = ShownSubmitted.extend({ source: z.string(), input: AnyJson });
const Samples = z.object({ samples: z.array(ShownKeptSample) });

/** The routes of what is kept. */
export const runDetailRoutes: Resource = async (instance, { service }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { details, runs, writes } = service.history;
  const errors = { '4xx': Problem, '5xx': Problem };

  app.route({
    method: 'GET',
    url: '/api/runs/:id/submission',
    config: { scope: 'read' },
    schema: {
      summary: 'What was submitted: its text, its input, and the rest',
      params: RunParams,
      response: { 200: Submission, ...errors },
    },
    handler: async (request) => {
      const { id } = ownRun(service, request, request.params.id);
      const kept = keptOf(service, id);
      const source = runs.sourceOf(id)?.source ?? '';
      return { ...toSubmitted(kept), source, input: (kept.input ?? null) as Json };
    },
  });
  app.route({
    method: 'GET',
    url: '/api/runs/:id/commands',
    config: { scope: 'read' },
    schema: {
      summary: 'Its commands',
      params: RunParams,
      querystring: DetailQuery,
      response: { 200: Commands, ...errors },
    },
    handler: async (request) => {
      const { id } = ownRun(service, request, request.params.id);
      await writes.settled();
      return { commands: details.commands(id, request.query) };
    },
  });
  app.route({
    method: 'GET',
    url: '/api/runs/:id/logs',
    config: { scope: 'read' },
    schema: {
      summary: 'What it logged',
      params: RunParams,
      querystring: DetailQuery,
      response: { 200: Logs, ...errors },
    },
    handler: async (request) => {
      const { id } = ownRun(service, request, request.params.id);
      await writes.settled();
      return { logs: details.logs(id, request.query) };
    },
  });
  app.route({
    method: 'GET',
    url: '/api/runs/:id/samples',
    config: { scope: 'read' },
    schema: {
      summary: 'Its memory and CPU over time',
      params: RunParams,
      response: { 200: Samples, ...errors },
    },
    handler: async (request) => {
      const { id } = ownRun(service, request, request.params.id);
      await writes.settled();
      return { samples: details.samples(id) };
    },
  });
};
