// Owns what a supervisor of servers asks: is it alive, is it ready to work.

import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { CORRAL_VERSION } from '../model/version.ts';
import type { History } from '../store/history/history.ts';
import type { Resource } from './resource.ts';

const Check = z.object({ name: z.string(), ok: z.boolean(), detail: z.string() });

function databaseCheck({ database, writes }: History): z.infer<typeof Check> {
  if (!database.usable)
    return { name: 'database', ok: false, detail: 'the history cannot be read' };
  const ok = writes.taken;
  const detail = ok ? 'the history can be read and written' : 'the disk takes nothing';
  return { name: 'database', ok, detail };
}

/** The routes of health. */
export const healthRoutes: Resource = async (instance, { service }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  app.route({
    method: 'GET',
    url: '/livez',
    config: { scope: 'public', rateLimit: false },
    schema: {
      summary: 'Is it alive?',
      response: { 200: z.object({ status: z.literal('alive') }) },
    },
    handler: async () => ({ status: 'alive' as const }),
  });
  app.route({
    method: 'GET',
    url: '/readyz',
    config: { scope: 'public', rateLimit: false },
    schema: {
      summary: 'Is it ready to take runs?',
      response: {
        200: z.object({ status: z.literal('ready'), version: z.string(), checks: z.array(Check) }),
        503: z.object({
          status: z.literal('not-ready'),
          version: z.string(),
          checks: z.array(Check),
        }),
      },
    },
    handler: async (_request, reply) => {
      const { corral, history, draining } = service;
      const missing = corral.walls.filter(({ up }) => !up).map(({ id }) => id);
      const workers = corral.workerPids.length;
      const emergency = corral.emergencyState;
      const checks = [
        databaseCheck(history),
        { name: 'workers', ok: workers > 0, detail: `${workers} processes` },
        // A missing wall is said, and keeps nobody from working: `--walls strict` would not have started.
        {
          name: 'walls',
          ok: true,
          detail: missing.length === 0 ? 'all stand' : `missing: ${missing.join(', ')}`,
        },
        {
          name: 'emergency',
          ok: emergency === null,
          detail: emergency === null ? 'none' : `stopped by ${emergency.by}: ${emergency.why}`,
        },
        { name: 'draining', ok: !draining, detail: draining ? 'it is going down' : 'no' },
      ];
      const version = CORRAL_VERSION;
      if (checks.every(({ ok }) => ok)) return { status: 'ready' as const, version, checks };
      return reply.status(503).send({ status: 'not-ready', version, checks });
    },
  });
};
