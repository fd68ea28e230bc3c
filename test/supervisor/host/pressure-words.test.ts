import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PressureState } from '../../../src/model/pressure.ts';
import { toShortage } from '../../../src/supervisor/host/pressure-words.ts';

const GB = 1024 ** 3;
const memory = (used: number): PressureState => ({
  what: 'memory',
  of: 'cgroup',
  used: used * GB,
  limit: 10 * GB,
  share: used / 10,
  unit: 'bytes',
  thresholds: [{ step: 'shed', above: 0.85 }],
  step: 'shed',
});

test('what holds a start says how short the machine is, or that it was just now', () => {
  assert.equal(
    toShortage(memory(9)),
    'the control group is short of memory (9gb of 10gb in use, 90 %); above 85 % no more is started',
  );
  assert.equal(
    toShortage(memory(1)),
    'the control group was short of memory just now (1gb of 10gb in use, 10 % again); no more is started until that lasts',
  );
});
