// Owns the routes of the library: macros with their versions, enabled or not, in quarantine or not.

import { createTwoFilesPatch } from 'diff';
import type { FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { SourceText } from '../model/history.ts';
import { textDigest } from '../model/text-digest.ts';
import type { Service } from '../service/service.ts';
import type { LibraryEntry } from '../store/history/macros.ts';
import { may, ownerSeen } from './access.ts';
import { toAuditEntry } from './audit-entry.ts';
import { Page, toPage } from './page.ts';
import { Problem, ProblemError } from './problem.ts';
import type { Resource } from './resource.ts';
import { ShownHeld } from './shown/macro.ts';

const DIFF_CHARS_MAX = 1024 * 1024;
/** A name is shown, and part of a path: nothing in it may lead anywhere. */
const Name = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[\p{L}\p{N}_][\p{L}\p{N}_ .-]*$/u, 'may have letters, digits, and _ . - within')
  .refine((name) => !name.includes('..'), 'may not have two dots in a row');
const Params = z.object({ name: Name });
const VersionParams = Params.extend({ version: z.coerce.number().int().min(1) });
const Whose = z.object({ owner: z.string().min(1).max(100).optional() });

const Entry = z.object({
  owner: z.string(),
  name: z.string(),
  version: z.int(),
  enabled: z.boolean(),
  updatedAt: z.int(),
  quarantine: ShownHeld.nullable().describe(
    'why it may not be run, by its name or its newest text',
  ),
});
/** What the library is listed by. */
const Key = z.object({ name: z.string(), owner: z.string() });
const Version = z.object({
  version: z.int(),
  digest: z.string(),
  language: z.enum(['js', 'ts']),
  by: z.string(),
  note: z.string(),
  createdAt: z.int(),
});

