import assert from 'node:assert/strict';
import { beforeEach, describe, mock, test } from 'node:test';
import { TokenBucket } from '../../src/supervisor/token-bucket.ts';

let now = 0;

describe('a token bucket', () => {
  beforeEach((context) => {
    now = 0;
    const reading = mock.method(performance, 'now', () => now);
    if ('after' in context) context.after(() => reading.mock.restore());
  });

  test('lets its burst through at once and the next wait', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 3 });
    assert.deepEqual(
      [1, 2, 3].map(() => bucket.take(true)),
      [0, 0, 0],
    );
    assert.equal(bucket.take(true), 100);
  });

  test('serves those who wait one after the other, at the rate', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 1 });
    const waits = Array.from({ length: 4 }, () => bucket.take(true));
    assert.deepEqual(waits, [0, 100, 200, 300]);
  });

  test('refills with time and never above its burst', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 2 });
    bucket.take(true);
    bucket.take(true);
    now = 60_000;
    assert.deepEqual(
      [1, 2, 3].map(() => bucket.take(true)),
      [0, 0, 100],
    );
  });

  test('takes nothing from who will not wait, and says when it is free', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 1 });
    assert.equal(bucket.take(false), 0);
    assert.equal(bucket.take(false), 100);
    assert.equal(bucket.take(false), 100);
    now = 100;
    assert.equal(bucket.take(false), 0);
  });

  test('a wait ends early when its signal aborts', async () => {
    const abort = new AbortController();
    const waiting = TokenBucket.wait(60_000, abort.signal);
    abort.abort(new Error('the run has ended'));
    await assert.rejects(waiting, { message: 'the run has ended' });
    await assert.rejects(TokenBucket.wait(1, abort.signal), { message: 'the run has ended' });
  });
});
