import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Drive } from '../../src/supervisor/drive.ts';
import { readResidentBytes } from '../../src/supervisor/process-clock.ts';
import { RunRecord } from '../../src/supervisor/record.ts';
import { LiveRun } from '../../src/supervisor/run.ts';
import { WorkerProcess } from '../../src/supervisor/worker-process.ts';
import { planned } from './support/plans.ts';
import { until } from './support/processes.ts';

const MB = 1024 * 1024;
const created: WorkerProcess[] = [];
after(() => {
  for (const worker of created) worker.kill();
});

async function createWorker(compiles = true): Promise<WorkerProcess> {
  const worker = new WorkerProcess({ heapBytes: 64 * MB, compiles });
  created.push(worker);
  await worker.ready;
  return worker;
}

/** Starts a macro in a worker; `logs` grows as it logs. */
function startIn(worker: WorkerProcess, runId: string, source: string) {
  const { setting, plan } = planned(source, { runId });
  const control = {
    stop() {},
    pause: async () => {},
    hold: async () => {},
    look: async () => null,
    resume: async () => {},
  };
  const live = new LiveRun(runId, 'macro', control);
  const logs: string[] = [];
  live.on('log', ({ text }) => logs.push(text));
  live.move('start', 0);
  live.move('ready', 0);
  const drive = new Drive({ setting, record: new RunRecord(), live, worker, cordon: 'shared' });
  return { drive, logs, over: drive.run(plan) };
}

describe('a worker that is told to recycle', () => {
  test('ends with exit code 42 when it holds no run', async () => {
    const worker = await createWorker();
    worker.send({ type: 'recycle' });
    const { exitCode, signal, why } = await worker.exited;
    assert.deepEqual([exitCode, signal, why], [42, null, null]);
  });

  test('lets the runs it holds come to their end first', async () => {
    const worker = await createWorker();
    const { drive, logs, over } = startIn(worker, 'r', 'log("up"); await sleep(300); return 5');
    await until('its start', () => logs.length > 0);
    worker.send({ type: 'recycle' });
    assert.equal((await over)?.value, 5);
    await drive.cleared();
    assert.equal((await worker.exited).exitCode, 42);
  });
});

describe('a worker that is told to reclaim', {
  skip: process.platform !== 'linux' && 'nothing tells its memory here',
}, () => {
  const LITTER = 'let some = []; for (let i = 0; i < 150_000; i++) some.push({ i }); some = null;';

  test('gives back what sleeping macros no longer use, and they go on', async () => {
    const worker = await createWorker();
    const source = `${LITTER} log("full"); await sleep(4000); log("awake"); return 1`;
    const runs = Array.from({ length: 6 }, (_, at) => startIn(worker, `r${at}`, source));
    await until('their sleep', () => runs.every(({ logs }) => logs.length > 0));
    const before = readResidentBytes(worker.pid) ?? 0;
    worker.send({ type: 'reclaim' });
    await until(
      'it to give memory back',
      () => (readResidentBytes(worker.pid) ?? 0) < before - 30 * MB,
    );
    for (const { over } of runs) assert.equal((await over)?.value, 1);
  });

  test('takes the next run as ever, also where there is no compiler', async () => {
    for (const compiles of [true, false]) {
      const worker = await createWorker(compiles);
      worker.send({ type: 'reclaim' });
      const { over } = startIn(worker, 'r', 'return 2');
      assert.equal((await over)?.value, 2);
    }
  });
});
