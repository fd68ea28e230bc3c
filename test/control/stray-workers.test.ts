import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { isStill, readProcess } from '../../src/control/process-table.ts';
import { endStrayWorker, listStrayWorkers } from '../../src/control/stray-workers.ts';
import { createCorral } from '../../src/corral.ts';
import { CHILD_LIFE } from '../support/child-life.ts';

const MAKER = join(import.meta.dirname, 'support/orphan-maker.ts');
const NOT_LINUX = process.platform !== 'linux' && 'only Linux tells of processes as this needs it';
/** The number of prctl, by which a process is made to inherit orphans; what inherits them otherwise may be unreadable. */
const PRCTL = ({ x64: 157, arm64: 167 } as Record<string, number>)[process.arch];
const NO_HEIR =
  NOT_LINUX ||
  (PRCTL === undefined && `prctl has an unknown number on ${process.arch}`) ||
  (spawnSync('perl', ['-v'], CHILD_LIFE).status !== 0 && 'perl is not installed here');
/** Inherits orphans, has one made, and waits until its stdin ends. */
const HEIR = `syscall(${PRCTL}, 36, 1, 0, 0, 0) == 0 or die; system(@ARGV); <STDIN>;`;

/** A worker, and the process above it, both gone in the end whatever becomes of the test. */
async function worker(
  above: 'heir' | 'corral',
  kind: 'bare' | 'wrapped' = 'bare',
): Promise<{ readonly pid: number } & AsyncDisposable> {
  const [command, args] =
    above === 'heir'
      ? ['perl', ['-e', HEIR, process.execPath, MAKER, kind]]
      : [process.execPath, [MAKER, kind, 'stay']];
  const parent: ChildProcess = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    ...CHILD_LIFE,
  });
  const exited = once(parent, 'exit');
  const [line] = await Promise.race([once(parent.stdout ?? parent, 'data'), exited]);
  const facts = readProcess(Number(String(line)));
  assert.ok(facts, `there is one: ${line}`);
  if (above === 'heir') await until(() => readProcess(facts.pid)?.parentPid === parent.pid);
  return {
    pid: facts.pid,
    async [Symbol.asyncDispose]() {
      if (isStill(facts)) process.kill(-facts.pid, 'SIGKILL');
      parent.stdin?.end();
      await exited;
    },
  };
}

async function until(isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!isSo()) {
    assert.ok(performance.now() < deadline, 'it never came to that');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const pidsOf = (ageMs: number) => listStrayWorkers(ageMs).map(({ pid }) => pid);

describe('a worker whose Corral is gone', { skip: NO_HEIR }, () => {
  test('is found and ended, once it is old enough to have noticed by itself', async () => {
    await using left = await worker('heir');
    assert.equal(pidsOf(3_600_000).includes(left.pid), false, 'it may be about to notice');
    const found = listStrayWorkers(0).find(({ pid }) => pid === left.pid);
    assert.ok(found, 'it is found');
    assert.ok(found.residentBytes > 2 ** 20);
    // One that is meant by this pid and started at another time is gone; this one is nobody's to kill.
    const other = { ...found, startedAtTick: found.startedAtTick - 1 };
    assert.equal(await endStrayWorker(other), true);
    assert.ok(isStill(found));
    assert.equal(await endStrayWorker(found), true);
    assert.equal(isStill(found), false);
  });
});

describe('what was to start a worker, and whose Corral is gone', {
  skip: NO_HEIR || (spawnSync('bwrap', ['--version'], CHILD_LIFE).status !== 0 && 'no bwrap'),
}, () => {
  test('is found and ended with what it has begun', async () => {
    await using left = await worker('heir', 'wrapped');
    const begun = childOf(left.pid);
    const found = listStrayWorkers(0).filter(({ pid }) => [left.pid, begun].includes(pid));
    assert.deepEqual(found.map(({ pid }) => pid).sort(), [left.pid, begun].sort());
    for (const each of found) assert.equal(await endStrayWorker(each), true);
  });

  test('is found by what it has begun, wherever that went when it died', async () => {
    await using left = await worker('corral', 'wrapped');
    const begun = childOf(left.pid);
    process.kill(left.pid, 'SIGKILL');
    await until(() => readProcess(begun)?.parentPid !== left.pid);
    const found = listStrayWorkers(0).find(({ pid }) => pid === begun);
    assert.ok(found, 'it is found');
    assert.equal(await endStrayWorker(found), true);
  });

  test('is left alone while its Corral is there', async () => {
    await using kept = await worker('corral', 'wrapped');
    const begun = childOf(kept.pid);
    assert.deepEqual(
      pidsOf(0).filter((pid) => [kept.pid, begun].includes(pid)),
      [],
    );
  });
});

function childOf(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  assert.equal(children.length, 1);
  return Number(children[0]);
}

describe('never taken for one', { skip: NOT_LINUX }, () => {
  test('is a worker of a Corral that runs, within walls or without', async () => {
    await using corral = createCorral({ dump: 'never', workers: { max: 1, warm: 0 } });
    const run = corral.start('await sleep(200_000)');
    const running = Promise.withResolvers<void>();
    run.on('state', ({ state }) => {
      if (state === 'running') running.resolve();
    });
    await running.promise;
    await using bare = await worker('corral');
    const own = [...corral.workerPids, bare.pid];
    assert.ok(own.length > 1);
    assert.deepEqual(
      pidsOf(0).filter((pid) => own.includes(pid)),
      [],
    );
  });
});
