// Leaving out samples leaves out no garbage collection.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { thinSamples } from '../../src/dumps/thin.ts';

const samples = (text: string) =>
  [...text].map((mark, at) => (mark === '.' ? { at } : { at, collection: { by: mark } }));
const thinned = (text: string, step: number) =>
  thinSamples(samples(text), (index) => index % step === 0).map(
    ({ collection }) => (collection as { by: string } | undefined)?.by ?? '.',
  );

test('what one that is left out saw is told by the next', () => {
  assert.deepEqual(thinned('.a...b...', 2), ['.', 'a', '.', 'b', '.']);
  assert.deepEqual(thinned('a.......', 4), ['a', '.']);
});

test('of several in between the last is told', () => {
  assert.deepEqual(thinned('.ab.....', 4), ['.', 'b']);
  assert.deepEqual(thinned('.a..c...', 4), ['.', 'c']);
});
