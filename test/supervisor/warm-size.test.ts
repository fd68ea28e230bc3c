import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HOUSE_DEFAULTS } from '../../src/model/settings.ts';
import { WarmSize } from '../../src/supervisor/warm-size.ts';

const create = (warm = 1, warmMax = 4) =>
  new WarmSize(() => ({ ...HOUSE_DEFAULTS.workers, warm, warmMax }));

/** Asks for a worker again and again, from one moment to another. */
function ask(warm: WarmSize, fromMs: number, toMs: number, everyMs: number): void {
  for (let now = fromMs; now <= toMs; now += everyMs) warm.asked(now);
}

describe('how many workers are kept ready', () => {
  test('is what is set while hardly anybody asks', () => {
    const warm = create();
    ask(warm, 0, 60_000, 5_000);
    assert.equal(warm.size(60_000), 1);
    assert.equal(create(0).size(0), 0);
  });

  test('grows with how often they are asked for, up to the most, and shrinks when it is calm', () => {
    const warm = create();
    ask(warm, 0, 30_000, 200);
    const some = warm.size(30_000);
    ask(warm, 30_000, 90_000, 20);
    assert.ok(some >= 1 && some < 4, `${some}`);
    assert.equal(warm.size(90_000), 4);
    assert.equal(warm.size(200_000), 1);
  });

  test('grows with how long one takes to start', () => {
    const slow = create();
    const fast = create();
    for (let at = 0; at < 20; at++) {
      slow.started(2_000);
      fast.started(50);
    }
    ask(slow, 0, 60_000, 1_000);
    ask(fast, 0, 60_000, 1_000);
    assert.deepEqual([slow.size(60_000) > 1, fast.size(60_000)], [true, 1]);
  });
});
