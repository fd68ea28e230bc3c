import assert from 'node:assert/strict';
import { totalmem } from 'node:os';
import { describe, test } from 'node:test';
import { ControlGroups } from '../../../src/supervisor/host/control-groups.ts';
import { KernelFiles } from '../../../src/supervisor/host/kernel-files.ts';
import { readMemory, toBudgetRoom } from '../../../src/supervisor/host/memory.ts';
import {
  type Files,
  groupFiles,
  inGroup2,
  inGroups1,
  machineOf,
  meminfo,
} from '../support/machine.ts';

const MB = 1024 * 1024;

/** `bound total available`, in MB. */
function roomsOf(...parts: readonly Files[]): string[] {
  const { files } = machineOf(Object.assign({}, ...parts));
  return readMemory(files, new ControlGroups(files)).map(
    ({ of, totalBytes, availableBytes }) => `${of} ${totalBytes / MB} ${availableBytes / MB}`,
  );
}

const group1 = (limitMb: number | string, usedMb: number, inactiveMb = 0) => ({
  'memory.limit_in_bytes': typeof limitMb === 'string' ? limitMb : limitMb * MB,
  'memory.usage_in_bytes': usedMb * MB,
  'memory.stat': `cache 5\ninactive_file ${9 * MB}\ntotal_inactive_file ${inactiveMb * MB}`,
});
const group2 = (max: number | string, usedMb: number, inactiveMb = 0) => ({
  'memory.max': typeof max === 'string' ? max : max * MB,
  'memory.high': 'max',
  'memory.current': usedMb * MB,
  'memory.stat': `anon 1\ninactive_file ${inactiveMb * MB}\nslab_reclaimable 0`,
});

describe('memory', () => {
  const machine = meminfo(8000, 6000);

  test('of a machine without groups is what it says is available', () => {
    assert.deepEqual(roomsOf(machine), ['machine 8000 6000']);
  });

  test('of an old kernel is what is free or only cached', () => {
    const old = {
      '/proc/meminfo': 'MemTotal: 1024 kB\nMemFree: 128 kB\nBuffers: 64 kB\nCached: 64 kB\n',
    };
    assert.deepEqual(roomsOf(old), ['machine 1 0.25']);
  });

  test('of groups of version 2 is told of each that has a limit, caches left out', () => {
    const files = {
      ...groupFiles('a/b', group2('max', 900)),
      ...groupFiles('a', group2(1000, 900, 300)),
    };
    assert.deepEqual(roomsOf(machine, inGroup2('/a/b'), files), [
      'machine 8000 6000',
      'cgroup 1000 400',
    ]);
  });

  test('of nested groups is told of all', () => {
    const files = {
      ...groupFiles('a/b', group2(500, 100)),
      ...groupFiles('a', group2(1000, 950)),
    };
    assert.deepEqual(roomsOf(machine, inGroup2('/a/b'), files), [
      'machine 8000 6000',
      'cgroup 500 400',
      'cgroup 1000 50',
    ]);
  });

  test('of a group that is slowed down above a mark ends at that mark', () => {
    const files = groupFiles('a', { ...group2('max', 100), 'memory.high': 400 * MB });
    assert.deepEqual(roomsOf(machine, inGroup2('/a'), files)[1], 'cgroup 400 300');
  });

  test('of groups of version 1 counts what groups below may give back too', () => {
    const files = {
      ...groupFiles('memory/a', group1(600, 500, 200)),
      ...groupFiles('memory', group1('9223372036854771712', 7000)),
    };
    assert.deepEqual(roomsOf(machine, inGroups1({ memory: '/a' }), files), [
      'machine 8000 6000',
      'cgroup 600 300',
    ]);
  });

  test('of a group that holds more than it may is nothing', () => {
    const files = groupFiles('a', group2(100, 130));
    assert.deepEqual(roomsOf(machine, inGroup2('/a'), files)[1], 'cgroup 100 0');
  });

  test('is told of what is well formed, and of nothing else', () => {
    const broken = groupFiles('a', {
      'memory.max': 'lots',
      'memory.current': '-5',
      'memory.stat': 'inactive_file x',
    });
    assert.deepEqual(roomsOf(machine, inGroup2('/a'), broken), ['machine 8000 6000']);
    const zero = groupFiles('a', group2(0, 0));
    assert.deepEqual(roomsOf(machine, inGroup2('/a'), zero), ['machine 8000 6000']);
    assert.deepEqual(roomsOf({ '/proc/meminfo': 'MemTotal: many kB\n' }), []);
    assert.deepEqual(roomsOf({ '/proc/meminfo': 'MemTotal: 0 kB\nMemAvailable: 0 kB\n' }), []);
    assert.deepEqual(roomsOf({}), []);
  });

  test('of a budget is what is not used of it', () => {
    assert.deepEqual(toBudgetRoom(100, 30), { of: 'budget', totalBytes: 100, availableBytes: 70 });
    assert.equal(toBudgetRoom(100, 130).availableBytes, 0);
  });

  test('of this machine is read', { skip: process.platform !== 'linux' && 'no /proc here' }, () => {
    const files = new KernelFiles();
    const [machineRoom] = readMemory(files, new ControlGroups(files));
    assert.equal(machineRoom?.of, 'machine');
    assert.equal(Math.round((machineRoom?.totalBytes ?? 0) / MB), Math.round(totalmem() / MB));
    assert.ok((machineRoom?.availableBytes ?? 0) > 0);
  });
});
