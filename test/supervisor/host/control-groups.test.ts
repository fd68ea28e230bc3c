import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ControlGroups } from '../../../src/supervisor/host/control-groups.ts';
import { type Files, groupFiles, inGroup2, inGroups1, machineOf } from '../support/machine.ts';

function foldersOf(controller: string, ...parts: readonly Files[]): readonly string[] {
  const { files } = machineOf(Object.assign({}, ...parts));
  return new ControlGroups(files).of(controller).map(({ version, path }) => `${version} ${path}`);
}

const there = (path: string) => groupFiles(path, { 'cgroup.procs': '' });

describe('the control groups of a process', () => {
  test('of version 2 are its own and all above it, up to the mount', () => {
    assert.deepEqual(foldersOf('memory', inGroup2('/a/b'), there('a/b')), [
      '2 /sys/fs/cgroup/a/b',
      '2 /sys/fs/cgroup/a',
      '2 /sys/fs/cgroup',
    ]);
  });

  test('of version 1 are found controller by controller', () => {
    const groups = inGroups1({ memory: '/m/n', 'cpu,cpuacct': '/c', pids: '/' });
    const files = { ...there('memory/m/n'), ...there('cpu,cpuacct/c'), ...there('pids') };
    assert.deepEqual(foldersOf('memory', groups, files), [
      '1 /sys/fs/cgroup/memory/m/n',
      '1 /sys/fs/cgroup/memory/m',
      '1 /sys/fs/cgroup/memory',
    ]);
    assert.deepEqual(foldersOf('cpuacct', groups, files), [
      '1 /sys/fs/cgroup/cpu,cpuacct/c',
      '1 /sys/fs/cgroup/cpu,cpuacct',
    ]);
    assert.deepEqual(foldersOf('pids', groups, files), ['1 /sys/fs/cgroup/pids']);
    assert.deepEqual(foldersOf('blkio', groups, files), []);
  });

  test('of both versions at once are all told', () => {
    const both = {
      '/proc/self/cgroup': '4:memory:/one\n0::/two\n',
      '/proc/self/mountinfo': [
        '35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory',
        '41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw',
      ].join('\n'),
    };
    assert.deepEqual(foldersOf('memory', both, there('memory/one'), there('unified/two')), [
      '1 /sys/fs/cgroup/memory/one',
      '1 /sys/fs/cgroup/memory',
      '2 /sys/fs/cgroup/unified/two',
      '2 /sys/fs/cgroup/unified',
    ]);
  });

  test('in a container begin where its part of the hierarchy is mounted', () => {
    // The path is the machine's; what is mounted is the container's own group.
    const inside = inGroups1({ memory: '/docker/c1/own' }, '/docker/c1');
    assert.deepEqual(foldersOf('memory', inside, there('memory/own')), [
      '1 /sys/fs/cgroup/memory/own',
      '1 /sys/fs/cgroup/memory',
    ]);
    const elsewhere = inGroups1({ memory: '/docker/c1' }, '/docker/c2');
    assert.deepEqual(foldersOf('memory', elsewhere), ['1 /sys/fs/cgroup/memory']);
  });

  test('whose folder is not to be seen, or would lead out, are those at the mount', () => {
    assert.deepEqual(foldersOf('memory', inGroup2('/gone')), ['2 /sys/fs/cgroup']);
    assert.deepEqual(foldersOf('memory', inGroup2('/../../etc'), { '/etc/x': '' }), [
      '2 /sys/fs/cgroup',
    ]);
  });

  test('are none where the machine tells of none, or tells nonsense', () => {
    assert.deepEqual(foldersOf('memory', {}), []);
    for (const text of ['', '\n\n', 'x', '4:memory', '::::', '4:memory:relative'])
      assert.deepEqual(
        foldersOf('memory', { '/proc/self/cgroup': text, '/proc/self/mountinfo': text }),
        [],
      );
  });

  test('at a mount with a space in its path are found', () => {
    const spaced = {
      '/proc/self/cgroup': '0::/\n',
      '/proc/self/mountinfo': '31 23 0:28 / /my\\040groups rw - cgroup2 cgroup2 rw\n',
      '/my groups/memory.max': '1',
    };
    assert.deepEqual(foldersOf('memory', spaced), ['2 /my groups']);
  });

  test('are bounded in number', () => {
    const deep = `/${'a/'.repeat(100)}b`;
    assert.ok(foldersOf('memory', inGroup2(deep), there(deep)).length <= 32);
  });
});
