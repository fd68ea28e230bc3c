import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Backstop, overspentMs, whyLost } from '../../src/supervisor/backstop.ts';
import type { Drive } from '../../src/supervisor/drive.ts';
import { WorkerProcess } from '../../src/supervisor/worker-process.ts';
import { until } from './support/processes.ts';

test('a worker that waited long for its run is not taken for one that is silent', async () => {
  const worker = new WorkerProcess({ heapBytes: 32 * 1024 * 1024 });
  try {
    await worker.ready;
    // As one that was kept ready for a minute; a busy machine lets it say nothing at first.
    worker.heardAt = performance.now() - 60_000;
    const killed: string[] = [];
    const drive = {
      worker,
      cordon: 'solo',
      limits: { heapBytes: 32 * 1024 * 1024, cpuMs: 1_000 },
      heard: false,
      looks: 0,
      elapsedMs: 0,
      isDebugged: false,
      isTakingSnapshot: false,
      kill: ({ reason }: { reason: string }) => killed.push(reason),
      pull: ({ reason }: { reason: string }) => killed.push(reason),
    } as unknown as Drive;
    const leave = new Backstop().watch(drive);
    await sleep(300);
    leave();
    assert.deepEqual(killed, []);
    assert.equal(worker.dead, false);
  } finally {
    worker.kill();
    await until('it is gone', () => worker.dead);
  }
});

describe('what a worker has used for its one macro', () => {
  const rest = { cpuMs: 200, firstThreadCpuMs: 150, rssBytes: 0 };
  const granted = { cpuMs: 500, looks: 0, sinceMs: 1_000 };
  const used = (macros: number, own: number) => ({
    cpuMs: rest.cpuMs + macros + own,
    firstThreadCpuMs: rest.firstThreadCpuMs + own,
    rssBytes: 0,
  });

  test("is too much where the macro's threads pass the limit by more than the worker may miss", () => {
    assert.equal(overspentMs(rest, used(690, 50), granted), null);
    assert.equal(overspentMs(rest, used(710, 50), granted), 710);
  });

  test('is not the macro that sleeps for an hour while its worker looks', () => {
    const anHour = { ...granted, sinceMs: 3_600_000 };
    assert.equal(overspentMs(rest, used(40, 36_000), anHour), null);
  });

  test('is not the macro that only asks, and is answered', () => {
    assert.equal(overspentMs(rest, used(400, 1_200), granted), null);
  });

  test('is not the macro that is looked at while it is paused', () => {
    assert.equal(overspentMs(rest, used(1_000, 900), { ...granted, looks: 100 }), null);
  });

  test("is too much where the worker's own thread works for nobody", () => {
    assert.equal(overspentMs(rest, used(0, 3_000), granted), 3_000);
  });
});

describe('a worker that is silent', () => {
  const never = () => assert.fail('this costs, and need not be known');

  test('may come back, at first', () => {
    assert.equal(whyLost(2_900, 2_900, never), null);
    assert.equal(whyLost(14_900, 900, never), null);
  });

  test('and computes has lost its main thread to a macro', () => {
    assert.equal(whyLost(3_100, 1_100, never)?.reason, 'stuck');
  });

  test('and does nothing at all will not come back', () => {
    assert.equal(whyLost(15_100, 300, () => 90)?.reason, 'worker-lost');
  });

  test('and only gets no turn on a busy machine may come back', () => {
    assert.equal(
      whyLost(15_100, 300, () => 14_000),
      null,
    );
    assert.equal(whyLost(29_500, 300, () => 14_000)?.reason, 'worker-lost');
  });
});
