import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { Drive } from '../../../src/supervisor/drive.ts';
import { RunRecord } from '../../../src/supervisor/record.ts';
import { LiveRun } from '../../../src/supervisor/run.ts';
import { readGroupHome, sweepGroups } from '../../../src/supervisor/walls/group-home.ts';
import { MemoryGroup } from '../../../src/supervisor/walls/memory-group.ts';
import { WorkerProcess } from '../../../src/supervisor/worker-process.ts';
import { withWorkersFrom, writeImpostor } from '../support/impostor.ts';
import { lone } from '../support/lone.ts';
import { planned } from '../support/plans.ts';
import { isAlive, until } from '../support/processes.ts';
import { scratchDir } from '../support/scratch.ts';

const MB = 1024 * 1024;
const { home, ...told } = readGroupHome();
const skip = home === null && `no memory cgroup can be made here: ${'why' in told && told.why}`;
const dir = scratchDir();
const created: WorkerProcess[] = [];
after(() => {
  for (const worker of created) worker.kill();
});

/** Takes memory as fast as it can, once it is told anything. */
const HOG = `ready(); listen();
onOrder = () => { const all = []; for (;;) all.push(Buffer.alloc(4 * 2 ** 20, 1)); };`;

async function start(): Promise<WorkerProcess> {
  const worker = new WorkerProcess({ heapBytes: 64 * MB });
  created.push(worker);
  await worker.ready;
  return worker;
}

const startHog = () => withWorkersFrom(writeImpostor(dir, HOG), start);

/** The folder of the memory cgroup that a process is in. */
function groupOf(pid: number): string {
  const pattern = home?.version === 2 ? /^0::(.*)$/m : /^\d+:(?:.*,)?memory(?:,.*)?:(.*)$/m;
  const path = pattern.exec(readFileSync(`/proc/${pid}/cgroup`, 'utf8'))?.[1] ?? '';
  const folder = join(home?.folder ?? '', basename(path));
  return existsSync(folder) ? folder : (home?.folder ?? '');
}

/** Drives a run in a worker that nobody else looks at. */
function driveIn(worker: WorkerProcess) {
  const { setting, plan } = planned('return 1', { limits: { heap: 32 * MB } });
  const live = new LiveRun('run-1', 'macro', {
    stop() {},
    hold() {},
    look: async () => null,
    pause: async () => undefined,
    resume: async () => undefined,
  });
  live.move('start', 0);
  live.move('ready', 0);
  const record = new RunRecord();
  return new Drive({ setting, record, live, worker, cordon: 'solo' }).run(plan);
}

describe('the memory cgroup of a worker', { skip }, () => {
  test('holds that worker, below the one that Corral is in, and goes with it', async () => {
    const worker = await start();
    const group = groupOf(worker.pid);
    assert.notEqual(group, home?.folder);
    assert.equal(dirname(group), home?.folder);
    assert.notEqual(groupOf((await start()).pid), group, 'each has its own');
    worker.kill();
    assert.equal((await worker.exited).outOfMemory, null, 'killed, but not for its memory');
    assert.ok(!existsSync(group));
  });

  test('is what a worker dies of that grows while nobody looks, and that is told', async () => {
    const worker = await startHog();
    const group = groupOf(worker.pid);
    worker.limitMemory(worker.restUsage.rssBytes + 64 * MB);
    worker.send({ type: 'pause', run: 'none' });
    const { outOfMemory, signal } = await worker.exited;
    assert.equal(signal, 'SIGKILL');
    assert.equal(outOfMemory?.of, 'worker');
    const limit = worker.restUsage.rssBytes + 128 * MB;
    assert.ok(outOfMemory.peakBytes <= limit, `${outOfMemory.peakBytes / MB} MB`);
    assert.ok(!existsSync(group));
  });

  test('ends the run in it as heap-limit', async () => {
    const worker = await startHog();
    worker.limitMemory(worker.restUsage.rssBytes + 64 * MB);
    const end = await driveIn(worker);
    assert.equal(end?.reason, 'heap-limit', end?.message);
    assert.ok((end?.limit?.measured ?? 0) >= 32 * MB);
  });

  test('has its limit set in steps: raised at once, lowered only by much', () => {
    const group = MemoryGroup.make();
    assert.ok(group);
    const set = (mb: number | null) => (group.limit(mb === null ? null : mb * MB) ?? 0) / MB;
    const wanted = [100, 101, 130, 100, 65, 400, 300, 200, 100];
    assert.deepEqual(wanted.map(set), [128, 128, 192, 192, 192, 448, 320, 320, 128]);
    assert.equal(set(null), 0, 'none any more');
    return group.remove();
  });

  test('of a supervisor that was killed is swept by the next one; that of one that lives is not', async () => {
    const living = groupOf((await start()).pid);
    const { pids, kill } = await lone(dir, `log('up'); await sleep(60_000)`);
    assert.ok(pids.length > 1);
    // One that only just starts may not be in its group yet.
    await until('all to be in groups', () => pids.every((pid) => groupOf(pid) !== home?.folder));
    const groups = pids.map(groupOf);
    await kill();
    await until('the workers died', () => !pids.some(isAlive));
    // Others may have died beside it.
    await until('all were swept', () => sweepGroups() || !groups.some((each) => existsSync(each)));
    assert.deepEqual(
      groups.filter((group) => existsSync(group)),
      [],
    );
    assert.ok(existsSync(living));
  });
});
