// When a macro is profiled, and until when: an inspector that only notes what is asked of it.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Inspector } from '../../src/sandbox/inspector.ts';
import { type Noted, Profiling } from '../../src/sandbox/profiling.ts';

/** What a macro with 400 ms of CPU is watched by; `use` says how much it has used. */
function watched() {
  const asked: string[] = [];
  const inspector = {
    session: { dialogue: <Result>(talk: () => Promise<Result>) => talk() },
    hasRoom: async () => true,
    startCpuProfile: async () => void asked.push('start'),
    stopCpuProfile: async () => {
      await turn();
      asked.push('stop');
      return {};
    },
  } as unknown as Inspector;
  const told: Noted[] = [];
  const profiling = new Profiling(inspector, 32 * 1024 * 1024, (noted) => told.push(noted));
  let ms = 0;
  const use = async (now: number) => {
    ms = now;
    profiling.watchCpu(() => ms, { ms, maxMs: 400 });
    await turn();
    await turn();
    return asked.join(' ');
  };
  return { profiling, use, told };
}

describe('the CPU of a macro', () => {
  test('is watched from the last part of its limit on, and told before its end', async () => {
    const { use } = watched();
    assert.equal(await use(200), '');
    assert.equal(await use(245), 'start');
    assert.equal(await use(330), 'start');
    assert.equal(await use(342), 'start stop');
  });

  test('is watched longer where a busy machine let that begin late', async () => {
    const { use } = watched();
    assert.equal(await use(335), 'start');
    assert.equal(await use(345), 'start');
    assert.equal(await use(352), 'start stop');
  });

  test('is told in the last moment, however little was seen of it', async () => {
    const { use } = watched();
    assert.equal(await use(375), 'start');
    assert.equal(await use(385), 'start stop');
  });

  test('is waited for at the end, where it was asked for but not told yet', async () => {
    const { use, profiling, told } = watched();
    await use(245);
    profiling.end();
    assert.deepEqual(told, []);
    assert.deepEqual(await profiling.collect(), { cpu: null, heap: null });
    assert.deepEqual(told, [{ cpu: '{}', heap: null }]);
  });

  test('is watched once only', async () => {
    const { use, profiling } = watched();
    await use(245);
    profiling.end();
    assert.equal(await use(300), 'start stop');
  });
});
