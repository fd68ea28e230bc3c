// Owns the routes of the house's guard: its level, what presses on the machine, brake and breaker, the emergency stop.

import type { FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { GUARD_LEVELS } from '../model/guard.ts';
import { toAuditEntry } from './audit-entry.ts';
import { Problem, ProblemError } from './problem.ts';
import type { Resource } from './resource.ts';
import { ShownGuard } from './shown/guard.ts';

const Why = z.strictObject({ why: z.string().min(1).max(500) });

/** The routes of the guard. */
export const houseRoutes: Resource = async (instance, { service }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { corral, history } = service;
  const response = { 200: ShownGuard, '4xx': Problem };
  /** What was done is done, whether or not the disk takes it. */
  const note = async (request: FastifyRequest, action: string, detail: string) => {
    const entry = toAuditEntry(request, { action, detail });
    history.writes.surely(() => history.audit.add(entry));
    await history.writes.settled();
  };
  const state = () => ({
    level: corral.level,
    emergency: corral.emergencyState,
    pressure: corral.pressure,
    load: corral.load,
    walls: corral.walls,
    workers: corral.workerPids.length,
  });

  app.route({
    method: 'GET',
    url: '/api/guard',
    config: { scope: 'read' },
    schema: { summary: 'Level, pressure, load, brake, breaker, walls', response },
    handler: async () => state(),
  });
  app.route({
    method: 'PUT',
    url: '/api/guard/level',
    config: { scope: 'operator' },
    schema: {
      summary: 'Change the guard level for everything that starts from now on',
      body: z.strictObject({ level: z.enum(GUARD_LEVELS) }),
      response,
    },
    handler: async (request) => {
      corral.configure({ level: request.body.level });
      await note(request, 'guard.level', request.body.level);
      return state();
    },
  });
  app.route({
    method: 'POST',
    url: '/api/guard/emergency',
    config: { scope: 'operator' },
    schema: { summary: 'Stop everything, take nothing more', body: Why, response },
    handler: async (request) => {
      await corral.emergency({ by: request.caller.by, why: request.body.why });
      await note(request, 'guard.emergency', request.body.why);
      return state();
    },
  });
  app.route({
    method: 'POST',
    url: '/api/guard/clear',
    config: { scope: 'operator' },
    schema: { summary: 'Let work go on after an emergency stop', body: Why, response },
    handler: async (request) => {
      if (!corral.clearEmergency({ by: request.caller.by, why: request.body.why }))
        throw new ProblemError(
          'conflict',
          'No emergency stop is pulled: there is nothing to clear.',
        );
      await note(request, 'guard.clear', request.body.why);
      return state();
    },
  });
};
