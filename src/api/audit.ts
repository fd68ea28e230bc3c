// Owns the route of the audit: who did what, for administrators.

import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { Numbered, Page, toPage } from './page.ts';
import { Problem } from './problem.ts';
import type { Resource } from './resource.ts';

const Entry = z.object({
  id: z.int(),
  time: z.int(),
  by: z.string(),
  owner: z.string(),
  action: z.string(),
  target: z.string(),
  detail: z.string(),
});

/** The route of the audit. */
export const auditRoutes: Resource = async (instance, { service }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  app.route({
    method: 'GET',
    url: '/api/audit',
    config: { scope: 'admin' },
    schema: {
      summary: 'Who did what, newest first',
      querystring: Page,
      response: {
        200: z.object({ entries: z.array(Entry), next: z.string().nullable() }),
        '4xx': Problem,
      },
    },
    handler: async ({ query }) => {
      const { audit, writes } = service.history;
      await writes.settled();
      const { items, next } = toPage(query, {
        key: Numbered,
        find: (before, limit) => audit.list({ before, limit }),
        keyOf: ({ id }) => id,
      });
      return { entries: items, next };
    },
  });
};
