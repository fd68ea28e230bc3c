import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { climb, type Footing, GROUND, type Temper } from '../../../src/supervisor/host/ladder.ts';

const RUNGS = [0.8, 0.85, 0.9];
const TEMPER: Temper = { risingMs: 0, margin: 0.03, calmMs: 3000 };

/** The heights after each of these shares, a second apart. */
function heights(shares: readonly (number | null)[], temper = TEMPER, rungs = RUNGS): number[] {
  let footing: Footing = GROUND;
  return shares.map((share, second) => {
    footing = climb(footing, rungs, { share, at: second * 1000 }, temper);
    return footing.height;
  });
}

const shares = fc.array(fc.option(fc.double({ min: 0, max: 1.2, noNaN: true }), { nil: null }), {
  maxLength: 60,
});
const rungs = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 5 });
const highest = (above: readonly number[], share: number | null, margin = 0) =>
  share === null ? 0 : above.findLastIndex((each) => share > each - margin) + 1;

describe('a ladder', () => {
  test('is climbed at once, also several rungs', () => {
    assert.deepEqual(heights([0.5, 0.81, 0.95]), [0, 1, 3]);
    // Above means above: at a rung nobody stands on it.
    assert.deepEqual(heights([0.8]), [0]);
  });

  test('is left only well below the rung, and only when that lasts', () => {
    assert.deepEqual(heights([0.86, 0.84, 0.83, 0.84, 0.83, 0.84]), [2, 2, 2, 2, 2, 2]);
    assert.deepEqual(heights([0.86, 0.81, 0.81, 0.81, 0.81]), [2, 2, 2, 2, 1]);
    // A reading in between begins the calm anew.
    assert.deepEqual(heights([0.86, 0.5, 0.5, 0.84, 0.5, 0.5, 0.5, 0.5]), [2, 2, 2, 2, 2, 2, 2, 0]);
  });

  test('comes down as far as the last reading goes, and what is left has a calm of its own', () => {
    assert.deepEqual(
      heights([0.95, 0.86, 0.86, 0.86, 0.86, 0.7, 0.7, 0.7, 0.7]),
      [3, 3, 3, 3, 2, 2, 2, 2, 0],
    );
  });

  test('that is climbed slowly wants every reading above for so long', () => {
    const slow = { ...TEMPER, risingMs: 2000 };
    assert.deepEqual(heights([0.81, 0.81, 0.81], slow), [0, 0, 1]);
    assert.deepEqual(heights([0.81, 0.7, 0.81, 0.81, 0.81], slow), [0, 0, 0, 0, 1]);
  });

  test('whose reading is lost comes down like a calm one', () => {
    assert.deepEqual(heights([0.86, null, null, null, null]), [2, 2, 2, 2, 0]);
  });

  test('whose rungs become fewer is stood on at most as high', () => {
    const footing = { height: 3, risingSince: null, calmSince: null };
    assert.equal(climb(footing, [0.8], { share: 0.9, at: 0 }, TEMPER).height, 1);
    assert.equal(climb(footing, [], { share: 0.9, at: 0 }, TEMPER).height, 0);
  });

  test('with a rung below the one before it is climbed to the highest that is passed', () => {
    assert.deepEqual(heights([0.5], TEMPER, [0.8, 0.4]), [2]);
  });

  test('always stands at least as high as a quick reading says, and never where none has been', () => {
    fc.assert(
      fc.property(shares, rungs, (list, above) => {
        const all = heights(list, TEMPER, above);
        let most = 0;
        for (const [at, share] of list.entries()) {
          most = Math.max(most, highest(above, share));
          const height = all[at] ?? -1;
          assert.ok(height >= highest(above, share) && height <= most);
        }
      }),
    );
  });

  test('never comes down before three calm seconds', () => {
    fc.assert(
      fc.property(shares, rungs, (list, above) => {
        const all = heights(list, TEMPER, above);
        for (let at = 1; at < all.length; at++) {
          const before = all[at - 1] ?? 0;
          if ((all[at] ?? 0) >= before) continue;
          const calm = list.slice(Math.max(0, at - 3), at + 1);
          assert.equal(calm.length, 4);
          assert.ok(calm.every((share) => highest(above, share, TEMPER.margin) < before));
        }
      }),
    );
  });

  test('comes down to where a share that stays keeps it, and no further', () => {
    fc.assert(
      fc.property(
        shares,
        rungs,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (list, above, last) => {
          const calm = Array.from({ length: 6 * 5 }, () => last);
          const height = heights([...list, ...calm], TEMPER, above).at(-1) ?? -1;
          const kept = highest(above, last, TEMPER.margin);
          assert.ok(
            height >= highest(above, last) && height <= Math.max(kept, highest(above, last)),
          );
        },
      ),
    );
  });
});
