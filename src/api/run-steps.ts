// Owns the routes that steer a run: stop, cancel, pause, resume.

import type { FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Service } from '../service/service.ts';
import type { StoredRun } from '../store/history/runs.ts';
import { toAuditEntry } from './audit-entry.ts';
import { Problem, ProblemError } from './problem.ts';
import type { Resource } from './resource.ts';
import { endedWithin, ownRun, RunDetail, RunParams, runDetail } from './shown/run.ts';

/** A stopped run is on disk by then, unless the disk is full (ms). */
const STOPPED_MS = 5_000;
const STEPS = ['stop', 'cancel', 'pause', 'resume'] as const;

/** The routes that steer runs. */
export const runStepRoutes: Resource = async (instance, { service }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  for (const step of STEPS)
    app.route({
      method: 'POST',
      url: `/api/runs/:id/${step}`,
      config: { scope: 'author' },
      schema: {
        summary: `${step[0]?.toUpperCase()}${step.slice(1)} a run`,
        params: RunParams,
        response: { 200: RunDetail, '4xx': Problem, '5xx': Problem },
      },
      handler: async (request) => {
        const run = ownRun(service, request, request.params.id);
        await steer(service, run, step, request);
        return runDetail(service, run.id);
      },
    });
};

async function steer(
  service: Service,
  { id, owner }: StoredRun,
  step: (typeof STEPS)[number],
  request: FastifyRequest,
): Promise<void> {
  const { submissions, history } = service;
  const run = submissions.live(id);
  if (!run) throw new ProblemError('conflict', `Run ${id} has ended already.`);
  if (step === 'pause') await submissions.pause(run, request.caller.by);
  else if (step === 'resume') await submissions.resume(run);
  else {
    await run.stop(`it was stopped by ${request.caller.by}`);
    await endedWithin(service, id, STOPPED_MS);
  }
  const entry = toAuditEntry(request, { action: `run.${step}`, target: id, owner });
  history.writes.surely(() => history.audit.add(entry));
  await history.writes.settled();
}
