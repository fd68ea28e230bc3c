import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Sleepers } from '../../../src/supervisor/load/sleepers.ts';

test('who has hardly used CPU since the last look is asleep; who has only just begun is not, and who is gone is nobody', () => {
  const sleepers = new Sleepers();
  const [idle, busy, late] = [{ cpuMs: 5 }, { cpuMs: 5 }, { cpuMs: 0 }];
  sleepers.add(idle);
  sleepers.add(busy);
  assert.equal(sleepers.count(), 0, 'nothing is known yet');
  busy.cpuMs += 500;
  idle.cpuMs += 1;
  sleepers.add(late);
  assert.equal(sleepers.count(), 1);
  assert.equal(sleepers.count(), 3, 'nobody has used anything since');
  sleepers.delete(idle);
  sleepers.delete(late);
  assert.equal(sleepers.count(), 1);
});
