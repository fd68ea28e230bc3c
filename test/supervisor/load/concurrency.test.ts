import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { HOUSE_DEFAULTS } from '../../../src/model/settings.ts';
import { Concurrency, type Signs } from '../../../src/supervisor/load/concurrency.ts';

const create = (active = 100, adaptive = true) =>
  new Concurrency(() => ({ ...HOUSE_DEFAULTS.load, active, adaptive }));
const calm = (active: number): Signs => ({
  active,
  asleep: 0,
  held: null,
  loopDelayMs: 0,
  latency: null,
});
const short = (active: number): Signs => ({ ...calm(active), held: 'memory is short' });

describe('what may be active', () => {
  test('is as much as is set while nothing is short', () => {
    const concurrency = create();
    for (let at = 0; at < 10; at++) assert.equal(concurrency.look(calm(100)), null);
    assert.equal(concurrency.max, 100);
    assert.equal(concurrency.isFull, true);
  });

  test('shrinks by a share of what is active, says why, and grows back step by step', () => {
    const concurrency = create();
    assert.equal(concurrency.look(short(100)), 'memory is short');
    assert.equal(concurrency.max, 70);
    concurrency.look(short(70));
    assert.equal(concurrency.max, 49);
    const back: number[] = [];
    while (!concurrency.isFull) {
      assert.equal(concurrency.look(calm(49)), null);
      back.push(concurrency.max);
    }
    assert.deepEqual(back, [54, 59, 64, 69, 74, 79, 84, 89, 94, 99, 100]);
  });

  test('bites at once where only a few are active', () => {
    const concurrency = create();
    concurrency.look(short(10));
    assert.equal(concurrency.max, 7);
  });

  test("counts those that work: who is asleep takes nobody's place", () => {
    const concurrency = create();
    concurrency.look({ ...short(60), asleep: 50 });
    assert.equal(concurrency.max, 57, '50 asleep, and 7 of the 10 that work');
    concurrency.look({ ...short(57), asleep: 56 });
    assert.equal(concurrency.max, 57);
    concurrency.look({ ...short(1), asleep: 0 });
    assert.equal(concurrency.max, 1);
  });

  for (const [what, signs, isPressure] of [
    [
      'starts that take long, and far longer than usual',
      { latency: { medianMs: 300, usualMs: 5 } },
      true,
    ],
    [
      'starts that take long, as they always do',
      { latency: { medianMs: 400, usualMs: 200 } },
      false,
    ],
    [
      'starts far longer than usual, and still fast',
      { latency: { medianMs: 40, usualMs: 1 } },
      false,
    ],
    ['an event loop that is late', { loopDelayMs: 250 }, true],
    ['an event loop that is a little late', { loopDelayMs: 30 }, false],
  ] as const)
    test(`${isPressure ? 'shrinks' : 'does not shrink'} for ${what}`, () => {
      const concurrency = create();
      const why = concurrency.look({ ...calm(100), ...signs });
      assert.equal(why !== null, isPressure);
      assert.equal(concurrency.max, isPressure ? 70 : 100);
    });

  test('stays as it is set where it is not to adapt', () => {
    const concurrency = create(100, false);
    assert.equal(concurrency.look(short(100)), null);
    assert.equal(concurrency.max, 100);
  });

  test('is never below one nor above what is set, whatever is seen, and comes back within 25 calm looks', () => {
    const sign = fc.record({
      active: fc.integer({ min: 100, max: 200 }),
      asleep: fc.nat(100),
      held: fc.constantFrom(null, 'short'),
      loopDelayMs: fc.nat(1000),
      latency: fc.constantFrom(null, { medianMs: 500, usualMs: 1 }),
    });
    fc.assert(
      fc.property(
        fc.array(sign, { maxLength: 60 }),
        fc.integer({ min: 1, max: 150 }),
        (all, limit) => {
          const concurrency = create(limit);
          for (const signs of all) {
            concurrency.look(signs);
            assert.ok(concurrency.max >= 1 && concurrency.max <= limit, `${concurrency.max}`);
          }
          for (let at = 0; at < 25; at++) concurrency.look(calm(limit));
          assert.equal(concurrency.max, limit);
        },
      ),
    );
  });
});
