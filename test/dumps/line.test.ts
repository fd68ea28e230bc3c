import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cutLine, cutText, piece, toPlain, wrapText } from '../../src/dumps/line.ts';

describe('a line', () => {
  test('is cut over all its pieces, and blanks at its end go', () => {
    const line = [piece('abc', 'bad'), piece('def'), piece('   ')];
    assert.equal(toPlain([cutLine(line, 5)]), 'abcd…\n');
    assert.equal(toPlain([cutLine(line, 50)]), 'abcdef\n');
    assert.equal(toPlain([cutLine([piece('  '), piece('')], 50)]), '\n');
  });
});

describe('a text', () => {
  test('is never cut through a surrogate pair', () => {
    assert.equal(cutText('ab😀d', 4), 'ab…');
    assert.equal(cutText('abcd', 4), 'abcd');
  });

  test('breaks between words', () => {
    assert.deepEqual(wrapText('one two three', 7, 9), ['one two', 'three']);
    assert.deepEqual(wrapText('averylongword x', 6, 9), ['avery…', 'x']);
  });

  test('that needs too many lines ends in …', () => {
    assert.deepEqual(wrapText('a b c d', 1, 2), ['a', '…']);
    assert.deepEqual(wrapText('one two three four', 8, 2), ['one two', 'three …']);
  });
});
