import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { OneByOne } from '../../src/api/one-by-one.ts';
import { ProblemError } from '../../src/api/problem.ts';

describe('work that is done one by one', () => {
  test('goes on after what was thrown, and turns away whom it cannot let wait', async () => {
    const line = new OneByOne(2);
    const thrown = line.do(() => assert.fail('no'));
    const good = line.do(() => 7);
    await assert.rejects(
      line.do(() => 8),
      (error) => error instanceof ProblemError && error.code === 'unavailable',
    );
    await assert.rejects(thrown, /no/);
    assert.equal(await good, 7);
    assert.equal(await line.do(() => 9), 9);
  });
});
