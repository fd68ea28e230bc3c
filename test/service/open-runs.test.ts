import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import type { Run } from '../../src/corral.ts';
import { OpenRuns } from '../../src/service/open-runs.ts';

/** A run that is only in states. */
class StatesOnly extends EventEmitter {
  state = 'queued';

  move(state: string): void {
    this.state = state;
    this.emit('state', { type: 'state', state });
  }
}

test('runs are counted by owner, and those that wait to begin apart', () => {
  const runs = new OpenRuns();
  const [one, two, other] = [new StatesOnly(), new StatesOnly(), new StatesOnly()];
  const add = (owner: string, run: StatesOnly) => runs.add(owner, run as unknown as Run);
  const leave = [add('ann', one), add('ann', two), add('bob', other)];
  assert.deepEqual([runs.of('ann'), runs.of('bob'), runs.of('cy')], [2, 1, 0]);
  assert.deepEqual(runs.waiting('ann'), { all: 3, own: 2 });
  one.move('starting');
  one.move('running');
  assert.deepEqual(runs.waiting('ann'), { all: 2, own: 1 });
  one.move('queued');
  assert.deepEqual(runs.waiting('ann'), { all: 3, own: 2 }, 'one that tries again');
  for (const each of leave) each();
  assert.deepEqual([runs.of('ann'), runs.waiting('ann')], [0, { all: 0, own: 0 }]);
});
