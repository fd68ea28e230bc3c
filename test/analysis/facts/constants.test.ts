import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { analyse } from '../../../src/analysis/analyse.ts';

/** What a condition is known to be: it is asked by a loop whose text alone is looked at. */
function verdictOf(source: string): string | undefined {
  const { report } = analyse(source, { file: 'x.js', language: 'js', evaluates: false });
  return report.loops[0]?.verdict;
}

describe('a condition is known to be true', () => {
  for (const condition of [
    '1 < 2',
    '!0',
    '!!{}',
    '[]',
    "'a' + 'b' === 'ab'",
    'typeof 1 === "number"',
    'void 0 === undefined',
    '(0, 1)',
    '2 ** 3 === 8',
    '1 << 3 === 8',
    'null ?? true',
    '0 || 1',
    'false ? 0 : 1',
    '!NaN',
  ])
    test(condition, () => assert.equal(verdictOf(`while (${condition}) {}`), 'infinite'));
});

describe('a condition is not known', () => {
  for (const condition of ['input.x', 'f()', 'a', 'x++ < 1', '({}).y', '`${input}`'])
    test(condition, () =>
      assert.notEqual(
        verdictOf(`let x = 0, a = input; if (input) a = f; while (${condition}) f();`),
        'infinite',
      ),
    );
});

test('a name that holds one value is that value, below where it is set', () => {
  assert.equal(verdictOf('const on = true; while (on) {}'), 'infinite');
  assert.notEqual(verdictOf('const f = () => { while (on) {} }; const on = true;'), 'infinite');
});

test('constants made of constants are each asked once', () => {
  const names = Array.from({ length: 22 }, (_, n) => `const a${n + 1} = a${n} + a${n};`).join('\n');
  assert.equal(verdictOf(`const a0 = 1;\n${names}\nwhile (a22 > 0) {}`), 'infinite');
});
