// Safe fixes: which are made, what becomes of the text, and the diff that shows it.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { toDiff } from '../../../src/cli/lint/diff.ts';
import { fixText } from '../../../src/cli/lint/fix.ts';
import type { Finding } from '../../../src/model/report.ts';

/** A finding whose fix replaces columns of one line. */
function replacing(
  line: number,
  [column, endColumn]: readonly [number, number],
  text: string,
  safe = true,
): Finding {
  const place = { line, column, endLine: line, endColumn };
  const fix = { message: `write ${text}`, text, safe, ...place };
  const base = { rule: 'r', level: 'warning' as const, message: 'm', advice: null };
  return { ...base, ...place, related: [], fix };
}

const file = (text: string) => ({ file: 'm.js', baseName: 'm', language: 'js' as const, text });
const fixed = (text: string, ...findings: Finding[]) => fixText(file(text), findings);

describe('safe fixes', () => {
  test('are made together, whatever their order', () =>
    assert.equal(
      fixed('a(1);\nb(2);\n', replacing(2, [1, 1], 'await '), replacing(1, [1, 1], 'await ')).text,
      'await a(1);\nawait b(2);\n',
    ));
  test('leave what is unsafe', () => {
    const { text, edits } = fixed('a();', replacing(1, [1, 1], 'await ', false));
    assert.deepEqual([text, edits], ['a();', []]);
  });
  test('that overlap: the first is made', () =>
    assert.equal(
      fixed('abcdef();', replacing(1, [1, 4], 'X'), replacing(1, [3, 6], 'Y')).text,
      'Xdef();',
    ));
  test('that insert at one place: one is made', () =>
    assert.equal(
      fixed('a();', replacing(1, [1, 1], 'await '), replacing(1, [1, 1], 'await ')).text,
      'await a();',
    ));
  test('that touch are both made', () =>
    assert.equal(
      fixed('ab();', replacing(1, [1, 2], 'X'), replacing(1, [2, 3], 'Y')).text,
      'XY();',
    ));
  test('that would break the text are not made at all', () => {
    const { text, isBroken } = fixed('a();', replacing(1, [2, 3], ''));
    assert.deepEqual([text, isBroken], ['a();', true]);
  });
  test('keep the line breaks the text has', () =>
    assert.equal(
      fixed('a();\r\nb();\r\n', replacing(2, [1, 1], '// now\n')).text,
      'a();\r\n// now\r\nb();\r\n',
    ));
  test('stand right behind letters of two code units', () =>
    assert.equal(
      fixed("say('🐺'); a();", replacing(1, [12, 12], 'await ')).text,
      "say('🐺'); await a();",
    ));
});

describe('the diff', () => {
  const lines = (count: number) =>
    Array.from({ length: count }, (_, at) => `f(${at + 1});\n`).join('');
  const diff = (text: string, ...findings: Finding[]) =>
    toDiff('m.js', text, fixed(text, ...findings).edits).map((line) => line.text);

  test('shows three lines around a change', () =>
    assert.deepEqual(diff(lines(9), replacing(5, [1, 1], 'await ')), [
      '--- m.js',
      '+++ m.js',
      '@@ -2,7 +2,7 @@',
      ' f(2);',
      ' f(3);',
      ' f(4);',
      '-f(5);',
      '+await f(5);',
      ' f(6);',
      ' f(7);',
      ' f(8);',
    ]));
  test('counts on behind lines that went', () => {
    const gone = replacing(2, [1, 1], '');
    const cut = { ...gone, fix: gone.fix && { ...gone.fix, endLine: 3 } };
    const text = diff(lines(20), cut, replacing(15, [1, 1], 'await '));
    assert.ok(text.includes('@@ -1,5 +1,4 @@'), text.join('\n'));
    assert.ok(text.includes('@@ -12,7 +11,7 @@'), text.join('\n'));
  });
  test('joins changes that are near each other', () =>
    assert.equal(
      diff(lines(9), replacing(2, [1, 1], 'await '), replacing(6, [1, 1], 'await ')).filter(
        (line) => line.startsWith('@@'),
      ).length,
      1,
    ));
  test('is empty without a change', () => assert.deepEqual(diff(lines(3)), []));
});
