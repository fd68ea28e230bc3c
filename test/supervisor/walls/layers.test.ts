import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NICE, niceOfSolo } from '../../../src/supervisor/walls/layers.ts';

test('a hundred macros that are not known to be calm weigh little more than a few', () => {
  /** What a nice value is worth to the kernel. */
  const weight = (nice: number) => 1024 / 1.25 ** nice;
  const together = (count: number) =>
    Array.from({ length: count }, (_, n) => weight(niceOfSolo(n + 1))).reduce((a, b) => a + b);
  assert.equal(niceOfSolo(1), niceOfSolo(8));
  assert.ok(niceOfSolo(1) > NICE);
  assert.ok(together(100) < 4 * together(8));
  assert.ok(together(100) > together(50), 'each gets something');
});
