import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  longestDelayMs,
  readMacroCpuMs,
  readProcessUsage,
  readRunDelays,
  readTurns,
} from '../../src/supervisor/process-clock.ts';
import { CHILD_LIFE } from '../support/child-life.ts';

describe("another process's usage", () => {
  test('grows with the CPU it uses and tells its memory', () => {
    const before = readProcessUsage(process.pid);
    assert.ok(before);
    const from = process.cpuUsage();
    const until = 100_000;
    while (process.cpuUsage(from).user + process.cpuUsage(from).system < until);
    const after = readProcessUsage(process.pid);
    assert.ok(after && after.cpuMs > before.cpuMs);
    const rss = process.memoryUsage.rss();
    assert.ok(after.rssBytes > rss / 2 && after.rssBytes < rss * 2);
  });

  test('is told without its first thread too', () => {
    const [all, others] = [readProcessUsage(process.pid)?.cpuMs, readMacroCpuMs(process.pid)];
    const from = process.cpuUsage();
    while (process.cpuUsage(from).user < 100_000);
    const grown = (readProcessUsage(process.pid)?.cpuMs ?? 0) - (all ?? 0);
    const othersGrown = (readMacroCpuMs(process.pid) ?? 0) - (others ?? 0);
    assert.ok(othersGrown < grown / 2, `${othersGrown} of ${grown} ms`);
    assert.equal(readMacroCpuMs(-1), null);
  });

  test('is null once the process is gone', async () => {
    const child = spawn(process.execPath, ['-e', ''], CHILD_LIFE);
    await once(child, 'close');
    assert.equal(readProcessUsage(child.pid ?? -1), null);
    assert.equal(readProcessUsage(-1), null);
  });
});

describe('how long a process waited for a turn', () => {
  const spin = () => spawn(process.execPath, ['-e', 'for (;;);'], CHILD_LIFE);

  test('grows where there are more that compute than cores, and not while it is stopped', async () => {
    const children = Array.from({ length: 2 * availableParallelism() }, spin);
    try {
      await sleep(300);
      const pid = children[0]?.pid ?? -1;
      const delayIn = async (ms: number) => {
        const [from, at] = [readRunDelays(pid), performance.now()];
        await sleep(ms);
        return longestDelayMs(from, readRunDelays(pid)) / (performance.now() - at);
      };
      const crowded = await delayIn(600);
      process.kill(pid, 'SIGSTOP');
      await sleep(100);
      const stopped = await delayIn(300);
      assert.ok(crowded > 0.2 && crowded <= 1.1, `${crowded} of the time`);
      assert.ok(stopped < crowded / 4, `${stopped} of the time while it is stopped`);
    } finally {
      for (const child of children) child.kill('SIGKILL');
      await Promise.all(children.map((child) => once(child, 'close')));
    }
  });

  test('is nothing of a process that is gone', () => {
    assert.equal(readRunDelays(-1).size, 0);
    assert.equal(longestDelayMs(readRunDelays(process.pid), new Map()), 0);
  });
});

test('how often a process got its turn is counted, one by one', () => {
  const before = readTurns(process.pid) ?? 0;
  // A timer may be due before anybody waits for it, on a loaded machine; this thread really stands still each time.
  const cell = new Int32Array(new SharedArrayBuffer(4));
  for (let n = 0; n < 20; n++) Atomics.wait(cell, 0, 0, 2);
  assert.ok((readTurns(process.pid) ?? 0) >= before + 20);
  assert.equal(readTurns(-1), null);
});
