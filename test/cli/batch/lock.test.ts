import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { isLockStale, lockPath, takeLock } from '../../../src/cli/batch/lock.ts';
import { CHILD_LIFE } from '../../support/child-life.ts';
import { tempDir } from '../../support/temp.ts';

const temp = tempDir();
after(() => temp[Symbol.dispose]());
let files = 0;
const fresh = () => join(temp.path, `batch-${++files}`);

/** The pid of a process that is gone. */
function gonePid(): number {
  return spawnSync(process.execPath, ['-e', ''], CHILD_LIFE).pid;
}

describe('the lock of a batch', () => {
  test('is one at a time, and free again once it is given back', () => {
    const path = fresh();
    {
      using _lock = takeLock(path);
      assert.throws(
        () => takeLock(path),
        new RegExp(`another Corral \\(process ${process.pid}\\)`),
      );
      assert.equal(isLockStale(lockPath(path)), false);
    }
    assert.equal(existsSync(lockPath(path)), false);
    takeLock(path)[Symbol.dispose]();
  });

  test('of a process that is gone is taken over', () => {
    const path = fresh();
    writeFileSync(lockPath(path), JSON.stringify({ pid: gonePid(), startedAtTick: 1 }));
    assert.equal(isLockStale(lockPath(path)), true);
    using _lock = takeLock(path);
    assert.equal(isLockStale(lockPath(path)), false);
  });

  test('is void where its pid is another process by now', {
    skip: process.platform !== 'linux' && 'only Linux tells when a process started',
  }, () => {
    const path = fresh();
    writeFileSync(lockPath(path), JSON.stringify({ pid: process.pid, startedAtTick: 1 }));
    assert.equal(isLockStale(lockPath(path)), true);
    takeLock(path)[Symbol.dispose]();
  });

  test('that says nothing yet is being written; after a while it is void', () => {
    const path = fresh();
    writeFileSync(lockPath(path), '');
    assert.throws(() => takeLock(path), /being run by another Corral;/);
    utimesSync(lockPath(path), new Date(0), new Date(0));
    takeLock(path)[Symbol.dispose]();
  });
});
