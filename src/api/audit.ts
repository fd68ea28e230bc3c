// Owns the route of the audit: who did what, for administrators.

import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { cursorOf, Page, readCursor } from './page.ts';
import { Problem } from './problem.ts';
import type { Resource } from './server.ts';

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
    handler: async ({ query: { limit, cursor } }) => {
      await service.history.writes.flush();
      const found = service.history.audit.list({ before: readCursor(cursor), limit: limit + 1 });
      const last = found[limit - 1];
      return {
        entries: found.slice(0, limit),
        next: found.length > limit && last ? cursorOf(last.id) : null,
      };
    },
  });
};
