// Holding a macro: in the middle of a loop or asleep; nothing of it runs or is counted until it goes on.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { Run } from '../../src/corral.ts';
import { loneCorral } from './support/lone-corral.ts';

const lone = loneCorral();
after(() => lone.corral.close());

function start(
  source: string,
  options: object = {},
): { run: Run; logs: string[]; said: Promise<void> } {
  const run = lone.corral.start(source, { lint: false, ...options });
  const logs: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  run.on('log', ({ text }) => {
    logs.push(text);
    resolve();
  });
  return { run, logs, said: promise };
}

const HELD_MS = 250;

describe('a busy macro', () => {
  test('stands still while it is held, and completes when it goes on', async () => {
    const source =
      "log('go'); let x = 0; for (let i = 0; i < 2e8; i++) x += i % 7; log('done'); return x";
    const { run, logs, said } = start(source);
    await said;
    await run.pause();
    assert.equal(run.state, 'paused');
    await wait(HELD_MS);
    assert.deepEqual(logs, ['go']);
    await run.resume();
    assert.equal(run.state, 'running');
    const end = await run.result;
    assert.deepEqual([end.reason, logs], ['completed', ['go', 'done']]);
  });

  test('uses no CPU and no wall time while it is held', async () => {
    const source =
      "log('go'); const until = budget().cpuMs - 120; while (budget().cpuMs > until); return 1";
    const limits = { wall: 4_000, cpu: 1_000, burst: 1_000 };
    const { run, said } = start(source, { limits });
    await said;
    await run.pause();
    await wait(4_200);
    await run.resume();
    const end = await run.result;
    assert.equal(end.reason, 'completed', end.message);
    assert.ok(end.durationMs < 4_000, `${end.durationMs} ms`);
  });

  test('can be held again and again', async () => {
    const source = "log('go'); let x = 0; for (let i = 0; i < 2e8; i++) x += i % 7; return x";
    const { run, said } = start(source);
    await said;
    for (let i = 0; i < 3 && run.state === 'running'; i++) {
      await run.pause();
      await run.resume();
    }
    assert.equal((await run.result).reason, 'completed');
  });

  test('can be stopped while it is held', async () => {
    const { run, said } = start("log('go'); for (;;);");
    await said;
    await run.pause();
    assert.equal((await run.stop()).reason, 'cancelled');
  });
});

describe('a sleeping macro', () => {
  test('is not woken while it is held, and goes on afterwards', async () => {
    const { run, logs, said } = start("log('go'); await sleep(50); log('awake'); return 1");
    await said;
    await run.pause();
    await wait(HELD_MS);
    assert.deepEqual(logs, ['go']);
    await run.resume();
    const end = await run.result;
    assert.deepEqual([end.value, logs], [1, ['go', 'awake']]);
  });

  test('gets the answer of a command when it goes on', async () => {
    const { run, logs, said } = start(
      "log('go'); log(await echo.later({ text: 'answer' })); return 1",
    );
    await said;
    await run.pause();
    await wait(HELD_MS);
    assert.deepEqual(logs, ['go']);
    await run.resume();
    await run.result;
    assert.deepEqual(logs, ['go', 'answer']);
  });

  test('does not count as idle', async () => {
    const { run, said } = start("log('go'); await sleep(50); return 1", { limits: { idle: 60 } });
    await said;
    await run.pause();
    await wait(HELD_MS);
    await run.resume();
    assert.equal((await run.result).reason, 'completed');
  });
});
