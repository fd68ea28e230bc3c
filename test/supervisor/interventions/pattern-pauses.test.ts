import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EndEvent } from '../../../src/model/events.ts';
import { PatternPauses } from '../../../src/supervisor/interventions/pattern-pauses.ts';
import { LiveRun } from '../../../src/supervisor/run.ts';
import { until } from '../support/processes.ts';

/** A run that is paused and resumed at once. */
function running(): LiveRun {
  const live: LiveRun = new LiveRun('run-1', 'macro', {
    stop: () => undefined,
    hold: () => undefined,
    pause: async () => live.move('pause', 0),
    look: async () => null,
    resume: async () => live.move('resume', 0),
  });
  live.move('start', 0);
  live.move('ready', 0);
  return live;
}

describe('a pause by a pattern', () => {
  test('is over after its time', async () => {
    const live = running();
    new PatternPauses(live).pause(30);
    await until('the pause', () => live.state === 'paused');
    await until('its end', () => live.state === 'running');
  });

  test('lasts as long as the longest of several, and for ever where one says so', async () => {
    const live = running();
    const pauses = new PatternPauses(live);
    pauses.pause(200);
    pauses.pause(10);
    await sleep(60);
    assert.equal(live.state, 'paused');
    await until('its end', () => live.state === 'running');
    pauses.pause(10);
    pauses.pause(null);
    pauses.pause(10);
    await sleep(60);
    assert.equal(live.state, 'paused');
  });

  test('begins anew after somebody has resumed the run', async () => {
    const live = running();
    const pauses = new PatternPauses(live);
    pauses.pause(null);
    await live.resume();
    assert.equal(live.state, 'running');
    pauses.pause(20);
    await until('the end of the second', () => live.state === 'running');
  });

  test('of a run that has not begun holds it from beginning, for its time', async () => {
    const live: LiveRun = new LiveRun('run-1', 'macro', {
      stop: () => undefined,
      hold: () => undefined,
      pause: async () => undefined,
      look: async () => null,
      resume: async () => undefined,
    });
    new PatternPauses(live).pause(30);
    const from = performance.now();
    await live.released();
    assert.ok(performance.now() - from >= 25);
  });

  test('of a run that is ending or has ended does nothing', async () => {
    for (const steps of [['stop'], ['stop', 'end']] as const) {
      const live = running();
      for (const step of steps) live.move(step, 0);
      new PatternPauses(live).pause(5);
      await sleep(30);
      assert.equal(live.state, steps.length === 1 ? 'ending' : 'ended');
    }
  });

  test('is forgotten when the run ends meanwhile', async () => {
    const live = running();
    new PatternPauses(live).pause(20);
    await until('the pause', () => live.state === 'paused');
    live.end({ durationMs: 0 } as EndEvent);
    await sleep(50);
    assert.equal(live.state, 'ended');
  });
});
