import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { GuardedRun } from '../../../src/supervisor/host/guarded-run.ts';
import { Relief } from '../../../src/supervisor/host/relief.ts';

const MB = 1024 * 1024;

/** Runs that hold so many MB each, and what was done about them. */
function relieve(...heldMb: readonly number[]) {
  const done: string[] = [];
  const runs = new Map<string, GuardedRun>();
  for (const mb of heldMb) {
    let isKillable = true;
    const run: GuardedRun = {
      macro: `m${mb}`,
      heldBytes: mb * MB,
      cpuMs: 0,
      get isKillable() {
        return isKillable;
      },
      kill: (message) => {
        isKillable = false;
        done.push(`${run.macro}: ${message}`);
      },
    };
    runs.set(run.macro, run);
  }
  const relief = new Relief({
    runs: () => runs.values(),
    reclaim: () => done.push('reclaim'),
    emergency: ({ by, why }) => done.push(`emergency by ${by}: ${why}`),
  });
  return { relief, done, end: (name: string) => runs.delete(name) };
}

describe('relief', () => {
  test('collects garbage at once, and then every ten seconds at most', () => {
    const { relief, done } = relieve();
    for (const second of [0, 1, 9, 10, 15, 20]) relief.reclaim(second * 1000);
    assert.equal(done.length, 3);
  });

  test('kills the fattest run, says so, and goes on with the next once that one is gone', () => {
    const { relief, done, end } = relieve(20, 90, 60);
    relief.kill('no memory', 0);
    assert.deepEqual(done, ['m90: no memory, and it held 90mb, the most of 3 runs']);
    relief.kill('no memory', 250);
    assert.equal(done.length, 1, 'it is still on its way out');
    end('m90');
    relief.kill('no memory', 500);
    assert.deepEqual(done[1], 'm60: no memory, and it held 60mb, the most of 2 runs');
  });

  test('waits a second for one that will not go, and no longer', () => {
    const { relief, done } = relieve(20, 90);
    relief.kill('no memory', 0);
    relief.kill('no memory', 900);
    assert.equal(done.length, 1);
    relief.kill('no memory', 1000);
    assert.deepEqual(done[1], 'm20: no memory, and it held 20mb');
  });

  test('pulls the emergency only when runs are left of which none is worth killing', () => {
    const { relief, done, end } = relieve(90, 2, 1);
    relief.kill('no memory', 0);
    end('m90');
    relief.kill('no memory', 1000);
    relief.kill('no memory', 2000);
    assert.equal(done.length, 1);
    relief.kill('no memory', 3000);
    assert.deepEqual(
      done[1],
      'emergency by the host guard: no memory, and no single run holds much',
    );
  });

  test('forgets how hopeless it was once memory is back', () => {
    const { relief, done } = relieve(2);
    for (const second of [0, 1]) relief.kill('no memory', second * 1000);
    relief.rest();
    for (const second of [3, 4]) relief.kill('no memory', second * 1000);
    assert.deepEqual(done, []);
  });

  test('stops nothing where nothing of ours runs', () => {
    const { relief, done } = relieve();
    for (let second = 0; second < 10; second++) relief.kill('no memory', second * 1000);
    assert.deepEqual(done, []);
  });
});
