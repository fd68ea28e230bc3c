import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { readMacroCpuMs, readProcessUsage } from '../../src/supervisor/process-clock.ts';
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
