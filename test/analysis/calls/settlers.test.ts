import assert from 'node:assert/strict';
import { test } from 'node:test';
import { promisesByHand } from '../../../src/analysis/calls/settlers.ts';
import { readText } from '../../../src/analysis/read-text.ts';

/** `made line: what settles it, line by line`, for each promise whose settling is all in sight. */
function told(source: string): string[] {
  const text = readText(source, 'js') ?? assert.fail('it does not parse');
  const lineOf = (node: { readonly start: number }) => text.lines.at(node.start).line;
  return promisesByHand(text).map(
    ({ node, by }) =>
      `${lineOf(node)}: ${by.map(({ name, call }) => `${name} ${lineOf(call)}`).join(', ')}`,
  );
}

test('the promises that a text makes by hand, and what settles them', () => {
  const cases: [string, string[]][] = [
    [
      'let done;\nconst p = new Promise((resolve) => { done = resolve; });\nawait p;\ndone(1);',
      ['2: done 4'],
    ],
    ['let a, b;\nnew Promise((yes, no) => { a = yes; b = no; });\na();\nb();', ['2: a 3, b 4']],
    [
      'const { promise, resolve } = Promise.withResolvers();\nawait promise;\nresolve();',
      ['1: resolve 3'],
    ],
    [
      'const { promise, resolve: go } = Promise.withResolvers();\nconst f = () => go();\nawait promise;',
      ['1: go 2'],
    ],
    // Settled at once, by nothing, or by whoever is given it.
    ['new Promise((resolve) => resolve());', []],
    ['new Promise(() => {});', []],
    ['new Promise((resolve) => { sleep(10).then(resolve); });', []],
    ['const all = [];\nnew Promise((resolve) => { all.push(resolve); });', []],
    ['let done;\nnew Promise((resolve) => { done = resolve; });\nlater(done);', []],
  ];
  for (const [source, expected] of cases) assert.deepEqual(told(source), expected, source);
});
