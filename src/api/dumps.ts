// Owns the routes of crash dumps: list, groups of the same trouble, the files themselves, replay. Only files that the index
// names are ever opened.

import { createReadStream } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { readDump } from '../corral.ts';
import type { Service } from '../service/service.ts';
import type { DumpEntry } from '../store/history/dumps.ts';
import { ownerSeen } from './access.ts';
import { toAuditEntry } from './audit-entry.ts';
import { Page, toPage } from './page.ts';
import { Problem, ProblemError } from './problem.ts';
import type { Resource } from './resource.ts';
import { streamed } from './shown/as.ts';
import { DumpFile, ShownDump, ShownReplay, ShownTrouble } from './shown/dump.ts';
import { assertTakes } from './submit.ts';

/** What dumps are listed by. */
const DumpKey = z.object({ time: z.number(), path: z.string() });
const Params = z.object({ run: z.string().regex(/^[0-9a-f]{12}$/, 'is no id of a run') });

/** The kinds of files of a dump, by ending, with what they are sent as. */
const FILES = {
  json: ['corral-crash-dump', '.json', 'application/json'],
  summary: ['corral-crash-summary', '.txt', 'text/plain; charset=utf-8'],
  cpuprofile: ['corral-crash-dump', '.cpuprofile', 'application/json'],
  heapprofile: ['corral-crash-dump', '.heapprofile', 'application/json'],
  heapsnapshot: ['corral-crash-dump', '.heapsnapshot', 'application/json'],
} as const;

/** The routes of dumps. */
export const dumpRoutes: Resource = async (instance, { service }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { dumps, writes, audit } = service.history;
  const errors = { '4xx': Problem, '5xx': Problem };

  app.route({
    method: 'GET',
    url: '/api/dumps',
    config: { scope: 'read' },
    schema: {
      summary: 'Crash dumps, newest first',
      querystring: Page.extend({
        macro: z.string().max(200).optional(),
        owner: z.string().max(100).optional(),
        fingerprint: z.string().max(16).optional(),
      }),
      response: {
        200: z.object({ dumps: z.array(ShownDump), next: z.string().nullable() }),
        ...errors,
      },
    },
    handler: async ({ query, caller }) => {
      await writes.settled();
      const { macro, fingerprint } = query;
      const owner = ownerSeen(caller) ?? query.owner;
      const { items, next } = toPage(query, {
        key: DumpKey,
        find: (before, limit) => dumps.list({ owner, macro, fingerprint, before, limit }),
        keyOf: ({ time, path }) => ({ time, path }),
      });
      return { dumps: items, next };
    },
  });

  app.route({
    method: 'GET',
    url: '/api/dumps/groups',
    config: { scope: 'read' },
    schema: {
      summary: 'The same trouble together',
      response: { 200: z.object({ groups: z.array(ShownTrouble) }), ...errors },
    },
    handler: async ({ caller }) => {
      await writes.settled();
      return { groups: dumps.troubles(ownerSeen(caller)) };
    },
  });

  app.route({
    method: 'GET',
    url: '/api/dumps/:run',
    config: { scope: 'read' },
    schema: {
      summary: 'A crash dump',
      description: 'The JSON dump, or by ?file= the summary, a profile, or the heap snapshot.',
      params: Params,
      querystring: z.object({
        file: z.enum(Object.keys(FILES) as [keyof typeof FILES]).default('json'),
      }),
      response: {
        200: {
          description: 'The file, as ?file= says.',
          content: {
            'application/json': { schema: DumpFile },
            'text/plain': { schema: streamed(z.string()) },
          },
        },
        ...errors,
      },
    },
    handler: async (request, reply) => {
      const entry = find(service, request, request.params.run);
      const [, , type] = FILES[request.query.file];
      const path = await pathOf(service, entry, request.query.file);
      // It holds what other people wrote: no browser may take it for anything but what it is called.
      return reply
        .type(type)
        .header(
          'content-disposition',
          `attachment; filename="${path.slice(path.lastIndexOf('/') + 1)}"`,
        )
        .send(createReadStream(path));
    },
  });

  app.route({
    method: 'DELETE',
    url: '/api/dumps/:run',
    config: { scope: 'operator' },
    schema: {
      summary: 'Remove a crash dump',
      params: Params,
      response: { 204: z.null(), ...errors },
    },
    handler: async (request, reply) => {
      const { run, owner, path } = find(service, request, request.params.run);
      for (const file of await filesOf(service, run))
        await rm(join(service.dumpDir, file), { force: true });
      await writes.now(() => {
        dumps.removeOf(run);
        const deed = { action: 'dump.delete', target: run, owner, detail: path };
        audit.add(toAuditEntry(request, deed));
      });
      return reply.status(204).send(null);
    },
  });

  app.route({
    method: 'POST',
    url: '/api/dumps/:run/replay',
    config: { scope: 'author' },
    schema: {
      summary: 'Run it again from its dump; nothing reaches a host',
      description: 'Counts as a run of whoever asks, and is refused as one would be.',
      params: Params,
      response: { 200: ShownReplay, ...errors },
    },
    handler: async (request) => {
      const entry = find(service, request, request.params.run);
      const path = await pathOf(service, entry, 'json');
      const { owner: asks } = request.caller;
      assertTakes(service, asks);
      const { run: target, owner } = entry;
      const deed = toAuditEntry(request, { action: 'dump.replay', target, owner });
      return await service.replays.run(await readDump(path), asks, () =>
        writes.surely(() => audit.add(deed)),
      );
    },
  });
};

function find(service: Service, { caller }: FastifyRequest, run: string): DumpEntry {
  const entry = service.history.dumps.ofRun(run);
  const seen = ownerSeen(caller);
  if (!entry || (seen !== null && entry.owner !== seen))
    throw new ProblemError('not-found', `There is no crash dump of run ${run}.`);
  return entry;
}

/** The names of a run's files: those in the folder that end as Corral names them. */
async function filesOf({ dumpDir }: Service, run: string): Promise<string[]> {
  const names = await readdir(dumpDir).catch(() => []);
  return names.filter((name) =>
    Object.values(FILES).some(
      ([start, end]) => name.startsWith(`${start}-`) && name.endsWith(`-${run}${end}`),
    ),
  );
}

async function pathOf(
  service: Service,
  { run }: DumpEntry,
  kind: keyof typeof FILES,
): Promise<string> {
  const [start, end] = FILES[kind];
  const names = await filesOf(service, run);
  const name = names.find((each) => each.startsWith(`${start}-`) && each.endsWith(end));
  if (name === undefined)
    throw new ProblemError(
      'not-found',
      `The crash dump of run ${run} has no ${kind}: it was not made, or is gone.`,
    );
  return join(service.dumpDir, name);
}
