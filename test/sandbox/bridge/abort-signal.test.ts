// How a macro learns that its run is being cancelled, and what it may still do.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, describe, test } from 'node:test';
import type { RunOptions } from '../../../src/corral.ts';
import { loneCorral } from '../support/lone-corral.ts';

const lone = loneCorral();
after(() => lone.corral.close());

/** Starts a macro, stops it at its first log line, and gives the later lines and the end. */
async function stopped(source: string, options: RunOptions = {}) {
  const run = lone.corral.start(source, { lint: false, ...options });
  const logs: string[] = [];
  const heard = new EventTarget();
  run.on('log', ({ text }) => {
    logs.push(text);
    heard.dispatchEvent(new Event('log'));
  });
  await once(heard, 'log');
  const end = await run.stop('enough');
  return { logs: logs.slice(1), end };
}

describe('signal', () => {
  test('says nothing while the run is wanted', async () => {
    const source = 'signal.throwIfAborted(); return [signal.aborted, signal.reason === undefined]';
    assert.deepEqual(await lone.valueOf(source), [false, true]);
  });

  test('is aborted when the run is stopped, and cuts sleeps short', async () => {
    const { logs, end } = await stopped(`
      log('ready');
      try { await sleep(60_000); } catch (error) { log(error.name, error.message, error.code, signal.aborted, signal.reason === error); }`);
    assert.deepEqual(logs, ['AbortError enough cancelled true true']);
    assert.equal(end.reason, 'cancelled');
  });

  test('tells its listeners once, with the reason, whatever one of them does', async () => {
    const { logs } = await stopped(`
      const removed = () => log('removed');
      signal.addEventListener('abort', () => { throw 1; });
      signal.addEventListener('abort', removed);
      signal.addEventListener('other', () => log('other'));
      signal.addEventListener('abort', (reason) => log('told', reason.message));
      signal.removeEventListener('abort', removed);
      log('ready');
      await sleep(60_000).catch(() => {});`);
    assert.deepEqual(logs, ['told enough']);
  });

  test('throws when asked to', async () => {
    const { logs } = await stopped(`
      log('ready');
      await sleep(60_000).catch(() => {});
      try { signal.throwIfAborted(); } catch (error) { log(error.message); }`);
    assert.deepEqual(logs, ['enough']);
  });

  test('leaves time to give a last command', async () => {
    lone.seen.length = 0;
    await stopped(
      `log('ready'); await sleep(60_000).catch(() => {}); await echo.later({ text: 'bye' });`,
    );
    assert.deepEqual(lone.seen, ['bye']);
  });

  test('does not save a macro that goes on', async () => {
    const { end } = await stopped(`log('ready'); await sleep(60_000).catch(() => {}); for (;;);`);
    assert.equal(end.reason, 'cancelled');
  });

  test('ends every `every`', async () => {
    const { end } = await stopped(`every(10, () => log('beat'));`);
    assert.equal(end.reason, 'cancelled');
  });

  test('takes a hundred listeners and no more', async () => {
    const { logs } = await stopped(`let told = 0;
      for (let i = 0; i < 200; i++) signal.addEventListener('abort', () => told++);
      log('ready');
      await sleep(60_000).catch(() => {}); log(told)`);
    assert.deepEqual(logs, ['100']);
  });

  test('cannot be changed by the macro', async () => {
    const source = `'use strict'; try { signal.aborted = true; } catch (error) { return [error.name, signal.aborted, Object.isFrozen(signal)]; }`;
    assert.deepEqual(await lone.valueOf(source), ['TypeError', false, true]);
  });
});
