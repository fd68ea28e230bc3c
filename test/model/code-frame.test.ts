import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { codeFrame, frameText } from '../../src/model/code-frame.ts';
import { displayWidth } from '../../src/model/display-width.ts';

const SOURCE = ['const a = 1;', 'const b = 2;', 'while (true) {}', 'done();', 'more();', ''].join(
  '\n',
);

/** What of the marked line stands above the carets. */
function pointedAt(source: string, line: number, column: number, endColumn = column + 1): string {
  const frame = codeFrame(source, { line, column, endLine: line, endColumn });
  const marked = frame.find(({ kind }) => kind === 'marked')?.text ?? '';
  const caret = frame.find(({ kind }) => kind === 'caret')?.text ?? '';
  return marked.slice(caret.indexOf('^'), caret.lastIndexOf('^') + 1);
}

describe('a code frame', () => {
  test('is no wider than it may be, and its caret stays under its place', () => {
    const source = `${'a'.repeat(30)}X${'b'.repeat(200)}`;
    for (const columns of [20, 40, 60, 120]) {
      const frame = codeFrame(source, { line: 1, column: 31 }, 0, columns);
      const [marked, caret] = frame.map(({ text }) => text);
      assert.ok((marked ?? '').length <= columns + 2, 'two for what is left out at its ends');
      assert.equal(marked?.[caret?.indexOf('^') ?? 0], 'X');
    }
  });

  test('shows the line, two around it, and a caret under the place', () => {
    const frame = codeFrame(SOURCE, { line: 3, column: 1, endLine: 3, endColumn: 6 });
    assert.equal(
      frameText(frame),
      [
        '  1 | const a = 1;',
        '  2 | const b = 2;',
        '> 3 | while (true) {}',
        '    | ^^^^^',
        '  4 | done();',
        '  5 | more();',
      ].join('\n'),
    );
  });

  test('ends where the source ends, and takes its gutter from the longest number', () => {
    assert.equal(
      frameText(codeFrame(SOURCE, { line: 1, column: 7 }, 1)),
      '> 1 | const a = 1;\n    |       ^\n  2 | const b = 2;',
    );
    const ten = Array.from({ length: 10 }, (_, index) => `l${index + 1}`).join('\n');
    assert.equal(frameText(codeFrame(ten, { line: 10, column: null }, 1)), '   9 | l9\n> 10 | l10');
  });

  test('has no caret where the column is not known', () => {
    const kinds = codeFrame(SOURCE, { line: 3, column: null }).map(({ kind }) => kind);
    assert.deepEqual(kinds, ['context', 'context', 'marked', 'context', 'context']);
  });

  test('is empty for a line the source does not have', () => {
    for (const line of [0, -1, 7, 2 ** 31])
      assert.deepEqual(codeFrame(SOURCE, { line, column: 1 }), []);
  });

  test('marks to the end of the line what goes on below it', () => {
    const frame = codeFrame('f(\n  1);', { line: 1, column: 1, endLine: 2, endColumn: 4 });
    assert.equal(frame[1]?.text, '^^');
  });

  test('counts every line break JavaScript knows', () => {
    const source = 'a\r\nb\rc\u2028d\u2029e';
    assert.deepEqual(
      codeFrame(source, { line: 4, column: null }, 9).map(({ text }) => text),
      ['a', 'b', 'c', 'd', 'e'],
    );
  });

  test('keeps the caret right behind tabs and controls, which it shows as escapes', () => {
    assert.equal(pointedAt('\t\tboom()', 1, 3, 7), 'boom');
    assert.equal(pointedAt('"\u001b[31m" + boom()', 1, 11, 15), 'boom');
    assert.equal(pointedAt('a\u202eb', 1, 2), '\\u{202e}');
  });

  test('counts columns as terminals do: wide letters take two, accents none', () => {
    const caretAt = (source: string, column: number) =>
      codeFrame(source, { line: 1, column })[1]?.text.indexOf('^');
    assert.equal(caretAt('"日本語" + boom()', 9), 11);
    assert.equal(caretAt('"🐺" + boom()', 8), 7);
    assert.equal(caretAt('"e\u0301" + boom()', 8), 6);
    const [line] = codeFrame('語'.repeat(300), { line: 1, column: 200 }, 0, 60);
    assert.equal(displayWidth(line?.text ?? ''), 62);
  });

  test('cuts a long line around the caret', () => {
    const source = `${'x'.repeat(5000)}boom${'y'.repeat(5000)}`;
    assert.equal(pointedAt(source, 1, 5001, 5005), 'boom');
    const [line] = codeFrame(source, { line: 1, column: 5001 });
    assert.equal(line?.text.length, 122);
    assert.match(line?.text ?? '', /^….*…$/);
  });

  test('puts the caret behind the line where the column is past its end, and on the first where it is before', () => {
    assert.equal(codeFrame('ab', { line: 1, column: 3 })[1]?.text, '  ^');
    assert.deepEqual(
      codeFrame('ab', { line: 1, column: 999_999 }),
      codeFrame('ab', { line: 1, column: 3 }),
    );
    assert.equal(codeFrame('ab', { line: 1, column: -5 })[1]?.text, '^');
  });

  test('points at the character of the column, wherever it stands', () => {
    const printable = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 600 });
    fc.assert(
      fc.property(printable, fc.nat(), (line, at) => {
        const column = (at % line.length) + 1;
        assert.equal(pointedAt(`first\n${line}`, 2, column), line[column - 1]);
      }),
    );
  });

  test('is bounded and one line a line, whatever it is given', () => {
    const place = fc.record({
      line: fc.integer({ min: -2, max: 6 }),
      column: fc.option(fc.integer()),
      endLine: fc.integer({ min: -2, max: 6 }),
      endColumn: fc.integer(),
    });
    const hostile = fc.string({ unit: 'binary', maxLength: 300 });
    fc.assert(
      fc.property(hostile, place, (source, where) => {
        for (const { text } of codeFrame(source, where)) {
          assert.ok(text.length <= 122 * 9, String(text.length));
          // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be left
          assert.doesNotMatch(text, /[\u0000-\u001f\u007f-\u009f\u2028-\u202e]/);
        }
      }),
      { numRuns: 500 },
    );
  });
});
