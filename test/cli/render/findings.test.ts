// How findings look on a terminal: nothing wider than it, nothing hostile in it.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { renderFindings } from '../../../src/cli/render/findings.ts';
import { wrap } from '../../../src/cli/render/wrap.ts';
import { displayWidth } from '../../../src/model/display-width.ts';
import type { Finding } from '../../../src/model/report.ts';

const plain = (_: unknown, text: string) => text;
const finding = (more: Partial<Finding> = {}): Finding => ({
  rule: 'infinite-loop',
  level: 'warning',
  message: 'this is wrong',
  line: 1,
  column: 1,
  endLine: 1,
  endColumn: 4,
  related: [],
  advice: null,
  fix: null,
  ...more,
});
const shown = (source: string, each: Finding, columns: number | null = 80) =>
  renderFindings(source, { file: 'm.js', findings: [each] }, { paint: plain, columns });

describe('findings on a terminal', () => {
  for (const columns of [40, 50, 60, 80, 200])
    test(`of ${columns} columns are no wider`, () => {
      const message = 'a long message with `code` in it '.repeat(6).trim();
      const source = `${'x'.repeat(300)};\n`.repeat(12);
      const text = shown(
        source,
        finding({ message, advice: message, line: 11, column: 250, endLine: 11, endColumn: 290 }),
        columns,
      );
      for (const line of text.split('\n'))
        assert.ok(line.length <= columns, `${line.length}: ${line}`);
    });
  test('of 80 columns are no wider in line 100,000, nor with wide letters', () => {
    const source = `${'\n'.repeat(99_999)}${'語'.repeat(300)}`;
    const text = shown(source, finding({ line: 100_000, endLine: 100_000, column: 150 }));
    for (const line of text.split('\n')) assert.ok(displayWidth(line) <= 80, line);
  });
  test('are not broken where there is no terminal', () => {
    const message = 'a long message '.repeat(30).trim();
    assert.ok(shown('f();', finding({ message }), null).includes(message));
  });
  test('name repetitions only by their places', () => {
    const place = { message: 'here too', line: 2, column: 3, endLine: 2, endColumn: 4 };
    assert.match(
      shown('f();\n  g();', finding({ related: [place, { ...place, column: 5 }] })),
      /\n {2}see {2}also 2:3, 2:5\n/,
    );
  });
  test('show other related places with their code', () => {
    const place = { message: 'it began here', line: 2, column: 3, endLine: 2, endColumn: 4 };
    assert.match(
      shown('f();\n  g();', finding({ related: [place] })),
      /\n {2}see {2}m\.js:2:3 {2}it began here\n {2}> 2 \| {3}g\(\);\n/,
    );
  });
  test('say only the place of what stands in the line above', () => {
    const place = { message: 'a calls b', line: 1, column: 3, endLine: 1, endColumn: 4 };
    assert.match(
      shown('f(g());', finding({ related: [place] })),
      /\n {6}\| \^{3}\n {2}see {2}m\.js:1:3 {2}a calls b\n$/,
    );
  });
  test('leave the file name out where it has no room', () => {
    const message = 'a message that nearly fills the line by itself, to the end';
    const place = { message, line: 2, column: 3, endLine: 2, endColumn: 4 };
    assert.match(
      shown('f();\n  g();', finding({ related: [place] }), 70),
      /\n {2}see {2}2:3 {2}a message that/,
    );
  });
  test('show a place once, however many are there, and a line once more for each other place', () => {
    const twice = [finding(), finding({ message: 'and this', rule: 'r' })];
    const view = { paint: plain, columns: 80 };
    const render = (findings: Finding[]) =>
      renderFindings('one();\ntwo();', { file: 'm.js', findings }, view);
    assert.equal(render(twice).match(/one\(\)/g)?.length, 1);
    assert.match(render(twice), /and this\n {2}at {3}m\.js:1:1\n$/);
    const other = render([finding(), finding({ column: 4, endColumn: 6 })]);
    assert.equal(other.match(/one\(\)/g)?.length, 2);
    assert.equal(other.match(/two\(\)/g)?.length, 1, 'the lines around it are not shown again');
  });
  test('tell fixes that --fix makes from those one must look at', () => {
    const fix = {
      message: 'add `await`',
      text: 'await ',
      safe: true,
      line: 1,
      column: 1,
      endLine: 1,
      endColumn: 1,
    };
    assert.match(shown('f();', finding({ fix })), /\n {2}fix {2}add `await` \(--fix does it\)\n/);
    assert.match(
      shown('f();', finding({ fix: { ...fix, safe: false } })),
      /\n {2}fix {2}add `await` \(look at it before you do\)\n/,
    );
  });
  test('show nothing hostile', () => {
    const bad = '\u001b[31m\u202e\u0007';
    const place = { message: bad, line: 1, column: 1, endLine: 1, endColumn: 2 };
    const text = renderFindings(
      `${bad}();`,
      {
        file: bad,
        findings: [finding({ message: bad, advice: bad, rule: bad, related: [place] })],
      },
      { paint: plain, columns: 80, explained: new Set() },
    );
    assert.doesNotMatch(text, /[[\p{Cf}\p{Cc}]--[\n]]/v);
  });
});

test('prose breaks at blanks, and a word too long stands alone', () =>
  assert.deepEqual(wrap('one two three-is-long four', 8), ['one two', 'three-is-long', 'four']));

test('prose of wide letters breaks where a terminal would', () =>
  assert.deepEqual(wrap('日本 日本 ab', 8), ['日本', '日本 ab']));
