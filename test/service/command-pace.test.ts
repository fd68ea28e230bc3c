import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import type { Run } from '../../src/corral.ts';
import { CommandPace } from '../../src/service/command-pace.ts';

/** A run that only notes what it is told. */
function fakeRun(): { readonly run: Run; readonly told: string[] } {
  const told: string[] = [];
  const note = (what: string) => async () => told.push(what) > 0;
  return { run: { pause: note('pause'), resume: note('resume') } as unknown as Run, told };
}

describe('the pace of an owner’s commands', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
  afterEach(() => mock.timers.reset());

  test('holds the run that is one too many, until the minute has room again', () => {
    const pace = new CommandPace(2);
    const [one, other] = [fakeRun(), fakeRun()];
    pace.count(one.run, 0);
    pace.count(other.run, 10_000);
    assert.deepEqual([one.told, other.told], [[], []]);
    assert.equal(pace.count(other.run, 20_000), true);
    assert.deepEqual([one.told, other.told], [[], ['pause']]);
    assert.ok(pace.heldUntil(other.run) !== null);
    mock.timers.tick(39_999);
    assert.deepEqual(other.told, ['pause']);
    mock.timers.tick(1);
    assert.deepEqual(other.told, ['pause', 'resume']);
    // The first two have left the minute; the third has not.
    pace.count(one.run, 75_000);
    assert.deepEqual(one.told, []);
    pace.count(one.run, 76_000);
    assert.deepEqual(one.told, ['pause']);
  });

  test('lets go of nothing that is held by somebody else by now', () => {
    const pace = new CommandPace(0);
    const { run, told } = fakeRun();
    pace.count(run, 0);
    pace.forget(run);
    mock.timers.tick(120_000);
    assert.deepEqual(told, ['pause']);
    assert.equal(pace.heldUntil(run), null);
  });
});
