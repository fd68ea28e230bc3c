import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, describe, test } from 'node:test';
import type { Drive } from '../../src/supervisor/drive.ts';
import { MemoryCeiling } from '../../src/supervisor/memory-ceiling.ts';
import { readResidentBytes } from '../../src/supervisor/process-clock.ts';
import type { WorkerProcess } from '../../src/supervisor/worker-process.ts';
import { CHILD_LIFE } from '../support/child-life.ts';
import { until } from './support/processes.ts';

const MB = 1024 * 1024;
const HOG = `const all = []; process.stdin.once('data', () => setInterval(() => all.push(Buffer.alloc(8 * 2 ** 20, 1)), 1)); process.stdout.write('up');`;
const children: ChildProcess[] = [];
after(() => {
  for (const child of children) child.kill('SIGKILL');
});

/** A process that grows once it is told to, in place of a worker with so many runs in it. */
async function hog(runs: number) {
  const child = spawn(process.execPath, ['-e', HOG], CHILD_LIFE);
  children.push(child);
  await once(child.stdout, 'data');
  const pid = child.pid ?? -1;
  const told: string[] = [];
  const worker = { pid, kill: () => child.kill('SIGKILL') } as unknown as WorkerProcess;
  const drive = () =>
    ({
      limits: { heapBytes: 64 * MB, cpuMs: 1000 },
      kill: ({ reason }: { reason: string }) => told.push(reason),
    }) as unknown as Drive;
  const drives = new Set(Array.from({ length: runs }, drive));
  const held = { worker, drives, restBytes: readResidentBytes(pid) ?? 0, most: 1 };
  return {
    held,
    told,
    grow: () => child.stdin.write('x'),
    isGone: () => child.signalCode !== null,
  };
}

describe('the memory ceiling', () => {
  test('lets a process live that does not grow, and kills it once it does', async () => {
    const { held, told, grow, isGone } = await hog(1);
    let looks = 0;
    const ceiling = new MemoryCeiling(() => {
      looks += 1;
      return isGone() ? [] : [held];
    });
    ceiling.start();
    await until('some looks', () => looks > 20);
    assert.deepEqual([told, isGone()], [[], false]);
    grow();
    await until('it is dead', isGone);
    ceiling.stop();
    assert.equal(told[0], 'heap-limit');
  });

  test('cannot tell whose the memory is where runs share a process: all of them are lost', async () => {
    const { held, told, grow, isGone } = await hog(3);
    const ceiling = new MemoryCeiling(() => (isGone() ? [] : [held]));
    ceiling.start();
    grow();
    await until('it is dead', isGone);
    ceiling.stop();
    assert.deepEqual(told.slice(0, 3), ['worker-lost', 'worker-lost', 'worker-lost']);
  });

  test('looks no more once it was stopped', async () => {
    let looks = 0;
    const ceiling = new MemoryCeiling(() => {
      looks += 1;
      return [];
    });
    ceiling.start();
    await until('a look', () => looks > 0);
    ceiling.stop();
    const before = looks;
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.equal(looks, before);
  });
});
