// Owns linting over HTTP: a text, a macro of the library, or many at once. Nothing is run.

import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Report } from '../corral.ts';
import type { Service } from '../service/service.ts';
import type { Caller } from './access.ts';
import { Problem, ProblemError } from './problem.ts';
import type { Resource } from './server.ts';

const SOURCE_CHARS_MAX = 5 * 1024 * 1024;
const BATCH_MAX = 50;

const LintBody = z
  .strictObject({
    source: z.string().max(SOURCE_CHARS_MAX).optional(),
    macro: z.string().min(1).max(200).optional(),
    version: z.int().min(1).optional(),
    file: z.string().min(1).max(200).optional(),
    language: z.enum(['js', 'ts']).optional(),
  })
  .refine(({ source, macro }) => (source === undefined) !== (macro === undefined), {
    message: 'give either source or macro',
  });

/** The routes of lint. */
export const lintRoutes: Resource = async (instance, { service }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const response = { 200: z.unknown(), '4xx': Problem };
  app.route({
    method: 'POST',
    url: '/api/lint',
    config: { scope: 'read' },
    schema: { summary: 'Lint a macro', body: LintBody, response },
    handler: async ({ body, caller }) => lint(service, caller, body),
  });
  app.route({
    method: 'POST',
    url: '/api/lint/batch',
    config: { scope: 'read' },
    schema: { summary: 'Lint many', body: z.array(LintBody).min(1).max(BATCH_MAX), response },
    handler: async ({ body, caller }) => {
      const reports: unknown[] = [];
      for (const each of body) {
        reports.push(lint(service, caller, each));
        // Others are answered in between.
        await new Promise(setImmediate);
      }
      return reports;
    },
  });
};

function lint(service: Service, { owner }: Caller, body: z.infer<typeof LintBody>): Report {
  const { macros } = service.history;
  const { source, macro, version, file = 'macro.js', language } = body;
  if (source !== undefined)
    return service.corral.lint(source, { file, ...(language && { language }) });
  const entry = macros.get(owner, macro ?? '');
  const text = entry && macros.text(owner, entry.name, version ?? entry.version);
  if (!text) throw new ProblemError('not-found', `There is no macro ${macro} in this library.`);
  const name = `${macro}.${text.language}`;
  return service.corral.lint(text.source, { file: name, language: text.language });
}
