import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Comeback, Pace } from '../../../src/supervisor/load/pace.ts';

describe('the pace of a line', () => {
  test('is the time from one that is served to the next', () => {
    const pace = new Pace();
    pace.begin(0);
    for (let now = 200; now <= 4000; now += 200) pace.served(now);
    assert.equal(pace.gapMs(4000), 200);
  });

  test('follows a change', () => {
    const pace = new Pace();
    pace.begin(0);
    let now = 0;
    for (const gapMs of [...Array(20).fill(10), ...Array(20).fill(500)] as number[]) {
      now += gapMs;
      pace.served(now);
    }
    assert.ok(pace.gapMs(now) > 450, `${pace.gapMs(now)}`);
  });

  test('is no better than what the next one takes already', () => {
    const pace = new Pace();
    pace.begin(0);
    pace.served(10);
    assert.equal(pace.gapMs(60_010), 60_000);
    const unserved = new Pace();
    unserved.begin(0);
    assert.equal(unserved.gapMs(7000), 7000);
  });

  test('does not count the time in which nobody waited', () => {
    const pace = new Pace();
    pace.begin(0);
    pace.served(10);
    pace.rest();
    assert.equal(pace.gapMs(1e6), 10);
    pace.begin(1e6);
    pace.served(1e6 + 10);
    assert.equal(pace.gapMs(1e6 + 10), 10);
  });
});

describe('when to come back', () => {
  test('is honest: at the pace at which places become free, each of those sent away finds one', () => {
    const comeback = new Comeback();
    const gapMs = 250;
    // A hundred are sent away at once; a place becomes free every 250 ms.
    const times = Array.from({ length: 100 }, () => comeback.next(0, gapMs, 1_000));
    for (const [at, time] of times.entries()) assert.equal(time, (at + 1) * gapMs);
  });

  test('forgets whom it has told to come by now', () => {
    const comeback = new Comeback();
    for (let at = 0; at < 10; at++) comeback.next(0, 1000, 50);
    assert.equal(comeback.next(20_000, 1000, 50), 1000);
  });

  test('is never at once, and within an hour', () => {
    const comeback = new Comeback();
    assert.equal(comeback.next(0, 0, 1), 100);
    assert.equal(comeback.next(0, 1e9, 1), 60 * 60 * 1000);
    assert.ok(comeback.next(1000, 10, 1) <= 60 * 60 * 1000);
  });

  test('is not later than when the whole line will have been served, however many are sent away', () => {
    const comeback = new Comeback();
    const times = Array.from({ length: 5_000 }, () => comeback.next(0, 8, 1_000));
    assert.equal(Math.max(...times), 8_000);
  });
});
