import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { serveHere } from '../support/serve-here.ts';
import { askAt, startServer } from '../support/server.ts';
import { tempDir } from '../support/temp.ts';

/** No file may grow beyond some hundred kB: the server's writes fail then as they do on a full disk. */
const FULL = ['sh', '-c', 'ulimit -f 1000; exec "$@"', 'sh'];

describe('a full disk', () => {
  test('refuses what cannot be kept, serves what is there, and spoils nothing', async () => {
    using dir = tempDir();
    const acknowledged: string[] = [];
    const source = `return 1 // ${'x'.repeat(60_000)}`;
    {
      await using server = await startServer(dir.path, [], { wrapper: FULL });
      for (;;) {
        const { status, body, headers } = await server.ask('/api/runs', { body: { source } });
        if (status === 202) acknowledged.push(body.id);
        else {
          assert.equal(status, 507, JSON.stringify(body));
          assert.equal(body.code, 'disk-full');
          assert.ok(Number(headers.get('retry-after')) > 0);
          break;
        }
        assert.ok(acknowledged.length < 100, 'the disk never gets full');
      }
      assert.ok(acknowledged.length > 0);
      const { status, body } = await server.ask(`/api/runs/${acknowledged[0]}`);
      assert.deepEqual([status, body.id], [200, acknowledged[0]]);
      assert.equal((await server.ask('/livez')).status, 200);
      // SQLite may have made room since, by beginning its log anew.
      for (let n = 0; ; n++) {
        const put = { method: 'PUT', body: { source } };
        const { status } = await server.ask(`/api/macros/large-${n}`, put);
        const isThere = (await server.ask(`/api/macros/large-${n}`)).status;
        assert.deepEqual([status, isThere], status === 507 ? [507, 404] : [201, 200]);
        if (status === 507) break;
        assert.ok(n < 100, 'the disk never gets full');
      }
      assert.match(server.stdout(), /could not be written/);
      await server.end('SIGKILL');
    }
    await using server = await startServer(dir.path);
    for (const id of acknowledged) {
      const { status, body } = await server.ask(`/api/runs/${id}?wait=60000`);
      assert.equal(status, 200, `run ${id} is gone`);
      assert.ok(body.status === 'completed' || body.reason === 'worker-lost', body.message);
    }
    const after = await server.ask('/api/runs?wait=60000', { body: { source } });
    assert.equal(after.body.status, 'completed');
  });

  test('lets what is there be read, and what runs be steered, though nothing at all is written', async (context) => {
    let failures = 0;
    await using server = await serveHere({}, () => {
      failures += 1;
    });
    const ask = (path: string, more = {}) => askAt(`${server.url}/api/${path}`, more);
    const { id } = (await ask('runs', { body: { source: 'await sleep(600_000)' } })).body;
    while ((await ask(`runs/${id}`)).body.status !== 'running');
    const { history, corral } = server.service;
    const full = Object.assign(new Error('database or disk is full'), { errcode: 13 });
    const { mock } = context.mock.method(history.database, 'transaction', () => {
      throw full;
    });
    const post = (path: string, body: object = {}) => ask(path, { method: 'POST', body });
    assert.equal((await post(`runs/${id}/pause`)).status, 200);
    assert.equal(corral.runs[0]?.state, 'paused');
    assert.equal((await post(`safety/macro/${id}/resume`)).status, 200);
    assert.equal(
      (await ask('guard/level', { method: 'PUT', body: { level: 'high' } })).status,
      200,
    );
    for (const path of [
      ...[`runs/${id}`, `runs/${id}/commands`, `runs/${id}/logs`, `runs/${id}/samples`, 'runs'],
      ...['alerts', 'audit', 'dumps', 'events/list', 'safety/statistics', 'statistics'],
    ])
      assert.equal((await ask(path)).status, 200, path);
    for (const [method, path] of [
      ['POST', 'runs'],
      ['PUT', 'macros/walk'],
    ] as const) {
      const { status, body } = await ask(path, { method, body: { source: 'return 1' } });
      assert.deepEqual([status, body.code], [507, 'disk-full'], path);
    }
    assert.ok(failures > 0);
    await post('guard/emergency', { why: 'fire' });
    await post('guard/clear', { why: 'out' });
    const ready = async () => (await askAt(`${server.url}/readyz`)).body;
    const { status, checks } = await ready();
    assert.equal(status, 'not-ready');
    assert.match(JSON.stringify(checks), /"database","ok":false,"detail":"the disk takes nothing"/);
    mock.restore();
    assert.equal((await ask('runs?wait=60000', { body: { source: 'return 1' } })).status, 200);
    while ((await ready()).status !== 'ready') await sleep(50);
    // What was done meanwhile is known after all.
    const { entries } = (await ask('audit')).body;
    assert.deepEqual(
      entries.map(({ action }: { action: string }) => action),
      ['guard.clear', 'guard.emergency', 'guard.level', 'run.resume', 'run.pause'],
    );
    const { events } = (await ask('events/list?type=emergency')).body;
    assert.equal(events.length, 2);
  });
});