/** The routes of macros. */
export const macroRoutes: Resource = async (instance, { service }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { macros, writes, audit } = service.history;
  const errors = { '4xx': Problem, '5xx': Problem };
  const note = (
    request: FastifyRequest,
    owner: string,
    action: string,
    target: string,
    detail = '',
  ) => audit.add(toAuditEntry(request, { action, target, owner, detail }));

  app.route({
    method: 'GET',
    url: '/api/macros',
    config: { scope: 'read' },
    schema: {
      summary: 'The library',
      querystring: Page,
      response: {
        200: z.object({ macros: z.array(Entry), next: z.string().nullable() }),
        ...errors,
      },
    },
    handler: async ({ caller, query }) => {
      const owner = ownerSeen(caller);
      const { items, next } = toPage(query, {
        key: Key,
        find: (after, limit) => macros.list({ owner, after, limit }),
        keyOf: ({ name, owner: whose }) => ({ name, owner: whose }),
      });
      return { macros: items.map((entry) => shown(service, entry)), next };
    },
  });

  app.route({
    method: 'PUT',
    url: '/api/macros/:name',
    config: { scope: 'author' },
    schema: {
      summary: 'Put a text: a new version where it differs',
      params: Params,
      querystring: Whose,
      body: z.strictObject({
        source: SourceText,
        language: z.enum(['js', 'ts']).default('js'),
        note: z.string().max(500).default(''),
      }),
      response: { 200: Entry, 201: Entry, ...errors },
    },
    handler: async (request, reply) => {
      const owner = ownerOf(request, request.query.owner);
      const { name } = request.params;
      const { source, language, note: why } = request.body;
      const report = service.corral.lint(source, { file: `${name}.${language}`, language });
      const syntax = report.findings.find(({ rule }) => rule === 'syntax-error');
      if (syntax) throw new ProblemError('bad-input', `line ${syntax.line}: ${syntax.message}`);
      let result = { entry: null as LibraryEntry | null, isNew: false };
      await writes.now(() => {
        result = macros.put({
          owner,
          name,
          source,
          digest: textDigest(source),
          language,
          by: request.caller.by,
          note: why,
          at: Date.now(),
        });
        if (result.isNew)
          note(request, owner, 'macro.put', name, `version ${result.entry?.version}`);
      });
      return reply
        .status(result.isNew ? 201 : 200)
        .send(shown(service, result.entry as LibraryEntry));
    },
  });

  app.route({
    method: 'GET',
    url: '/api/macros/:name',
    config: { scope: 'read' },
    schema: {
      summary: 'A macro with its newest text',
      params: Params,
      querystring: Whose,
      response: {
        200: Entry.extend({ source: z.string(), language: z.enum(['js', 'ts']) }),
        ...errors,
      },
    },
    handler: async (request) => {
      const entry = find(service, request, request.params.name, request.query.owner);
      const text = macros.text(entry.owner, entry.name, entry.version);
      return {
        ...shown(service, entry),
        source: text?.source ?? '',
        language: text?.language ?? 'js',
      };
    },
  });

  app.route({
    method: 'DELETE',
    url: '/api/macros/:name',
    config: { scope: 'author' },
    schema: {
      summary: 'Take it out with all its versions; runs of it, and what is known of it, stay',
      params: Params,
      querystring: Whose,
      response: { 204: z.null(), ...errors },
    },
    handler: async (request, reply) => {
      const { owner, name } = find(service, request, request.params.name, request.query.owner);
      await writes.now(() => {
        macros.remove(owner, name);
        note(request, owner, 'macro.remove', name);
      });
      return reply.status(204).send(null);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/macros/:name/versions',
    config: { scope: 'read' },
    schema: {
      summary: 'All its versions, newest first',
      params: Params,
      querystring: Whose,
      response: { 200: z.object({ versions: z.array(Version) }), ...errors },
    },
    handler: async (request) => {
      const { owner, name } = find(service, request, request.params.name, request.query.owner);
      return { versions: macros.versions(owner, name) };
    },
  });

  app.route({
    method: 'GET',
    url: '/api/macros/:name/versions/:version',
    config: { scope: 'read' },
    schema: {
      summary: 'One version with its text',
      params: VersionParams,
      querystring: Whose,
      response: { 200: Version.extend({ source: z.string() }), ...errors },
    },
    handler: async (request) => {
      const { owner, name } = find(service, request, request.params.name, request.query.owner);
      return textOf(service, owner, name, request.params.version);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/macros/:name/diff',
    config: { scope: 'read' },
    schema: {
      summary: 'What changed between two versions, as a unified diff',
      params: Params,
      querystring: Whose.extend({
        from: z.coerce.number().int().min(1),
        to: z.coerce.number().int().min(1),
      }),
      response: { 200: z.object({ diff: z.string() }), ...errors },
    },
    handler: async (request) => {
      const { owner, name } = find(service, request, request.params.name, request.query.owner);
      const { from, to } = request.query;
      const [before, after] = [
        textOf(service, owner, name, from),
        textOf(service, owner, name, to),
      ];
      if (before.source.length + after.source.length > DIFF_CHARS_MAX)
        throw new ProblemError('too-large', 'These versions are too long to be compared here.');
      const diff = createTwoFilesPatch(
        `${name}@${from}`,
        `${name}@${to}`,
        before.source,
        after.source,
      );
      return { diff };
    },
  });

  for (const [step, enabled] of [
    ['enable', true],
    ['disable', false],
  ] as const)
    app.route({
      method: 'POST',
      url: `/api/macros/:name/${step}`,
      config: { scope: 'author' },
      schema: {
        summary: `${step === 'enable' ? 'Let it be run' : 'Let it be run no more'}`,
        params: Params,
        querystring: Whose,
        response: { 200: Entry, ...errors },
      },
      handler: async (request) => {
        const { owner, name } = find(service, request, request.params.name, request.query.owner);
        await writes.now(() => {
          macros.enable(owner, name, enabled, Date.now());
          note(request, owner, `macro.${step}`, name);
        });
        return shown(service, macros.get(owner, name) as LibraryEntry);
      },
    });

  for (const step of ['quarantine', 'release'] as const)
    app.route({
      method: 'POST',
      url: `/api/macros/:name/${step}`,
      config: { scope: 'operator' },
      schema: {
        summary:
          step === 'release'
            ? 'Consent that it runs again'
            : 'Hold it until somebody consents that it runs again',
        // A name that a run gave itself need not be one of the library.
        params: z.object({ name: z.string().min(1).max(200) }),
        querystring: Whose,
        body: z.strictObject({ why: z.string().min(1).max(500) }),
        response: { 200: z.object({ held: z.boolean() }), ...errors },
      },
      handler: async (request) => {
        const owner = ownerOf(request, request.query.owner);
        const { name } = request.params;
        const { why } = request.body;
        const { by } = request.caller;
        if (step === 'quarantine') service.corral.quarantine({ owner, name }, { by, why });
        else if (!service.corral.release({ owner, name }, { by, why }))
          throw new ProblemError('conflict', `The macro ${name} is not in quarantine.`);
        // It is held or released by now, whether or not the disk takes who said so.
        writes.surely(() => note(request, owner, `macro.${step}`, name, why));
        await writes.settled();
        return { held: step === 'quarantine' };
      },
    });
};

/** Whose macro is meant: one's own, or for operators somebody's. */
function ownerOf({ caller }: FastifyRequest, owner: string | undefined): string {
  if (owner === undefined || owner === caller.owner) return caller.owner;
  if (may(caller, 'operator')) return owner;
  throw new ProblemError('forbidden', 'Only operators reach the macros of other owners.');
}

function find(
  service: Service,
  request: FastifyRequest,
  name: string,
  owner: string | undefined,
): LibraryEntry {
  const entry = service.history.macros.get(ownerOf(request, owner), name);
  if (!entry) throw new ProblemError('not-found', `There is no macro ${name} in this library.`);
  return entry;
}

/** An entry, and whether anything holds it. */
function shown({ corral, history }: Service, entry: LibraryEntry): z.infer<typeof Entry> {
  const { owner, name, version } = entry;
  const source = history.macros.text(owner, name, version)?.source;
  return { ...entry, quarantine: corral.quarantineOf({ owner, name }, source) };
}

function textOf(service: Service, owner: string, name: string, version: number) {
  const text = service.history.macros.text(owner, name, version);
  if (!text) throw new ProblemError('not-found', `The macro ${name} has no version ${version}.`);
  return text;
}
