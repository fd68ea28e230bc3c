// Owns linting over HTTP: a text, a macro of the library, or many at once. Nothing is run.

import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { analyse } from '../analysis/analyse.ts';
import { macroCirclesOf } from '../analysis/macro-calls.ts';
import { riskOf } from '../analysis/risk.ts';
import { SourceText } from '../model/history.ts';
import { Report } from '../model/report.ts';
import { matchPatterns, mergeFindings, patternFindings } from '../policy/match-patterns.ts';
import type { Service } from '../service/service.ts';
import type { Caller } from './access.ts';
import { OneByOne } from './one-by-one.ts';
import { Problem, ProblemError } from './problem.ts';
import type { Resource } from './resource.ts';
import { asItIs } from './shown/as.ts';

const BATCH_MAX = 50;
/** Larger texts are not linted here (bytes of UTF-8): a server is silent for a second with each megabyte. */
const LINT_BYTES_MAX = 256 * 1024;
/** So many texts may wait to be linted. */
const WAITING_MAX = 100;

const LintBody = z
  .strictObject({
    source: SourceText.optional(),
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
  const line = new OneByOne(WAITING_MAX);
  const errors = { '4xx': Problem, '5xx': Problem };
  app.route({
    method: 'POST',
    url: '/api/lint',
    config: { scope: 'read' },
    schema: {
      summary: 'Lint a macro',
      body: LintBody,
      response: { 200: asItIs<Report>(Report), ...errors },
    },
    handler: async ({ body, caller }) => line.do(() => lintMeant(service, caller, body)),
  });
  app.route({
    method: 'POST',
    url: '/api/lint/batch',
    config: { scope: 'read' },
    schema: {
      summary: 'Lint many',
      body: z.array(LintBody).min(1).max(BATCH_MAX),
      response: { 200: asItIs<Report[]>(z.array(Report)), ...errors },
    },
    handler: async ({ body, caller }) => {
      const reports: Report[] = [];
      for (const [index, each] of body.entries()) {
        reports.push(await line.do(() => inPlace(index, () => lintMeant(service, caller, each))));
      }
      return reports;
    },
  });
};

/** What is wrong with one of many says with which. */
function inPlace<Value>(index: number, work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const { code, message } = error;
    const errors = [{ path: `/${index}`, message }];
    throw new ProblemError(code, `/${index}: ${message}`, { errors, cause: error });
  }
}

function lintMeant(service: Service, { owner }: Caller, body: z.infer<typeof LintBody>): Report {
  const { macros } = service.history;
  const { source, macro, version, file = 'macro.js', language } = body;
  if (source !== undefined) return lint(service, source, { file, ...(language && { language }) });
  const entry = macros.get(owner, macro ?? '');
  const text = entry && macros.text(owner, entry.name, version ?? entry.version);
  if (!text) throw new ProblemError('not-found', `There is no macro ${macro} in this library.`);
  const name = `${macro}.${text.language}`;
  return lint(service, text.source, { file: name, language: text.language });
}

/** What lint finds by the server's commands and patterns; what comments silence is in it. */
function lint(
  { commands, patterns }: Service,
  source: string,
  {
    file,
    language = /\.[cm]?ts$/.test(file) ? 'ts' : 'js',
  }: { file: string; language?: 'js' | 'ts' },
): Report {
  if (Buffer.byteLength(source) > LINT_BYTES_MAX)
    throw new ProblemError(
      'too-large',
      'A text of more than 256 kB is not linted over HTTP; lint it with `corral lint FILE`.',
    );
  const analysis = analyse(source, { file, language, commands });
  const facts = { macroCircles: macroCirclesOf(analysis), ...analysis };
  const privileged = new Set(commands.filter((each) => each.privileged).map(({ name }) => name));
  const matched = patternFindings(matchPatterns(patterns.inForce, facts, { privileged }));
  const findings = mergeFindings(analysis.report.findings, matched);
  return { ...analysis.report, findings, risk: riskOf({ ...analysis.report, findings }).risk };
}
