// Owns the tests that a pattern brings along: it must match each of its `invalid` macros and none of its `valid` ones.

import { matchPatterns } from './match-patterns.ts';
import type { PatternFacts } from './pattern-facts.ts';
import type { PatternFile, PatternProblem } from './pattern-file.ts';

/** Analyses a macro's source, as `corral lint` would. */
export type ToFacts = (source: string) => PatternFacts;

/** How one of a pattern's tests went. */
export interface PatternTest {
  readonly kind: 'invalid' | 'valid';
  /** Counted from 1 within its kind. */
  readonly number: number;
  readonly line: number;
  readonly source: string;
  readonly hasPassed: boolean;
  /** What was told of the macro; null when the pattern did not match. */
  readonly message: string | null;
}

/** Runs a pattern's own tests. */
export function runPatternTests({ pattern, lineOf }: PatternFile, toFacts: ToFacts): PatternTest[] {
  return (['invalid', 'valid'] as const).flatMap((kind) =>
    pattern.tests[kind].map((source, index) => {
      const [match] = matchPatterns([pattern], toFacts(source));
      return {
        kind,
        number: index + 1,
        line: lineOf(['tests', kind, index]),
        source,
        hasPassed: (match !== undefined) === (kind === 'invalid'),
        message: match?.message ?? null,
      };
    }),
  );
}

/** The tests that fail, as problems of the file. */
export function testProblems(file: PatternFile, toFacts: ToFacts): PatternProblem[] {
  return runPatternTests(file, toFacts)
    .filter(({ hasPassed }) => !hasPassed)
    .map(({ kind, number, line }) => ({
      file: file.file,
      line,
      message:
        kind === 'invalid'
          ? `\`tests.invalid\` number ${number} is not matched by the pattern; loosen \`match\`, or put the macro right`
          : `\`tests.valid\` number ${number} is matched by the pattern; tighten \`match\`, or put the macro right`,
    }));
}
