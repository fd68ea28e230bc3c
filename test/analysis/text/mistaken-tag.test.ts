import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readHeader } from '../../../src/analysis/text/header.ts';
import { LIMIT_NAMES, parseLimit } from '../../../src/model/limits.ts';

const problemsOf = (tag: string) =>
  readHeader(`// ==Macro==\n// @name m\n// ${tag}\n// ==/Macro==\n`).problems;

describe('a tag Corral does not know', () => {
  for (const [tag, told] of [
    ['@limt cpu=5ms', '`@limt` does nothing; did you mean `@limit`?'],
    ['@limits cpu=5ms', '`@limits` does nothing; did you mean `@limit`?'],
    ['@Limit cpu=5ms', '`@Limit` does nothing; did you mean `@limit`?'],
    ['@grants chat', '`@grants` does nothing; did you mean `@grant`?'],
    ['@inputs n:integer', '`@inputs` does nothing; did you mean `@input`?'],
    ['@retries 3', '`@retries` does nothing; did you mean `@retry`?'],
    ['@cpu 3s', '`@cpu` limits nothing; write for example `@limit cpu=500ms`'],
    ['@memory 32mb', '`@memory` limits nothing; write for example `@limit heap=32mb`'],
    ['@timeout 5s', '`@timeout` limits nothing; write for example `@limit wall=10s`'],
  ] as const)
    test(`is warned of where it was meant to protect: ${tag}`, () => {
      const [problem, ...more] = problemsOf(tag);
      assert.deepEqual(
        [problem?.message, problem?.level, problem?.line, problem?.column, more],
        [told, 'warning', 3, 4, []],
      );
    });

  test('is told what can be written in its place', () => {
    for (const name of LIMIT_NAMES) {
      const [, written = ''] =
        /`@limit (\S+)`/.exec(problemsOf(`@${name} 5`)[0]?.message ?? '') ?? [];
      assert.equal(parseLimit(written).name, name);
    }
  });

  for (const tag of [
    ...['author', 'namespace', 'match', 'require', 'icon', 'license', 'homepage', 'game', 'run-at'],
    ...['since', 'include', 'exclude', 'resource', 'connect', 'updateURL', 'expect', 'see', 'type'],
    ...['constructor', 'toString', 'valueOf'],
  ])
    test(`is for others, and nothing is said: @${tag}`, () =>
      assert.deepEqual(problemsOf(`@${tag} x`), []));
});
