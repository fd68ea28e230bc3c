import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EndReason } from '../../src/model/outcome.ts';
import { type Ending, NO_RUN } from '../../src/supervisor/ending.ts';
import type { Cordon } from '../../src/supervisor/pool.ts';
import { isCrash, Retry } from '../../src/supervisor/retry.ts';
import type { WorkerExit } from '../../src/supervisor/worker-process.ts';

const SETTINGS = { firstMs: 100, longestMs: 1000 };

const ended = (reason: EndReason, worker: Partial<WorkerExit> | null = null): Ending => ({
  ...NO_RUN,
  reason,
  message: reason,
  worker: worker && {
    exitCode: null,
    signal: null,
    stderr: '',
    why: null,
    outOfMemory: null,
    ...worker,
    pid: 1,
  },
});

const isRetried = (ending: Ending, { retryFailed = false, cordon = 'solo' as Cordon } = {}) =>
  new Retry({ retry: 1, retryFailed }, () => SETTINGS).waitMs(ending, cordon) !== null;

describe('Retries: a run is tried again', () => {
  const LOST = ended('worker-lost', { signal: 'SIGKILL' });

  test('where its header asks for that, so often', () => {
    const retry = new Retry({ retry: 2, retryFailed: false }, () => SETTINGS);
    const waits = [];
    for (let wait = retry.waitMs(LOST, 'solo'); wait !== null; wait = retry.waitMs(LOST, 'solo')) {
      waits.push(wait);
      retry.attempt += 1;
    }
    assert.equal(waits.length, 2);
    assert.equal(retry.attemptsMax, 3);
    const never = new Retry({ retry: 0, retryFailed: true }, () => SETTINGS);
    assert.equal(never.waitMs(LOST, 'solo'), null);
  });

  test('after waits that double, each with half of it by chance, up to the longest', () => {
    for (let round = 0; round < 20; round++) {
      const retry = new Retry({ retry: 10, retryFailed: false }, () => SETTINGS);
      for (const full of [100, 200, 400, 800, 1000, 1000]) {
        const wait = retry.waitMs(LOST, 'solo') ?? -1;
        assert.ok(wait >= full / 2 && wait <= full, `${wait} of ${full}`);
      }
    }
  });

  test('when the machinery lost it, or the machine was short', () => {
    assert.equal(isRetried(LOST), true);
    assert.equal(isRetried(ended('worker-lost')), true, 'no worker could be started');
    assert.equal(isRetried(ended('worker-lost', { exitCode: 42 })), true, 'it was recycled');
    assert.equal(isRetried(ended('host-pressure')), true);
  });

  test('not when its process ended by itself and nobody else was in there', () => {
    for (const worker of [{ signal: 'SIGSEGV' }, { signal: 'SIGABRT' }, { exitCode: 1 }] as const) {
      assert.equal(isRetried(ended('worker-lost', worker)), false);
      assert.equal(isRetried(ended('worker-lost', worker), { cordon: 'shared' }), true);
      assert.equal(isCrash(ended('worker-lost', worker)), true, 'but alone the next time');
    }
    const takenOver = { signal: 'SIGKILL', stderr: 'x\nprotocol: bad frame' } as const;
    assert.equal(isRetried(ended('worker-lost', takenOver)), false);
    assert.equal(isCrash(LOST), false);
  });

  test('when it threw, only where its header says so', () => {
    assert.equal(isRetried(ended('failed')), false);
    assert.equal(isRetried(ended('failed'), { retryFailed: true }), true);
  });

  test('never when it was stopped, by a limit or by somebody, or not let in, or has completed', () => {
    const reasons: EndReason[] = [
      'completed',
      'cancelled',
      'refused',
      'cpu-limit',
      'wall-limit',
      'idle-limit',
      'heap-limit',
      'command-limit',
      'output-limit',
      'stuck',
      'emergency',
      'pattern:chat-spam',
    ];
    for (const reason of reasons)
      assert.equal(isRetried(ended(reason), { retryFailed: true }), false, reason);
  });
});
