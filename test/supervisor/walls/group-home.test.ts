import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  findGroupHome,
  type KernelTold,
  sweepGroups,
} from '../../../src/supervisor/walls/group-home.ts';
import { CHILD_LIFE } from '../../support/child-life.ts';
import { descendants, isAlive, until } from '../support/processes.ts';
import { scratchDir } from '../support/scratch.ts';

const dir = scratchDir();
const V1 = '5:cpuset:/\n4:cpu,memory:/docker/7/app\n0::/';
const V2 = '0::/corral.service/main';
const mount = (root: string, point: string, kind: string, options: string) =>
  `31 23 0:28 / / rw - ext4 /dev/vda rw\n35 31 0:32 ${root} ${point} rw,relatime - ${kind} ${kind} ${options}\n`;

/** Why no memory cgroup can be made; '' where one can. */
function why(told: KernelTold | null): string {
  const found = findGroupHome(told);
  return found.home === null ? found.why : '';
}

/** A folder that stands for a cgroup and is none. */
function plainFolder(...path: string[]): string {
  const folder = join(dir, ...path);
  mkdirSync(folder, { recursive: true });
  return folder;
}

describe('where memory cgroups are made', () => {
  test('is nowhere on a system without them, or without that controller', () => {
    assert.equal(why(null), 'this system has no cgroups');
    assert.equal(why({ cgroups: V1, mounts: '' }), 'no memory cgroup is mounted');
    assert.equal(why({ cgroups: '', mounts: '' }), 'no memory cgroup is mounted');
  });

  test('is tried where it is mounted, as much of it as a container sees; what was tried is gone', () => {
    const app = plainFolder('v1', 'app');
    const mounts = mount('/docker/7', join(dir, 'v1'), 'cgroup', 'rw,cpu,memory');
    // It is a plain folder: what a cgroup has is not in it.
    assert.match(why({ cgroups: V1, mounts }), /^ENOENT: no such file or directory$/);
    assert.deepEqual(readdirSync(app), []);
  });

  test('is not in a part of the tree that is another’s', () => {
    const mounts = mount('/docker/70', plainFolder('other'), 'cgroup', 'rw,memory');
    assert.equal(why({ cgroups: V1, mounts }), 'no memory cgroup is mounted');
  });

  test('is not where nothing may be made, and that is said as the system says it', () => {
    const mounts = mount('/docker/7/app', '/proc/self', 'cgroup', 'rw,memory');
    assert.match(why({ cgroups: V1, mounts }), /^E[A-Z]+: [a-z ]+$/);
  });

  test('of version 2 is not where the controller cannot be handed on', () => {
    plainFolder('v2', 'corral.service', 'main');
    const mounts = mount('/', join(dir, 'v2'), 'cgroup2', 'rw');
    assert.match(why({ cgroups: V2, mounts }), /^ENOENT: /);
  });
});

describe('what a supervisor that was killed has left in its groups', {
  skip: spawnSync('bwrap', ['--version'], CHILD_LIFE).status !== 0 && 'no bwrap',
}, () => {
  /** bubblewrap that waits before it starts anything, and its process inside. */
  async function waiting() {
    const args = ['--unshare-pid', '--dev-bind', '/', '/', '--block-fd', '3', 'sleep', '100'];
    const outside = spawn('bwrap', args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
    const { pid = 0 } = outside;
    await until('it has begun', () => descendants(pid).length > 0);
    const [inside = 0] = descendants(pid);
    return { outside, inside };
  }

  test('is ended where it waits for ever, and nothing else is', async () => {
    const [lost, kept] = [await waiting(), await waiting()];
    lost.outside.kill('SIGKILL');
    await once(lost.outside, 'exit');
    const folder = plainFolder('groups');
    // Nobody with that pid began at that time.
    const group = plainFolder('groups', 'corral-1-1-0123456789ab');
    writeFileSync(join(group, 'cgroup.procs'), `${process.pid}\n${lost.inside}\n${kept.inside}\n`);
    assert.equal(sweepGroups(folder), false, 'it stands for a group with somebody in it');
    await until('the lost one is gone', () => !isAlive(lost.inside));
    assert.ok(isAlive(kept.inside));
    kept.outside.kill('SIGKILL');
    await once(kept.outside, 'exit');
    sweepGroups(folder);
    await until('so is the other', () => !isAlive(kept.inside));
  });
});
