// The goals of docs/accuracy.md, held on programs whose end is known from running them.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { generated, handWritten, type Score, score } from './loops.ts';

const PRECISION = 0.99;
const RECALL = 0.95;

function precision({ found, wrong }: Score): number {
  return found / (found + wrong.length);
}

describe('programs written by hand', () => {
  test('are at least 300, and a good part of them endless', async () => {
    const result = await score(handWritten(), true);
    assert.ok(result.programs >= 300, String(result.programs));
    assert.ok(result.endless >= 120, String(result.endless));
    assert.ok(precision(result) >= PRECISION, result.wrong.join('\n'));
    const recall = result.found / result.endless;
    assert.ok(recall >= RECALL, `${recall}\n${result.missed.join('\n')}`);
    assert.deepEqual(result.falseEnds, []);
    assert.deepEqual(result.lowBounds, []);
  });

  test('judged by their text alone are still never judged wrongly', async () => {
    const result = await score(handWritten(), false);
    assert.ok(precision(result) >= PRECISION, result.wrong.join('\n'));
    assert.deepEqual(result.falseEnds, []);
    assert.deepEqual(result.lowBounds, []);
  });
});

test('of 300 made at random none is judged wrongly', async () => {
  const result = await score(generated(300, 3), true);
  assert.deepEqual([result.wrong, result.falseEnds, result.lowBounds], [[], [], []]);
});
