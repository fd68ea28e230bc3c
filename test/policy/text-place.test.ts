import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { toTextPlace } from '../../src/policy/text-place.ts';

describe('the place of a range of offsets', () => {
  test('counts every kind of line break once, and columns in UTF-16 units', () => {
    for (const [source, what, line, column] of [
      ['X', 'X', 1, 1],
      ['a\nb X', 'X', 2, 3],
      ['a\r\nX', 'X', 2, 1],
      ['a\rX', 'X', 2, 1],
      ['a\u2028\u2029X', 'X', 3, 1],
      ['\u{1f600}X', 'X', 1, 3],
    ] as const) {
      const at = source.indexOf(what);
      const place = toTextPlace(source, at, at + 1);
      assert.deepEqual(place, { line, column, endLine: line, endColumn: column + 1 });
    }
  });
  test('keeps to the text, whatever the offsets', () => {
    assert.deepEqual(toTextPlace('ab', -5, 99), { line: 1, column: 1, endLine: 1, endColumn: 3 });
    assert.deepEqual(toTextPlace('ab', 2, 0), { line: 1, column: 3, endLine: 1, endColumn: 3 });
  });
});
