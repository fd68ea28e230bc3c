import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startServer } from '../support/server.ts';
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
});
