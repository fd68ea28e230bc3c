// The numbers a seed gives: the same ones each time, spread as they should be.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { loneCorral } from '../support/lone-corral.ts';

const lone = loneCorral();
after(() => lone.corral.close());

const DRAW = 'return [random(), Math.random(), random()]';

test('the same seed gives the same numbers, another seed others', async () => {
  const [one, two, three, far] = await Promise.all(
    [7, 7, 8, 7 + 2 ** 32].map((seed) => lone.valueOf(DRAW, { seed })),
  );
  assert.deepEqual(one, two);
  assert.notDeepEqual(one, three);
  assert.notDeepEqual(one, far);
});

test('without a seed, a run is not like the one before', async () => {
  assert.notDeepEqual(await lone.valueOf(DRAW), await lone.valueOf(DRAW));
});

test('Math.random is the very same function', async () => {
  assert.equal(await lone.valueOf('return Math.random === random'), true);
});

test('they lie from 0 up to 1, evenly', async () => {
  const source = `const buckets = new Array(10).fill(0); let odd = 0;
    for (let i = 0; i < 20_000; i++) { const x = random(); if (!(x >= 0 && x < 1)) odd++; buckets[Math.floor(x * 10)]++; }
    return { buckets, odd }`;
  const { buckets, odd } = (await lone.valueOf(source, { seed: 1 })) as {
    buckets: number[];
    odd: number;
  };
  assert.equal(odd, 0);
  for (const count of buckets) assert.ok(count > 1800 && count < 2200, buckets.join(' '));
});
