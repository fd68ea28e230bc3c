// Owns the routes of patterns: what runs are watched for here, one of them, and whether a text is a pattern that keeps what its
// own tests promise. Nothing is put in force by them: patterns are read at the start, from the folders of the configuration.

import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { toMacroFacts } from '../analysis/macro-facts.ts';
import { parsePatternFile } from '../policy/pattern-file.ts';
import { runPatternTests } from '../policy/pattern-tests.ts';
import { Problem, ProblemError } from './problem.ts';
import type { Resource } from './server.ts';

const TEXT_CHARS_MAX = 64 * 1024;
const TestAnswer = z.object({
  ok: z.boolean(),
  problems: z.array(z.object({ line: z.int().nullable(), message: z.string() })),
  tests: z.array(
    z.object({
      kind: z.string(),
      number: z.int(),
      line: z.int(),
      passed: z.boolean(),
      message: z.string().nullable(),
    }),
  ),
});

/** The routes of patterns. */
export const patternRoutes: Resource = async (instance, { service }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const errors = { '4xx': Problem };

  app.route({
    method: 'GET',
    url: '/api/patterns',
    config: { scope: 'read' },
    schema: {
      summary: 'What runs are watched for',
      response: { 200: z.object({ patterns: z.array(z.unknown()) }), ...errors },
    },
    handler: async () => ({ patterns: [...service.patterns] }),
  });

  app.route({
    method: 'GET',
    url: '/api/patterns/:id',
    config: { scope: 'read' },
    schema: {
      summary: 'A pattern',
      params: z.object({ id: z.string().min(1).max(100) }),
      response: { 200: z.unknown(), ...errors },
    },
    handler: async ({ params: { id } }) => {
      const pattern = service.patterns.find((each) => each.id === id);
      if (!pattern) throw new ProblemError('not-found', `There is no pattern ${id}.`);
      return pattern;
    },
  });

  app.route({
    method: 'POST',
    url: '/api/patterns/test',
    config: { scope: 'author' },
    schema: {
      summary: 'Say what is wrong with a pattern, and run its own tests',
      body: z.strictObject({ yaml: z.string().max(TEXT_CHARS_MAX) }),
      response: { 200: TestAnswer, ...errors },
    },
    handler: async ({ body: { yaml } }) => {
      const parsed = parsePatternFile(yaml, 'pattern.yaml');
      if ('problems' in parsed) {
        const problems = parsed.problems.map(({ line, message }) => ({ line, message }));
        return { ok: false, problems, tests: [] };
      }
      const tests = runPatternTests(parsed.read, toMacroFacts).map(
        ({ kind, number, line, hasPassed, message }) => ({
          ...{ kind, number, line, message },
          passed: hasPassed,
        }),
      );
      return { ok: tests.every(({ passed }) => passed), problems: [], tests };
    },
  });
};
