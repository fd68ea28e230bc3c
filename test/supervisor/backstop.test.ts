import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Backstop } from '../../src/supervisor/backstop.ts';
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
