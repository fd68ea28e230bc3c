// Owns the routes of sums: totals, by macro, owner or reason, and over time.

import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ownerSeen } from './access.ts';
import { Problem } from './problem.ts';
import type { Resource } from './resource.ts';
import { ShownStretch, ShownSums } from './shown/sums.ts';

const HOUR_MS = 3_600_000;
const Since = z.object({
  sinceMs: z.coerce
    .number()
    .int()
    .min(60_000)
    .max(366 * 24 * HOUR_MS)
    .default(24 * HOUR_MS)
    .describe('how far back (ms)'),
});

/** The routes of statistics. */
export const statisticsRoutes: Resource = async (instance, { service }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { statistics } = service.history;
  const errors = { '4xx': Problem };

  app.route({
    method: 'GET',
    url: '/api/statistics',
    config: { scope: 'read' },
    schema: {
      summary: 'Sums of all runs, by how they ended',
      querystring: Since,
      response: { 200: z.object({ reasons: z.array(ShownSums) }), ...errors },
    },
    handler: async ({ query, caller }) => ({
      reasons: statistics.by('reason', Date.now() - query.sinceMs, ownerSeen(caller)),
    }),
  });
  for (const by of ['macro', 'owner'] as const)
    app.route({
      method: 'GET',
      url: `/api/statistics/${by}s`,
      config: { scope: 'read' },
      schema: {
        summary: `Sums by ${by}`,
        querystring: Since,
        response: { 200: z.object({ [`${by}s`]: z.array(ShownSums) }), ...errors },
      },
      handler: async ({ query, caller }) => ({
        [`${by}s`]: statistics.by(by, Date.now() - query.sinceMs, ownerSeen(caller)),
      }),
    });
  app.route({
    method: 'GET',
    url: '/api/statistics/over-time',
    config: { scope: 'read' },
    schema: {
      summary: 'Sums over time',
      querystring: Since.extend({
        stretchMs: z.coerce
          .number()
          .int()
          .min(1_000)
          .max(24 * HOUR_MS)
          .default(HOUR_MS)
          .describe('how long a stretch is (ms)'),
      }),
      response: { 200: z.object({ stretches: z.array(ShownStretch) }), ...errors },
    },
    handler: async ({ query, caller }) => ({
      stretches: statistics.overTime(
        Date.now() - query.sinceMs,
        query.stretchMs,
        ownerSeen(caller),
      ),
    }),
  });
};
