// Owns the routes of patterns: what runs are watched for here, whether a text is a pattern that keeps what its own tests
// promise, and putting one in force. Those of files are not overwritten by them.

import type { FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { toMacroFacts } from '../analysis/macro-facts.ts';
import { Pattern } from '../model/pattern.ts';
import { parsePatternFile } from '../policy/pattern-file.ts';
import { runPatternTests, testProblems } from '../policy/pattern-tests.ts';
import type { ShelvedPattern } from '../service/pattern-shelf.ts';
import { toAuditEntry } from './audit-entry.ts';
import { Problem, ProblemError } from './problem.ts';
import type { Resource } from './resource.ts';
import { ShownPattern, toPatternAnswer } from './shown/pattern.ts';

const TEXT_CHARS_MAX = 64 * 1024;
/** Of those that were put; a page or two each, and every one is asked of each command. */
const PUT_MAX = 200;
const Yaml = z.strictObject({ yaml: z.string().max(TEXT_CHARS_MAX) });
const Params = z.object({ id: Pattern.shape.id });
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
  const errors = { '4xx': Problem, '5xx': Problem };
  const { history, patterns } = service;
  const find = (id: string): ShelvedPattern => {
    const found = patterns.get(id);
    if (found) return found;
    throw new ProblemError('not-found', `There is no pattern ${id}.`);
  };
  /** Makes a change, with who made it, and puts it in force. */
  const change = async (request: FastifyRequest, action: string, id: string, make: () => void) => {
    await history.writes.now(() => {
      make();
      history.audit.add(toAuditEntry(request, { action, target: id }));
    });
    patterns.renew();
  };

  app.route({
    method: 'GET',
    url: '/api/patterns',
    config: { scope: 'read' },
    schema: {
      summary: 'What runs are watched for, and what is disabled',
      response: { 200: z.object({ patterns: z.array(ShownPattern) }), ...errors },
    },
    handler: async () => ({ patterns: service.patterns.all.map(toPatternAnswer) }),
  });

  app.route({
    method: 'GET',
    url: '/api/patterns/:id',
    config: { scope: 'read' },
    schema: {
      summary: 'A pattern',
      params: z.object({ id: z.string().min(1).max(100) }),
      response: {
        200: ShownPattern.extend({ yaml: z.string().optional().describe('the text that was put') }),
        ...errors,
      },
    },
    handler: async ({ params: { id } }) => {
      const { yaml, ...found } = find(id);
      return { ...toPatternAnswer({ yaml, ...found }), ...(yaml !== null && { yaml }) };
    },
  });

  app.route({
    method: 'POST',
    url: '/api/patterns/test',
    config: { scope: 'author' },
    schema: {
      summary: 'Say what is wrong with a pattern, and run its own tests',
      body: Yaml,
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

  app.route({
    method: 'PUT',
    url: '/api/patterns/:id',
    config: { scope: 'operator' },
    schema: {
      summary: 'Put a pattern in force for what starts from now on',
      description: 'Checked like a file, with its own tests; `id` in it is that of the path.',
      params: Params,
      body: Yaml,
      response: { 200: ShownPattern, ...errors },
    },
    handler: async (request) => {
      const { id } = request.params;
      const { yaml } = request.body;
      assertPattern(id, yaml);
      if (patterns.get(id)?.yaml === null)
        throw new ProblemError(
          'conflict',
          `The pattern ${id} is a file and is not overwritten; disable it, and put yours under another id.`,
        );
      const put = patterns.all.filter((each) => each.yaml !== null);
      if (put.length >= PUT_MAX && !patterns.get(id))
        throw new ProblemError('conflict', `There are ${PUT_MAX} patterns; put one anew instead.`);
      await change(request, 'pattern.put', id, () => history.patterns.put(id, yaml, Date.now()));
      return toPatternAnswer(find(id));
    },
  });

  app.route({
    method: 'DELETE',
    url: '/api/patterns/:id',
    config: { scope: 'operator' },
    schema: {
      summary: 'Remove a pattern that was put; what starts from now on is not watched for it',
      params: Params,
      response: { 204: z.null(), ...errors },
    },
    handler: async (request, reply) => {
      const { pattern, yaml } = find(request.params.id);
      if (yaml === null)
        throw new ProblemError(
          'conflict',
          `The pattern ${pattern.id} is a file and is not removed from here; disable it.`,
        );
      await change(request, 'pattern.delete', pattern.id, () =>
        history.patterns.remove(pattern.id),
      );
      return reply.status(204).send(null);
    },
  });

  for (const [name, isEnabled] of [
    ['enable', true],
    ['disable', false],
  ] as const)
    app.route({
      method: 'POST',
      url: `/api/patterns/:id/${name}`,
      config: { scope: 'operator' },
      schema: {
        summary: isEnabled
          ? 'Watch for a pattern again, in what starts from now on'
          : 'Watch for a pattern no more, in what starts from now on',
        params: Params,
        response: { 200: ShownPattern, ...errors },
      },
      handler: async (request) => {
        const { id } = find(request.params.id).pattern;
        await change(request, `pattern.${name}`, id, () =>
          history.patterns.setEnabled(id, isEnabled, Date.now()),
        );
        return toPatternAnswer(find(id));
      },
    });
};

/** @throws {ProblemError} `bad-request` for a text that is no pattern, fails its own tests, or has another id */
function assertPattern(id: string, yaml: string): void {
  const parsed = parsePatternFile(yaml, id);
  const problems = 'problems' in parsed ? parsed.problems : testProblems(parsed.read, toMacroFacts);
  if (problems.length > 0)
    throw new ProblemError('bad-request', 'This is no pattern that keeps what its tests promise.', {
      errors: problems.map(({ line, message }) => ({
        path: line === null ? 'yaml' : `yaml, line ${line}`,
        message,
      })),
    });
  if ('read' in parsed && parsed.read.pattern.id !== id)
    throw new ProblemError(
      'bad-request',
      `The pattern says it is ${parsed.read.pattern.id}, and the path ${id}; write the same id.`,
    );
}
