// The emergency brake inside a real memory cgroup: real processes, and a limit that the kernel would enforce.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { CHILD_LIFE } from '../../support/child-life.ts';
import { makeMemoryGroup } from '../support/memory-group.ts';
import { scratchDir } from '../support/scratch.ts';

const LIMIT_MB = 800;
const CHILD = new URL('../support/grouped-supervisor.ts', import.meta.url).pathname;
const dumpDir = scratchDir();

test('a memory cgroup that fills up pulls the brake, and recycling empties it', async (t) => {
  const group = makeMemoryGroup(LIMIT_MB * 1024 * 1024);
  if (typeof group === 'string') {
    t.skip(group);
    return;
  }
  await using _group = group;
  const { stdout, stderr, signal } = spawnSync(
    '/bin/sh',
    ['-c', 'echo $$ > "$0" && exec "$@"', group.procs, process.execPath, CHILD, dumpDir],
    { encoding: 'utf8', ...CHILD_LIFE },
  );
  assert.equal(signal, null, 'the kernel killed nobody');
  assert.equal(stderr, '');
  const told = JSON.parse(stdout);
  assert.deepEqual(told.bounds, [`cgroup ${LIMIT_MB}`]);
  assert.equal(told.neededMb, LIMIT_MB / 10);
  // Which of its reasons to wait is told first is a matter of moments.
  assert.match(
    told.warnings.join('\n'),
    /^it waits: the emergency brake holds every start: .* of 800mb of the control group's memory is available, and 80mb must be$/m,
  );
  assert.deepEqual(told.counts.slice(0, 10), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  assert.equal(told.leak, 'worker-lost');
  assert.equal(told.value, 2, told.message);
});
