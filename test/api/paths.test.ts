import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { startServer } from '../support/server.ts';
import { tempDir } from '../support/temp.ts';

describe('names that lead elsewhere', () => {
  test('lead nowhere: all that is written is in the data folder', async () => {
    using dir = tempDir();
    const home = join('a', 'b', 'c');
    mkdirSync(join(dir.path, home), { recursive: true });
    await using server = await startServer(join(dir.path, home));
    const names = [
      '../../../evil',
      join(dir.path, 'evil'),
      '..\\..\\evil',
      'evil\u0000.js',
      '..',
      `${'../'.repeat(20)}${dir.path}/evil`,
    ];
    for (const name of names) {
      // Its state is kept and its dump written, under whatever name it has.
      const source = `// ==Macro==\n// @name ${name.replace('\u0000', '')}\n// ==/Macro==
await state.set(${JSON.stringify(name)}, 1);
for (;;);`;
      const spins = { source, file: name, lint: false, limits: { cpu: '50ms' } };
      const owned = await server.ask('/api/runs', { body: { ...spins, owner: name } });
      assert.equal(owned.status, 400, JSON.stringify(owned.body));
      const ran = await server.ask('/api/runs?wait=60000', { body: spins });
      assert.equal(ran.status, 200, JSON.stringify(ran.body));
      assert.equal(ran.body.reason, 'cpu-limit', JSON.stringify(ran.body));
      const form = new FormData();
      form.set('file', new Blob(['return 1']), name);
      const { body } = await server.ask('/api/runs/upload', { body: form });
      assert.equal((await server.ask(`/api/runs/${body.id}?wait=60000`)).body.status, 'completed');
      const asked = encodeURIComponent(name);
      for (const [method, path, more] of [
        ['PUT', `/api/macros/${asked}`, { body: { source: 'return 1' } }],
        ['GET', `/api/macros/${asked}`, {}],
        ['GET', `/api/dumps/${asked}`, {}],
        ['DELETE', `/api/dumps/${asked}`, {}],
        ['GET', `/api/runs/${asked}`, {}],
        ['DELETE', `/api/patterns/${asked}`, {}],
        ['POST', '/api/runs', { body: { macro: name } }],
      ] as const) {
        const { status } = await server.ask(path, { method, ...more });
        assert.ok(status === 400 || status === 404, `${method} ${path}: ${status}`);
      }
    }
    assert.equal(await server.end('SIGTERM'), 0);
    const outside = readdirSync(dir.path, { recursive: true, encoding: 'utf8' }).filter(
      (path) =>
        !`${join(home, 'data')}/`.startsWith(`${path}/`) && !path.startsWith(join(home, 'data/')),
    );
    assert.deepEqual(outside, []);
  });
});
