import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GUARD_LEVELS, toGuard } from '../../../src/model/guard.ts';
import { PRESSURE_MEASURES, PRESSURE_STEPS } from '../../../src/model/pressure.ts';
import { toHouse } from '../../../src/model/settings.ts';
import { Ladders } from '../../../src/supervisor/host/ladders.ts';
import { toThresholds } from '../../../src/supervisor/host/thresholds.ts';

const settings = (level: (typeof GUARD_LEVELS)[number] = 'medium', host = {}) => ({
  guard: toGuard(level),
  house: toHouse({ host }),
});

const written = (what: (typeof PRESSURE_MEASURES)[number], from = settings()) =>
  toThresholds(what, from)
    .map(({ step, above }) => `${step} ${Math.round(above * 1000) / 1000}`)
    .join(', ');

describe('thresholds', () => {
  test('of memory go by the guard level, evenly up to the emergency', () => {
    assert.equal(
      written('memory', settings('low')),
      'warn 0.85, shed 0.95, reclaim 0.957, brake 0.963, emergency 0.97',
    );
    assert.equal(
      written('memory'),
      'warn 0.85, shed 0.85, reclaim 0.89, brake 0.93, emergency 0.97',
    );
    assert.equal(
      written('memory', settings('high')),
      'warn 0.7, shed 0.7, reclaim 0.79, brake 0.88, emergency 0.97',
    );
    assert.equal(
      written('memory', settings('maximum')),
      'warn 0.4, shed 0.4, reclaim 0.59, brake 0.78, emergency 0.97',
    );
  });

  test('of processors go by the guard level', () => {
    assert.deepEqual(
      GUARD_LEVELS.map((level) => written('cpu', settings(level))),
      ['warn 0.85, shed 0.95', 'warn 0.85, shed 0.9', 'warn 0.75, shed 0.75', 'warn 0.5, shed 0.5'],
    );
  });

  test('warn where that is set', () => {
    assert.equal(written('handles', settings('medium', { warnAt: 0.5 })), 'warn 0.5');
    assert.match(written('memory', settings('medium', { warnAt: 0.5 })), /^warn 0.5, shed 0.85/);
    assert.match(written('memory', settings('medium', { emergencyAt: 0.9 })), /emergency 0.9$/);
  });

  test('of every measure are in order, mildest first', () => {
    for (const level of GUARD_LEVELS) {
      for (const what of PRESSURE_MEASURES) {
        const all = toThresholds(what, settings(level));
        assert.ok(all.length > 0);
        for (const [at, { step, above }] of all.entries()) {
          const before = all[at - 1];
          if (!before) continue;
          assert.ok(above >= before.above, `${level} ${what}`);
          assert.ok(PRESSURE_STEPS.indexOf(step) > PRESSURE_STEPS.indexOf(before.step));
        }
      }
    }
  });

  test('of all memory are never passed: the guard is off', () => {
    const off = { guard: toGuard('medium', { medium: { host: { memory: 1 } } }), house: toHouse() };
    const shed = toThresholds('memory', off).filter(({ step }) => step !== 'warn');
    assert.deepEqual(new Set(shed.map(({ above }) => above)), new Set([1]));
  });
});

describe('the steps of all measures', () => {
  const reading = (what: (typeof PRESSURE_MEASURES)[number], share: number) =>
    ({ what, of: 'machine', share, used: share, limit: 1, unit: 'share' }) as const;

  test('are each their own, and the strictest is the step of all', () => {
    const ladders = new Ladders(settings);
    ladders.take([reading('memory', 0.9), reading('io-stall', 0.9), reading('threads', 0.1)], 0);
    const steps = ladders.states.map(({ what, step }) => `${what} ${step}`);
    assert.deepEqual(steps, ['memory reclaim', 'io-stall warn', 'threads none']);
    assert.equal(ladders.step, 'reclaim');
    assert.equal(ladders.stateOf('memory')?.thresholds.length, 5);
    assert.equal(ladders.stateOf('cpu'), null);
  });

  test('of processors are climbed only when they are busy for five seconds', () => {
    const ladders = new Ladders(settings);
    const steps = [0, 1, 2, 3, 4, 5].map((second) => {
      ladders.take([reading('cpu', 1)], second * 1000);
      return ladders.step;
    });
    assert.deepEqual(steps, ['none', 'none', 'none', 'none', 'none', 'shed']);
  });

  test('of a measure that is no longer told come down, and it is then left out', () => {
    const ladders = new Ladders(settings);
    ladders.take([reading('memory', 0.99), reading('threads', 0.1)], 0);
    ladders.take([], 1000);
    assert.deepEqual(
      ladders.states.map(({ what, step }) => `${what} ${step}`),
      ['memory emergency'],
    );
    ladders.take([], 4000);
    assert.deepEqual([ladders.states, ladders.step], [[], 'none']);
  });

  test('go by settings that have changed since', () => {
    let level: (typeof GUARD_LEVELS)[number] = 'low';
    const ladders = new Ladders(() => settings(level));
    ladders.takeOne(reading('memory', 0.6), 0);
    assert.equal(ladders.step, 'none');
    level = 'maximum';
    ladders.takeOne(reading('memory', 0.6), 1000);
    assert.equal(ladders.step, 'reclaim');
  });
});
