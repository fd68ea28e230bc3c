import assert from 'node:assert/strict';
import { beforeEach, describe, mock, test } from 'node:test';
import { PausableTimer } from '../../src/model/pausable-timer.ts';

/** Moves the timers and the clock that the wall clock reads. */
let now = 0;
function pass(ms: number): void {
  now += ms;
  mock.timers.tick(ms);
}

describe('a timer that can be paused', () => {
  beforeEach((context) => {
    now = 0;
    mock.timers.enable({ apis: ['setTimeout'] });
    const reading = mock.method(performance, 'now', () => now);
    if ('after' in context)
      context.after(() => {
        mock.timers.reset();
        reading.mock.restore();
      });
  });

  test('rings once, when the limit is passed', () => {
    const rung: number[] = [];
    const clock = new PausableTimer(100, (measured) => rung.push(measured));
    clock.start();
    pass(99);
    assert.deepEqual(rung, []);
    pass(1);
    pass(1000);
    assert.deepEqual(rung, [100]);
  });

  test('never rings before the limit, although a timer may fire a fraction of a ms early', () => {
    const rung: number[] = [];
    const clock = new PausableTimer(100, (measured) => rung.push(measured));
    clock.start();
    now = 99.6;
    mock.timers.tick(100);
    assert.deepEqual(rung, []);
    pass(1);
    assert.deepEqual(rung, [100.6]);
  });

  test('paused time does not count', () => {
    const rung: number[] = [];
    const clock = new PausableTimer(100, (measured) => rung.push(measured));
    clock.start();
    pass(60);
    clock.stop();
    pass(10_000);
    assert.equal(clock.elapsedMs, 60);
    assert.deepEqual(rung, []);
    clock.start();
    pass(39);
    assert.deepEqual(rung, []);
    pass(1);
    assert.deepEqual(rung, [100]);
  });

  test('only measures where it has no limit', () => {
    const clock = new PausableTimer(Number.POSITIVE_INFINITY, () => assert.fail('it rang'));
    clock.start();
    pass(2 ** 31);
    assert.equal(clock.elapsedMs, 2 ** 31);
  });

  test('starting or stopping twice changes nothing', () => {
    const clock = new PausableTimer(100, () => undefined);
    clock.start();
    pass(10);
    clock.start();
    pass(10);
    clock.stop();
    clock.stop();
    assert.equal(clock.elapsedMs, 20);
  });

  test('never rings once it was stopped for good', () => {
    let rung = 0;
    const clock = new PausableTimer(100, () => {
      rung += 1;
    });
    clock.start();
    pass(50);
    clock.stop();
    pass(500);
    assert.equal(rung, 0);
  });
});
