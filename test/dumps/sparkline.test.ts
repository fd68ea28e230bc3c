import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { resample, sparkline, toBusyness } from '../../src/dumps/sparkline.ts';

const points = (...values: number[]) => values.map((value, index) => ({ at: index * 100, value }));

describe('a sparkline', () => {
  test('goes from the lowest to the highest block', () => {
    assert.equal(sparkline(points(0, 2, 4, 6, 8), 8, 40), '▁▃▅▇█');
  });

  test('is empty where there is nothing to draw', () => {
    assert.equal(sparkline([], 8, 40), '');
    assert.equal(sparkline(points(3), 8, 40), '');
    assert.equal(sparkline(points(0, 0), 0, 40), '');
  });

  test('is never wider than asked, whatever the points are', () => {
    const point = fc.record({ at: fc.double({ noNaN: true }), value: fc.double({ noNaN: true }) });
    fc.assert(
      fc.property(fc.array(point, { maxLength: 60 }), fc.double({ noNaN: true }), (list, max) => {
        const line = sparkline(list, max, 20);
        assert.match(line, /^[▁▂▃▄▅▆▇█]{0,20}$/);
      }),
    );
  });
});

describe('spreading points over time', () => {
  test('keeps the highest of each cell', () => {
    assert.deepEqual(resample(points(1, 9, 2, 3), 2, 400), [9, 3]);
  });

  test('draws a straight line between two points, and nothing after the last', () => {
    const sparse = [
      { at: 0, value: 0 },
      { at: 450, value: 40 },
    ];
    assert.deepEqual(resample(sparse, 10, 1000), [0, 10, 20, 30, 40, null, null, null, null, null]);
  });

  test('holds the first value before the first point', () => {
    assert.deepEqual(resample([{ at: 250, value: 7 }], 4, 400), [7, 7, 7, null]);
  });
});

describe('how busy a run was', () => {
  test('is CPU over time, between nothing and one core', () => {
    const samples = [
      { at: 100, cpuMs: 50 },
      { at: 200, cpuMs: 50 },
      { at: 300, cpuMs: 250 },
    ];
    assert.deepEqual(
      toBusyness(samples).map(({ value }) => value),
      [0.5, 0, 1],
    );
  });

  test('leaves out samples that go back in time', () => {
    assert.equal(
      toBusyness([
        { at: 100, cpuMs: 1 },
        { at: 100, cpuMs: 2 },
      ]).length,
      1,
    );
  });
});
