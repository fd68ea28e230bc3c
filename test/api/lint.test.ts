import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sharedServer } from '../support/server.ts';

/** So many functions that call each other. */
const functions = (count: number): string =>
  Array.from(
    { length: count },
    (_, n) => `function f${n}(x) { return f${(n + 1) % count}(x); }`,
  ).join('\n');

describe('lint over HTTP', () => {
  const server = sharedServer();

  test('takes no text that would keep the server silent for long', async () => {
    const { status, body } = await server.ask('/api/lint', { body: { source: functions(20_000) } });
    assert.deepEqual([status, body.code], [413, 'too-large']);
    assert.match(body.detail, /256 kB.*corral lint/);
  });

  test('of many at once lets others be answered in between', async () => {
    const source = functions(5_000);
    let done = 0;
    const lints = Array.from({ length: 8 }, async () => {
      const { status } = await server.ask('/api/lint', { body: { source } });
      assert.equal(status, 200);
      done += 1;
    });
    await Promise.race(lints);
    assert.equal((await server.ask('/livez')).status, 200);
    assert.ok(done < 8, 'it was answered after all of them');
    await Promise.all(lints);
  });
});
