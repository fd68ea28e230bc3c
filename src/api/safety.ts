// Owns the routes that dashboards of game hosts are written against: health by macro, recent events, memory, crashes, and the
// three steps a person takes from there. The paths are fixed.

import type { FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { MacroRecord, Run } from '../corral.ts';
import { RUN_STATES } from '../model/outcome.ts';
import type { Service } from '../service/service.ts';
import { may, ownerSeen } from './access.ts';
import { toAuditEntry } from './audit-entry.ts';
import { Problem, ProblemError } from './problem.ts';
import type { Resource } from './resource.ts';
import { asItIs, type ShapeOf } from './shown/as.ts';
import { ShownDump } from './shown/dump.ts';
import { ShownKeptSample } from './shown/events.ts';
import { ShownFeedEvent } from './shown/feed.ts';
import { ShownPressure } from './shown/guard.ts';
import { macroShape } from './shown/macro.ts';
import { ShownSums } from './shown/sums.ts';

const DAY_MS = 24 * 3_600_000;
const EVENTS = 100;
const CRASHES = 100;

const HEALTHS = ['quarantined', 'good', 'watch', 'bad'] as const;
/** A macro by how risky it has shown itself, and what runs of it. */
type MacroHealth = MacroRecord & {
  readonly health: (typeof HEALTHS)[number];
  readonly running: readonly string[];
};
const Health = z.object({
  macros: z.array(
    asItIs<MacroHealth>(
      z.object({
        ...macroShape,
        health: z.enum(HEALTHS),
        running: z.array(z.string()).describe('the ids of its runs'),
      } satisfies ShapeOf<MacroHealth>),
    ),
  ),
});
const Events = z.object({ events: z.array(ShownFeedEvent) });
const LastDay = z.object({
  since: z.number().describe('ms since 1970'),
  active: z.int().describe('runs under way'),
  reasons: z.array(ShownSums),
  macros: z.array(ShownSums).describe('those with the most runs'),
});
const bytes = z.number().describe('bytes');
const Memory = z.object({
  pressure: ShownPressure,
  workers: z.int().describe('processes'),
  supervisor: z.object({
    rss: bytes,
    heapTotal: bytes,
    heapUsed: bytes,
    external: bytes,
    arrayBuffers: bytes,
  } satisfies ShapeOf<NodeJS.MemoryUsage>),
});
const Crashes = z.object({ crashes: z.array(ShownDump) });
const Snapshots = z.object({
  runs: z.array(z.object({ id: z.string(), macro: z.string(), samples: z.array(ShownKeptSample) })),
});
const Steered = z.object({
  runs: z.array(z.object({ id: z.string(), macro: z.string(), state: z.enum(RUN_STATES) })),
});

/** The routes under /api/safety. */
export const safetyRoutes: Resource = async (instance, { service }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { corral, history } = service;
  const get = <Answer>(
    path: string,
    summary: string,
    schema: z.ZodType<Answer>,
    answer: (request: FastifyRequest) => Answer,
  ) =>
    instance.route({
      method: 'GET',
      url: `/api/safety/${path}`,
      config: { scope: 'read' },
      schema: { summary, response: { 200: schema, '4xx': Problem } },
      handler: async (request) => {
        await history.writes.settled();
        return answer(request);
      },
    });

  get('macro-health', 'Every macro that is known, the riskiest first', Health, ({ caller }) => {
    const seen = ownerSeen(caller);
    const running = corral.runs.map(({ id, macro }) => ({
      id,
      macro,
      owner: history.runs.get(id)?.owner,
    }));
    return {
      macros: corral.macros
        .filter(({ owner }) => seen === null || owner === seen)
        .map(
          (record): MacroHealth => ({
            ...record,
            health: record.quarantine ? 'quarantined' : toHealth(record.risk.score),
            running: running
              .filter(({ macro, owner }) => macro === record.name && owner === record.owner)
              .map(({ id }) => id),
          }),
        ),
    };
  });
  get('recent-events', 'The latest events, newest first', Events, ({ caller }) => ({
    events: history.events.list({ owner: ownerSeen(caller) ?? undefined, limit: EVENTS }).reverse(),
  }));
  get('statistics', 'The last day in figures', LastDay, ({ caller }) => {
    const seen = ownerSeen(caller);
    const since = Date.now() - DAY_MS;
    return {
      since,
      active: runsOf(service, seen).length,
      reasons: history.statistics.by('reason', since, seen),
      macros: history.statistics.by('macro', since, seen, 20),
    };
  });
  get('memory-state', 'Memory of the machine and of Corral now', Memory, () => ({
    pressure: corral.pressure,
    workers: corral.workerPids.length,
    supervisor: process.memoryUsage(),
  }));
  get('crash-events', 'The latest crash dumps, newest first', Crashes, ({ caller }) => ({
    crashes: history.dumps.list({ owner: ownerSeen(caller) ?? undefined, limit: CRASHES }),
  }));
  get('memory-snapshots', 'Memory over time of every run under way', Snapshots, ({ caller }) => ({
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
        response: { 200: Steered, '4xx': Problem },
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
        history.writes.surely(() => history.audit.add(entry));
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
  if (step === 'pause') await submissions.pause(run, by);
  else if (step === 'resume') await submissions.resume(run);
  else await run.stop(`it was stopped by ${by}`);
}
