import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BatchRate, barText, progressText } from '../../../src/cli/render/batch-progress.ts';
import { displayWidth } from '../../../src/model/display-width.ts';

describe('how far a batch is', () => {
  test('is reckoned from what was done since it began', () => {
    const rate = new BatchRate({ total: 1000, before: 400 }, 0);
    assert.deepEqual(rate.at(0, 0, 0), {
      done: 400,
      total: 1000,
      failed: 0,
      perSecond: null,
      leftMs: null,
    });
    const early = rate.at(20, 1, 2000);
    assert.deepEqual([early.done, early.perSecond, early.leftMs], [420, 10, 58_000]);
  });

  test('forgets how slow it was long ago', () => {
    const rate = new BatchRate({ total: 100_000, before: 0 }, 0);
    // Nothing for a minute, then fifty every half second.
    const doneAt = (at: number) => (Math.max(0, at - 60_000) / 500) * 50;
    for (let at = 500; at <= 90_000; at += 500) rate.at(doneAt(at), 0, at);
    const { perSecond } = rate.at(doneAt(90_000), 0, 90_000);
    assert.ok(perSecond !== null && Math.abs(perSecond - 100) < 5, String(perSecond));
  });

  test('is one line of words', () => {
    const figures = { done: 1234, total: 10_000, failed: 3, perSecond: 85.3, leftMs: 102_800 };
    assert.equal(
      progressText(figures),
      '1,234 of 10,000 items (12%) · 85/s · 1m43s left · 3 failed',
    );
    const over = { done: 5, total: 5, failed: 0, perSecond: 0.5, leftMs: 0 };
    assert.equal(progressText(over), '5 of 5 items (100%) · 0.5/s');
    const nothing = { done: 0, total: 5, failed: 0, perSecond: null, leftMs: null };
    assert.equal(progressText(nothing), '0 of 5 items (0%)');
  });

  test('is a bar that fits the terminal', () => {
    const figures = { done: 5, total: 10, failed: 3, perSecond: 85.3, leftMs: 102_800 };
    for (const columns of [1, 2, 5, 17, 27, 37, 40, 60, 80, 200]) {
      const text = barText(figures, columns, (_style, each) => each);
      assert.ok(displayWidth(text) <= columns, `${columns}: ${text}`);
    }
    const wide = barText(figures, 100, (_style, each) => each);
    assert.match(wide, /^▰{10}▱{10} 5 of 10 items/);
    // What a terminal of 30 columns has room for.
    const narrow = barText(figures, 27, (_style, each) => each);
    assert.equal(narrow, '▰▰▰▰▰▱▱▱▱ 5 of 10 items (5…');
  });
});
