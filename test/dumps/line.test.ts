import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { cutLine, cutText, piece, toPlain, wrapLine, wrapText } from '../../src/dumps/line.ts';

describe('a line', () => {
  test('is cut over all its pieces, and blanks at its end go', () => {
    const line = [piece('abc', 'bad'), piece('def'), piece('   ')];
    assert.equal(toPlain([cutLine(line, 5)]), 'abcd…\n');
    assert.equal(toPlain([cutLine(line, 50)]), 'abcdef\n');
    assert.equal(toPlain([cutLine([piece('  '), piece('')], 50)]), '\n');
  });
});

describe('a line that is too wide', () => {
  test('goes on a little to the right, its pieces what they were', () => {
    const line = [piece('  ab ', 'bad'), piece('cd ef', 'name'), piece(' gh')];
    assert.deepEqual(wrapLine(line, 8), [
      [piece('  ab ', 'bad'), piece('cd', 'name')],
      [piece('    '), piece('ef', 'name'), piece(' gh')].slice(0, 2),
      [piece('    '), piece('gh')],
    ]);
    assert.deepEqual(wrapLine(line, 80), [line]);
  });

  test('is never wider than asked for, and keeps every word', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ' '), maxLength: 40 });
    fc.assert(
      fc.property(
        fc.array(text, { maxLength: 4 }),
        fc.integer({ min: 6, max: 30 }),
        (texts, columns) => {
          const lines = wrapLine(
            texts.map((each) => piece(each)),
            columns,
          );
          const plain = lines.map((each) => each.map(({ text: part }) => part).join(''));
          for (const each of plain)
            assert.ok(each.trimEnd().length <= columns, `too wide: ${each}`);
          assert.equal(plain.join('').replaceAll(' ', ''), texts.join('').replaceAll(' ', ''));
        },
      ),
    );
  });
});

describe('a text', () => {
  test('is never cut through a surrogate pair', () => {
    assert.equal(cutText('ab😀d', 4), 'ab…');
    assert.equal(cutText('abcd', 4), 'abcd');
  });

  test('breaks between words', () => {
    assert.deepEqual(wrapText('one two three', 7), ['one two', 'three']);
    assert.deepEqual(wrapText('', 7), ['']);
  });

  test('breaks within a word that is longer than a line, and loses none of it', () => {
    assert.deepEqual(wrapText('averylongword x', 6), ['averyl', 'ongwor', 'd x']);
    assert.deepEqual(wrapText('a averylongword', 6), ['a', 'averyl', 'ongwor', 'd']);
    assert.deepEqual(wrapText('abc😀d', 4), ['abc', '😀d']);
  });

  test('loses nothing but blanks at the breaks, however narrow it is', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '😀'), maxLength: 60 });
    fc.assert(
      fc.property(text, fc.integer({ min: 2, max: 20 }), (given, columns) => {
        const lines = wrapText(given, columns);
        for (const line of lines) assert.ok(line.length <= columns, `too wide: ${line}`);
        assert.equal(lines.join('').replaceAll(' ', ''), given.replaceAll(' ', ''));
      }),
    );
  });
});
