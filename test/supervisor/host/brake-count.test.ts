import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { HOUSE_DEFAULTS } from '../../../src/model/settings.ts';
import { type BrakeCount, countBrake, NO_BRAKE } from '../../../src/supervisor/host/brake-count.ts';

const SETTINGS = HOUSE_DEFAULTS.brake;
const SECOND = 1000;

/** What each check changed, and the count after it. */
function checks(...list: readonly (readonly [second: number, isShort: boolean])[]): string[] {
  let count: BrakeCount = NO_BRAKE;
  return list.map(([second, isShort]) => {
    const { now, change } = countBrake(count, { isShort, at: second * SECOND }, SETTINGS);
    count = now;
    return `${change ?? '-'} ${now.count}`;
  });
}

const short = (from: number, seconds: number) =>
  Array.from({ length: seconds }, (_, at) => [from + at, true] as const);

describe('the brake', () => {
  test('is pulled once a look, however many starts ask', () => {
    assert.deepEqual(
      checks([0, true], [0.1, true], [0.9, true], [1, true], [1.5, true], [2, true]),
      ['braked 1', '- 1', 'braked 2', '- 2', '- 2', 'braked 3'],
    );
  });

  test('lets go at the first check that is not short, and keeps its count', () => {
    assert.deepEqual(checks([0, true], [1, false], [2, false], [3, true]), [
      'braked 1',
      'released 1',
      '- 1',
      'braked 2',
    ]);
  });

  test('recycles the workers at the tenth, and then counts anew', () => {
    const all = checks(...short(0, 11));
    assert.deepEqual(all.slice(7), ['braked 8', 'braked 9', 'recycle 0', 'braked 1']);
  });

  test('counts brakes that are minutes apart only when no safe minute was between them', () => {
    assert.deepEqual(checks([0, true], [50, false], [59, true], [110, false], [118, true]), [
      'braked 1',
      'released 1',
      'braked 2',
      'released 2',
      'braked 3',
    ]);
  });

  test('forgets after sixty safe seconds', () => {
    assert.deepEqual(checks([0, true], [1, true], [30, false], [60, false], [61, false]), [
      'braked 1',
      'braked 2',
      'released 2',
      '- 2',
      'forgotten 0',
    ]);
    // Also where nobody looked in between.
    assert.deepEqual(checks([0, true], [1, false], [90, true]), [
      'braked 1',
      'released 1',
      'braked 1',
    ]);
  });

  test('recycles after ten brakes in a row, whatever comes in between, and never sooner', () => {
    const list = fc.array(fc.tuple(fc.integer({ min: 0, max: 20_000 }), fc.boolean()), {
      maxLength: 80,
    });
    fc.assert(
      fc.property(list, (steps) => {
        let count: BrakeCount = NO_BRAKE;
        let at = 0;
        let brakes = 0;
        for (const [ms, isShort] of steps) {
          at += ms;
          const before = count.count;
          const { now, change } = countBrake(count, { isShort, at }, SETTINGS);
          count = now;
          assert.ok(now.count < SETTINGS.recycleAfter && now.count >= 0);
          assert.equal(now.held, isShort);
          if (change === 'forgotten' || (change === 'braked' && now.count < before)) brakes = 0;
          if (now.countedAt === at && isShort) brakes += 1;
          if (change === 'recycle') {
            assert.ok(brakes >= SETTINGS.recycleAfter);
            brakes = 0;
          }
        }
      }),
    );
  });
});
