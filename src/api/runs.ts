// Owns the routes by which runs are found: the list, and one of them.

import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { RunStatus, RunSummary } from '../model/history.ts';
import { ownerSeen } from './access.ts';
import { Numbered, Page, toPage } from './page.ts';
import { Problem } from './problem.ts';
import type { Resource } from './resource.ts';
import {
  endedWithin,
  ownRun,
  RunDetail,
  RunParams,
  runDetail,
  Wait,
  withoutSeq,
} from './shown/run.ts';

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
  const { runs } = service.history;
  const errors = { '4xx': Problem, '5xx': Problem };

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
      const meant = {
        ...rest,
        owner: ownerSeen(caller) ?? owner,
        status: status === undefined ? undefined : [status].flat(),
      };
      const { items, next } = toPage(
        { limit, cursor },
        {
          key: Numbered,
          find: (before, count) => runs.list({ ...meant, before, limit: count }),
          keyOf: ({ seq }) => seq,
        },
      );
      return { runs: items.map(withoutSeq), next };
    },
  });

  app.route({
    method: 'GET',
    url: '/api/runs/:id',
    config: { scope: 'read' },
    schema: {
      summary: 'A run',
      params: RunParams,
      querystring: Wait,
      response: { 200: RunDetail, ...errors },
    },
    handler: async (request) => {
      const { id } = ownRun(service, request, request.params.id);
      if (request.query.wait !== undefined) await endedWithin(service, id, request.query.wait);
      return runDetail(service, id);
    },
  });
};
