import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { RunClock } from '../../src/sandbox/run-clock.ts';

test('the clock of a run stands still while the run is paused, and then goes on from there', async () => {
  const clock = new RunClock();
  const before = clock.now;
  clock.standStill(true);
  const still = clock.now;
  assert.ok(still >= before);
  await wait(30);
  clock.standStill(true);
  assert.equal(clock.now, still);
  await wait(30);
  clock.standStill(false);
  clock.standStill(false);
  assert.ok(clock.now - still < 55, `${clock.now - still} ms`);
  await wait(30);
  assert.ok(clock.now - still >= 25, `${clock.now - still} ms`);
});
