import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  BUCKETS,
  BucketWindow,
  createWindow,
  EXACT_MAX,
  ExactWindow,
} from '../../../src/policy/watch/window.ts';

/** Keeps every time there was and counts them all again. */
class NaiveWindow {
  times: number[] = [];
  readonly #windowMs: number;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  count(now: number, windowMs = this.#windowMs): number {
    return this.times.filter((time) => time > now - windowMs).length;
  }
}

/** What is done with a window: so much later, one more; or everything is forgotten. */
const steps = fc.array(
  fc.record({ after: fc.integer({ min: 0, max: 400 }), what: fc.constantFrom(...'ppppppppc') }),
  { maxLength: 300 },
);

describe('an exact window', () => {
  test('says at each moment what counting all of them again would say', () => {
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 3000 }),
        (script, max, windowMs) => {
          const window = new ExactWindow(max, windowMs);
          const naive = new NaiveWindow(windowMs);
          let now = 0;
          for (const { after, what } of script) {
            now += after;
            assert.equal(window.isFull(now), naive.count(now) >= max);
            // It remembers at least as many as are allowed, and need not count further.
            const counted = window.count(now);
            assert.ok(
              counted === naive.count(now) || (counted >= max && counted < naive.count(now)),
            );
            if (what === 'c') {
              window.clear();
              naive.times = [];
            } else {
              window.push(now);
              naive.times.push(now);
            }
          }
        },
      ),
    );
  });

  test('does not hold what was a whole window ago', () => {
    const window = new ExactWindow(1, 1000);
    window.push(0);
    assert.equal(window.isFull(999), true);
    assert.equal(window.isFull(1000), false);
  });

  test('goes on to be exact after its ring has turned many times', () => {
    const window = new ExactWindow(100, 1000);
    for (let time = 0; time < 100_000; time += 5) window.push(time);
    assert.equal(window.isFull(99_995), true);
    assert.equal(window.isFull(100_494), true, 'the last hundred are younger than 1000 ms');
    assert.equal(window.isFull(100_500), false);
  });
});

describe('a bucketed window', () => {
  test('is never full where an exact one is not, and misses at most the oldest of its pieces', () => {
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 64, max: 3000 }),
        (script, max, windowMs) => {
          const window = new BucketWindow(max, windowMs);
          const naive = new NaiveWindow(windowMs);
          let now = 0;
          for (const { after, what } of script) {
            now += after;
            const counted = window.count(now);
            assert.ok(counted <= naive.count(now));
            assert.ok(counted >= naive.count(now, (windowMs * (BUCKETS - 1)) / BUCKETS));
            assert.equal(window.isFull(now), counted >= max);
            if (what === 'c') {
              window.clear();
              naive.times = [];
            } else {
              window.push(now);
              naive.times.push(now);
            }
          }
        },
      ),
    );
  });

  test('is as large for a million as for ten', () => {
    const window = new BucketWindow(1_000_000, 60_000);
    for (let n = 0; n < 1_000_000; n++) window.push(n / 100);
    assert.equal(window.count(10_000), 1_000_000);
    assert.equal(window.isFull(10_000), true);
    assert.equal(window.count(10_000 + 60_000), 0);
  });
});

test('a window counts one by one up to some thousands, in buckets above', () => {
  assert.ok(createWindow(EXACT_MAX, 1000) instanceof ExactWindow);
  assert.ok(createWindow(EXACT_MAX + 1, 1000) instanceof BucketWindow);
});
