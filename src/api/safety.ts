// Owns the routes that dashboards of game hosts are written against: health by macro, recent events, memory, crashes, and the
// three steps a person takes from there. The paths are fixed.

import type { FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Run } from '../corral.ts';
import type { Service } from '../service/service.ts';
import { may, ownerSeen } from './access.ts';
import { toAuditEntry } from './audit-entry.ts';
import { Problem, ProblemError } from './problem.ts';
import type { Resource } from './resource.ts';

const DAY_MS = 24 * 3_600_000;
const EVENTS = 100;
const CRASHES = 100;

/** The routes under /api/safety. */
export const safetyRoutes: Resource = async (instance, { service }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { corral, history } = service;
  const response = { 200: z.unknown(), '4xx': Problem };
  const get = (path: string, summary: string, answer: (request: FastifyRequest) => unknown) =>
    app.route({
      method: 'GET',
      url: `/api/safety/${path}`,
      config: { scope: 'read' },
      schema: { summary, response },
      handler: async (request) => {
        await history.writes.settled();
        return answer(request);
      },
    });

  get('macro-health', 'Every macro that is known, the riskiest first', ({ caller }) => {
    const seen = ownerSeen(caller);
    const running = corral.runs;
    return {
      macros: corral.macros
        .filter(({ owner }) => seen === null || owner === seen)
        .map((record) => ({
          ...record,
          health: record.quarantine ? 'quarantined' : toHealth(record.risk.score),
          running: running.filter((run) => run.macro === record.name).map(({ id }) => id),
        })),
    };
  });
  get('recent-events', 'The latest events, newest first', ({ caller }) => ({
    events: history.events.list({ owner: ownerSeen(caller) ?? undefined, limit: EVENTS }).reverse(),
  }));
  get('statistics', 'The last day in figures', ({ caller }) => {
    const seen = ownerSeen(caller);
    const since = Date.now() - DAY_MS;
    return {
      since,
      active: runsOf(service, seen).length,
      reasons: history.statistics.by('reason', since, seen),
      macros: history.statistics.by('macro', since, seen, 20),
    };
  });
  get('memory-state', 'Memory of the machine and of Corral now', () => ({
    pressure: corral.pressure,
    workers: corral.workerPids.length,
    supervisor: process.memoryUsage(),
  }));
  get('crash-events', 'The latest crash dumps, newest first', ({ caller }) => ({
    crashes: history.dumps.list({ owner: ownerSeen(caller) ?? undefined, limit: CRASHES }),
  }));
  get('memory-snapshots', 'Memory over time of every run under way', ({ caller }) => ({
    runs: runsOf(service, ownerSeen(caller)).map(({ id, macro }) => ({
      id,
      macro,
      samples: history.details.samples(id),
    })),
  }));

  for (const step of ['pause', 'stop', 'resume'] as const)
    app.route({
      method: 'POST',
      url: `/api/safety/macro/:id/${step}`,
      config: { scope: 'author' },
      schema: {
        summary: `${step}: one run by its id, or all runs of a macro by its name`,
        params: z.object({ id: z.string().min(1).max(200) }),
        response,
      },
      handler: async (request) => {
        const { id } = request.params;
        const { caller } = request;
        const seen = may(caller, 'operator') ? null : caller.owner;
        const meant = runsOf(service, seen).filter((run) => run.id === id || run.macro === id);
        if (meant.length === 0)
          throw new ProblemError('not-found', `Nothing named ${id} runs at the moment.`);
        await Promise.all(meant.map((run) => steer(service, run, step, caller.by)));
        const ids = meant.map((run) => run.id).join(' ');
        const deed = { action: `run.${step}`, target: id, detail: ids.slice(0, 1000) };
        const entry = toAuditEntry(request, deed);
        history.writes.soon(() => history.audit.add(entry));
        await history.writes.settled();
        return { runs: meant.map((run) => ({ id: run.id, macro: run.macro, state: run.state })) };
      },
    });
};

function toHealth(score: number): 'good' | 'watch' | 'bad' {
  if (score >= 0.6) return 'bad';
  return score >= 0.3 ? 'watch' : 'good';
}

/** Runs under way of one owner, null for everybody's. */
function runsOf({ corral, history }: Service, owner: string | null): readonly Run[] {
  if (owner === null) return corral.runs;
  return corral.runs.filter(({ id }) => history.runs.get(id)?.owner === owner);
}

async function steer(
  { submissions }: Service,
  run: Run,
  step: 'pause' | 'stop' | 'resume',
  by: string,
): Promise<void> {
  if (step === 'pause') await submissions.pause(run);
  else if (step === 'resume') await submissions.resume(run);
  else await run.stop(`it was stopped by ${by}`);
}
