import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { serveHere } from '../support/serve-here.ts';
import { askAt } from '../support/server.ts';

const DAY = 24 * 3_600_000;

describe('a clock that is set while a server runs', () => {
  for (const [name, byMs] of [
    ['on', DAY],
    ['back', -DAY],
  ] as const)
    test(`${name} by a day ends no run sooner or later, and none goes out of order`, async (context) => {
      await using server = await serveHere();
      const { url } = server;
      const submit = async (source: string, path = '') =>
        (await askAt(`${url}/api/runs${path}`, { body: { source } })).body.id;
      const before = await submit('await sleep(300); return 1');
      const { now } = Date;
      context.mock.method(Date, 'now', () => now() + byMs);
      const ended = (await askAt(`${url}/api/runs/${before}?wait=60000`)).body;
      assert.deepEqual([ended.reason, ended.end.value], ['completed', 1]);
      assert.ok(ended.durationMs >= 0 && ended.durationMs < DAY / 2, `${ended.durationMs} ms`);
      const after = await submit('return 2', '?wait=60000');
      const { runs } = (await askAt(`${url}/api/runs`)).body;
      assert.deepEqual(
        runs.map(({ id, status }: Record<string, string>) => [id, status]),
        [
          [after, 'completed'],
          [before, 'completed'],
        ],
      );
      assert.equal((await askAt(`${url}/readyz`)).status, 200);
    });
});
