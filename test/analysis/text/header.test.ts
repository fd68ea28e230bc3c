import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readHeader } from '../../../src/analysis/text/header.ts';

const read = (...lines: string[]) =>
  readHeader(['// ==Macro==', ...lines.map((line) => `// ${line}`), '// ==/Macro=='].join('\n'));
const retryOf = (...lines: string[]) => {
  const { retry, retryFailed, problems } = read(...lines);
  return { retry, retryFailed, problems: problems.map(({ message }) => message) };
};

describe('@retry', () => {
  test('is not there: no retries', () => {
    assert.deepEqual(retryOf('@name a'), { retry: 0, retryFailed: false, problems: [] });
    assert.deepEqual(
      [readHeader('return 1').retry, readHeader('return 1').retryFailed],
      [0, false],
    );
  });

  test('says how often, and with `failed` that a macro that threw is meant too', () => {
    assert.deepEqual(retryOf('@retry 2'), { retry: 2, retryFailed: false, problems: [] });
    assert.deepEqual(retryOf('@retry 10  failed'), { retry: 10, retryFailed: true, problems: [] });
    assert.deepEqual(retryOf('@retry 0'), { retry: 0, retryFailed: false, problems: [] });
  });

  for (const [line, message] of [
    ['@retry', /^`@retry ` is not a whole number from 0 to 10; write for example `@retry 2`$/],
    ['@retry 11', /is not a whole number from 0 to 10/],
    ['@retry -1', /is not a whole number/],
    ['@retry often', /is not a whole number/],
    ['@retry failed', /is not a whole number/],
    [
      '@retry 2 always',
      /^`always` is nothing to retry for; write `@retry 2 failed` .*or `@retry 2`/,
    ],
    ['@retry 2 failed heap-limit', /^`heap-limit` is nothing to retry for/],
  ] as const)
    test(`\`${line}\` is wrong, and then there are none`, () => {
      const { retry, retryFailed, problems } = retryOf(line);
      assert.deepEqual([retry, retryFailed, problems.length], [0, false, 1]);
      assert.match(problems[0] ?? '', message);
    });

  test('marks the word that is wrong', () => {
    const [problem] = read('@retry 2 always').problems;
    assert.deepEqual([problem?.line, problem?.column, problem?.endColumn], [2, 13, 19]);
  });

  test('stands once', () => {
    const { retry, problems } = retryOf('@retry 1', '@retry 3 failed');
    assert.deepEqual([retry, problems.length], [1, 1]);
  });
});
