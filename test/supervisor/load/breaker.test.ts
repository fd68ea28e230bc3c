import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { BreakerFeedEvent } from '../../../src/model/feed.ts';
import { Breaker, type Trial } from '../../../src/supervisor/load/breaker.ts';
import { Tracked } from '../../../src/supervisor/tracked.ts';

/** A breaker on a clock of the test's own. */
function create(failures = 3, halfOpenAfterMs = 1000) {
  const tracked = new Tracked();
  const told: BreakerFeedEvent[] = [];
  const clock = { now: 5000 };
  const breaker = new Breaker({
    settings: () => ({ failures, halfOpenAfterMs }),
    told: (event) => told.push(event),
    now: () => clock.now,
    tracked,
  });
  /** What a run tells, once that has been counted. */
  const tell = async (say: (trial: Trial) => void) => {
    const trial = breaker.attempt();
    assert.ok(trial, 'it may try');
    say(trial);
    await settle();
  };
  const fail = () => tell((trial) => trial.failed(new Error('no such library')));
  const work = () => tell((trial) => trial.worked());
  return { breaker, told, clock, tell, fail, work };
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('the breaker', () => {
  test('opens after so many failures, and says when it lets one try', async () => {
    const { breaker, told, clock, fail } = create();
    for (let at = 0; at < 3; at++) await fail();
    assert.equal(breaker.attempt(), null);
    assert.equal(breaker.lastFailure, 'no such library');
    assert.deepEqual(told, [{ type: 'breaker', state: 'open', failures: 3, retryAfterMs: 1000 }]);
    clock.now += 400;
    assert.deepEqual(breaker.view, {
      state: 'open',
      failures: 3,
      failuresMax: 3,
      retryAfterMs: 600,
    });
  });

  test('counts down: a success takes a failure away, and what says nothing changes nothing', async () => {
    const { breaker, fail, work, tell } = create();
    for (let round = 0; round < 10; round++) {
      await fail();
      await work();
      await tell((trial) => trial.gaveUp());
    }
    assert.deepEqual([breaker.state, breaker.view.failures], ['closed', 0]);
    await fail();
    await fail();
    await work();
    await fail();
    assert.deepEqual([breaker.state, breaker.view.failures], ['closed', 2]);
    await fail();
    assert.equal(breaker.state, 'open');
  });

  test('half-opens for one run alone, which closes it', async () => {
    const { breaker, told, clock, fail, work } = create();
    for (let at = 0; at < 3; at++) await fail();
    clock.now += 1000;
    const trial = breaker.attempt();
    assert.ok(trial);
    assert.equal(breaker.state, 'half-open');
    assert.equal(breaker.attempt(), null, 'nobody else meanwhile');
    trial.worked();
    await settle();
    assert.deepEqual([breaker.state, breaker.view.failures], ['closed', 2]);
    assert.deepEqual(
      told.map(({ state }) => state),
      ['open', 'half-open', 'closed'],
    );
    // Not forgotten: one more failure and it opens again, until successes have counted it down.
    for (let at = 0; at < 2; at++) await work();
    assert.equal(breaker.view.failures, 0);
  });

  test('opens again when that run fails too, for as long as before', async () => {
    const { breaker, clock, fail } = create();
    for (let at = 0; at < 3; at++) await fail();
    clock.now += 1500;
    await fail();
    assert.equal(breaker.state, 'open');
    assert.equal(breaker.view.retryAfterMs, 1000);
    assert.equal(breaker.attempt(), null);
  });

  test('lets another one try where the first was over before anything could be said', async () => {
    const { breaker, clock, fail, tell, work } = create();
    for (let at = 0; at < 3; at++) await fail();
    clock.now += 1000;
    await tell((trial) => trial.gaveUp());
    assert.equal(breaker.state, 'half-open');
    await work();
    assert.equal(breaker.state, 'closed');
  });

  test('is not moved, once open, by what runs tell that were let in before', async () => {
    const { breaker, clock, fail } = create();
    const late = [breaker.attempt(), breaker.attempt()];
    for (let at = 0; at < 3; at++) await fail();
    late[0]?.worked();
    await settle();
    assert.deepEqual([breaker.state, breaker.view.failures], ['open', 3]);
    clock.now += 1000;
    const trial = breaker.attempt();
    late[1]?.failed(new Error('late'));
    await settle();
    assert.equal(breaker.state, 'half-open');
    trial?.worked();
    await settle();
    assert.equal(breaker.state, 'closed');
  });

  test("does not care what becomes of the machine's own clock", async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: 1e12 });
    const { breaker, clock, fail, work } = create();
    for (let at = 0; at < 3; at++) await fail();
    t.mock.timers.setTime(1e11);
    clock.now += 1000;
    await work();
    assert.equal(breaker.state, 'closed');
  });
});
