import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shareCode } from '../../../src/analysis/loops/share-code.ts';

const SOURCE = `const a = 1;
for (const x of input.list) {
  log(x);
  log(a);
}
function walk() {
  log(1);
  log(2);
}
if (a) {
  log(3);
  walk();
}`;

test('two lines share code when a loop or a function has both, or one calls what has the other', () => {
  const shared = (one: number, other: number) => shareCode(SOURCE, 'js', [one, other]);
  assert.deepEqual([shared(3, 4), shared(4, 2), shared(7, 8)], [true, true, true]);
  assert.deepEqual([shared(1, 3), shared(4, 7), shared(10, 11)], [false, false, false]);
  assert.deepEqual([shared(12, 7), shared(8, 12), shared(12, 4)], [true, true, false]);
  assert.equal(shareCode('for (;;', 'js', [1, 1]), false);
});
