// Owns the tests that a pattern brings along: it must match each of its `invalid` macros and none of its `valid` ones.

import { formatBytes, formatDuration } from '../model/limits.ts';
import type { LiveTest } from '../model/pattern-match.ts';
import { formatCount } from '../model/units.ts';
import { matchPatterns } from './match-patterns.ts';
import type { PatternFacts } from './pattern-facts.ts';
import type { PatternFile, PatternProblem } from './pattern-file.ts';
import { hitsOf } from './watch/live-tests.ts';

/** Analyses a macro's source, as `corral lint` would. */
export type ToFacts = (source: string) => PatternFacts;

/** How one of a pattern's tests went. */
export interface PatternTest {
  readonly kind: 'invalid' | 'valid' | 'live';
  /** Counted from 1 within its kind. */
  readonly number: number;
  readonly line: number;
  /** The macro, or what a live test does. */
  readonly source: string;
  readonly hasPassed: boolean;
  /** What was told of the macro, or how often a live pattern matched; null when the pattern did not match. */
  readonly message: string | null;
}

/** Runs a pattern's own tests. */
export function runPatternTests(file: PatternFile, toFacts: ToFacts): PatternTest[] {
  const { pattern, lineOf } = file;
  const ofText = (['invalid', 'valid'] as const).flatMap((kind) =>
    (pattern.tests[kind] ?? []).map((source, index) => {
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
  const live = (pattern.tests.live ?? []).map((test, index) => {
    const hits = hitsOf(pattern, test);
    return {
      kind: 'live' as const,
      number: index + 1,
      line: lineOf(['tests', 'live', index]),
      source: liveTestText(test),
      hasPassed: hits === test.hits,
      message: hits === 0 ? null : `matches ${times(hits)}`,
    };
  });
  return [...ofText, ...live];
}

/** What a live test does, in one line. */
export function liveTestText(test: LiveTest): string {
  const { command, count = 0, everyMs = 0, forMs = 0 } = test;
  const does = [
    command === undefined ? '' : `${count} × ${command}, ${formatDuration(everyMs)} apart`,
    test.heapPerSecond === undefined
      ? ''
      : `holds ${formatBytes(test.heapPerSecond)} more a second`,
    test.cpuShare === undefined ? '' : `uses ${Math.round(test.cpuShare * 100)} % of a processor`,
    test.depth === undefined ? '' : `calls ${test.depth} deep`,
  ].filter((text) => text !== '');
  const long = forMs > 0 ? ` for ${formatDuration(forMs)}` : '';
  return `${does.join('; ')}${long}: ${test.hits === 0 ? 'no match' : `matches ${times(test.hits)}`}`;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${formatCount(count)} times`;
}

/** The tests that fail, as problems of the file. */
export function testProblems(file: PatternFile, toFacts: ToFacts): PatternProblem[] {
  return runPatternTests(file, toFacts)
    .filter(({ hasPassed }) => !hasPassed)
    .map((test) => ({ file: file.file, line: test.line, message: failure(test) }));
}

function failure({ kind, number, source, message }: PatternTest): string {
  const which = `\`tests.${kind}\` number ${number}`;
  switch (kind) {
    case 'invalid':
      return `${which} is not matched by the pattern; loosen \`match\`, or put the macro right`;
    case 'valid':
      return `${which} is matched by the pattern; tighten \`match\`, or put the macro right`;
    case 'live':
      return `${which} (${source}) ${message ?? 'does not match'}; change the numbers of the pattern, or put the test right`;
  }
}
