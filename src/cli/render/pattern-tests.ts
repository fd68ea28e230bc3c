// Owns how the outcome of patterns' own tests looks on a terminal: a line a pattern, and each failed macro in full.

import { safeText } from '../../model/safe-text.ts';
import type { PatternTest } from '../../policy/pattern-tests.ts';
import type { Paint } from '../style.ts';

/** The tests of one pattern. */
export interface TestedPattern {
  readonly id: string;
  readonly file: string;
  readonly tests: readonly PatternTest[];
}

/** A line a pattern, the failures under it, and a sum. */
export function renderPatternTests(tested: readonly TestedPattern[], paint: Paint): string {
  const width = Math.max(0, ...tested.map(({ id }) => id.length));
  const blocks = tested.map(({ id, file, tests }) => {
    const failed = tests.filter(({ hasPassed }) => !hasPassed);
    const mark = failed.length === 0 ? paint('green', '✔') : paint('red', '✖');
    const sum = `${tests.length - failed.length} of ${tests.length}`;
    const head = `${mark} ${safeText(id).padEnd(width)}  ${paint('dim', sum)}`;
    return [head, ...failed.map((test) => renderFailure(test, file, paint))].join('\n');
  });
  const all = tested.flatMap(({ tests }) => tests);
  const passed = all.filter(({ hasPassed }) => hasPassed).length;
  return `${blocks.join('\n')}\n${paint('dim', `${passed} of ${all.length} tests passed`)}\n`;
}

const FAILURE: Record<PatternTest['kind'], string> = {
  invalid: 'should be matched and is not',
  valid: 'should not be matched and is',
  live: 'does not match as often as it says',
};

function renderFailure(test: PatternTest, file: string, paint: Paint): string {
  const what = FAILURE[test.kind];
  const lines = safeText(test.source, { multiline: true, charsMax: 800 }).trimEnd().split('\n');
  return [
    `    ${what} ${paint('dim', `(${safeText(file)}, line ${test.line})`)}`,
    ...(test.message === null ? [] : [`    ${paint('dim', 'told:')} ${test.message}`]),
    ...lines.map((line) => `      ${line}`),
  ].join('\n');
}
