// What a macro is told to have ended by, when two things might have ended it.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { loneCorral } from './support/lone-corral.ts';

const lone = loneCorral();
after(() => lone.corral.close());

test('a macro that has thrown waits for nothing, though it is asked once more what it holds', async () => {
  const source = 'await sleep(1);\nthrow new RangeError("of its own");';
  for (let round = 0; round < 5; round++) {
    const ends = await Promise.all(
      Array.from({ length: 40 }, () => lone.run(source, { limits: { idle: 1 } })),
    );
    for (const { end } of ends)
      assert.deepEqual([end.reason, end.error?.message], ['failed', 'of its own']);
  }
});
