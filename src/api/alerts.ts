// Owns the route of alerts: the latest ones, and whom each has reached, for dashboards.

import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { KeptAlert } from '../model/alert.ts';
import { may, ownerSeen } from './access.ts';
import { Numbered, Page, toPage } from './page.ts';
import { Problem } from './problem.ts';
import type { Resource } from './resource.ts';

/** The route of alerts. */
export const alertRoutes: Resource = async (instance, { service }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  app.route({
    method: 'GET',
    url: '/api/alerts',
    config: { scope: 'read' },
    schema: {
      summary: 'The latest alerts, newest first, and whom each has reached',
      description: 'An alert has the number of its event in /api/events.',
      querystring: Page,
      response: {
        200: z.object({ alerts: z.array(KeptAlert), next: z.string().nullable() }),
        '4xx': Problem,
      },
    },
    handler: async ({ query, caller }) => {
      const { outbox, writes } = service.history;
      await writes.settled();
      const owner = ownerSeen(caller) ?? undefined;
      const { items, next } = toPage(query, {
        key: Numbered,
        find: (before, limit) => outbox.list({ owner, before, limit }),
        keyOf: ({ id }) => id,
      });
      // What is wrong with the way to a channel may hold its address.
      const tells = may(caller, 'operator');
      const alerts = items.map((alert) => ({
        ...alert,
        deliveries: alert.deliveries.map((each) => (tells ? each : { ...each, error: null })),
      }));
      return { alerts, next };
    },
  });
};
