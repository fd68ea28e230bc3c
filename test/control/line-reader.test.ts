import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LineError, LineReader } from '../../src/control/line-reader.ts';

/** All that comes of these pieces. */
function read(pieces: readonly string[], bytesMax = 100): unknown[] {
  const reader = new LineReader(bytesMax);
  return pieces.flatMap((piece) => [...reader.push(Buffer.from(piece))]);
}

describe('a line reader', () => {
  test('gives each line whole, however it was cut up', () => {
    assert.deepEqual(read(['{"a":1}\n[2', ',3]', '\n\n"é"\r\n', '"not yet']), [
      { a: 1 },
      [2, 3],
      'é',
    ]);
    const bytes = Buffer.from('"é€𝄞"\n');
    const reader = new LineReader(100);
    const values = [...bytes].flatMap((byte) => [...reader.push(Buffer.of(byte))]);
    assert.deepEqual(values, ['é€𝄞'], 'a letter of several bytes may be cut too');
  });

  test('refuses a line beyond its bound, complete or not, and takes one at it', () => {
    assert.deepEqual(read([`"${'x'.repeat(98)}"\n`]), ['x'.repeat(98)]);
    assert.throws(() => read([`"${'x'.repeat(99)}"\n`]), LineError);
    assert.throws(() => read(['x'.repeat(60), 'x'.repeat(60)]), LineError);
  });

  test('gives what came before a bad line, and refuses that', () => {
    const reader = new LineReader(100);
    const values: unknown[] = [];
    assert.throws(() => {
      for (const value of reader.push(Buffer.from('1\nnope\n2\n'))) values.push(value);
    }, LineError);
    assert.deepEqual(values, [1]);
  });
});
