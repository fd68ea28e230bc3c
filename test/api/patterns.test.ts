import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { History } from '../../src/store/history/history.ts';
import { ROOT } from '../support/cli.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { tempDir } from '../support/temp.ts';

/** A pattern of three moves: what breaks it is stopped. */
function yamlOf(id: string, { isTrue = true } = {}): string {
  return `id: ${id}
title: Moves
risk: high
confidence: high
action: stop
maxOccurrences: 3
timeWindowMs: 60000
effects: [Nobody can move any more]
recovery: { advice: Move less. }
match: { command: { category: movement } }
message: "{{count}} {{command}} in {{window}}"
tests:
  invalid: ["for (let n = 0; n < 500; n++) await movement.where({});"]
  valid: ["await movement.where({});"]
  live:
    - { command: movement.where, count: ${isTrue ? 4 : 3}, everyMs: 10, hits: 1 }
`;
}

let runs = 0;
/** How five moves end. Each time another macro, since one that a pattern stopped is in quarantine. */
async function reasonOf(server: TestServer): Promise<string> {
  runs += 1;
  const source = `for (let n = 0; n < 5; n++) { await movement.where({}); } return ${runs}`;
  const body = { source, file: `moves-${runs}.js` };
  return (await server.ask('/api/runs?wait=60000', { body })).body.reason;
}

const put = (server: TestServer, id: string, yaml: string) =>
  server.ask(`/api/patterns/${id}`, { method: 'PUT', body: { yaml } });
const post = (server: TestServer, path: string) =>
  server.ask(`/api/patterns/${path}`, { method: 'POST' });

describe('patterns over HTTP', () => {
  test('are in force for what starts from then on, and after a restart', async () => {
    using dir = tempDir();
    {
      await using server = await startServer(dir.path);
      assert.equal(await reasonOf(server), 'completed');
      const { status, body } = await put(server, 'few-moves', yamlOf('few-moves'));
      assert.equal(status, 200, JSON.stringify(body));
      assert.deepEqual([body.id, body.enabled, body.source], ['few-moves', true, 'put']);
      assert.equal(await reasonOf(server), 'pattern:few-moves');
      assert.equal((await post(server, 'few-moves/disable')).body.enabled, false);
      assert.equal(await reasonOf(server), 'completed');
      // Another text leaves it disabled.
      assert.equal((await put(server, 'few-moves', yamlOf('few-moves'))).body.enabled, false);
      assert.equal((await post(server, 'few-moves/enable')).body.enabled, true);
      assert.equal((await post(server, 'chat-spam/disable')).body.enabled, false);
      const { entries } = (await server.ask('/api/audit?limit=5')).body;
      assert.deepEqual(
        entries.map(({ action, target }: Record<string, string>) => `${action} ${target}`),
        [
          'pattern.disable chat-spam',
          'pattern.enable few-moves',
          'pattern.put few-moves',
          'pattern.disable few-moves',
          'pattern.put few-moves',
        ],
      );
    }
    await using again = await startServer(dir.path);
    assert.equal(await reasonOf(again), 'pattern:few-moves');
    assert.equal((await again.ask('/api/patterns/few-moves')).body.yaml, yamlOf('few-moves'));
    const { patterns } = (await again.ask('/api/patterns')).body;
    const disabled = patterns.filter((each: { enabled: boolean }) => !each.enabled);
    assert.deepEqual(
      disabled.map(({ id, source }: Record<string, string>) => [id, source]),
      [['chat-spam', 'file']],
    );
    const spam = { source: "for (;;) await chat.say({ text: 'x' });" };
    const lint = async () =>
      JSON.stringify((await again.ask('/api/lint', { body: spam })).body.findings);
    assert.doesNotMatch(await lint(), /chat-spam/);
    await post(again, 'chat-spam/enable');
    assert.match(await lint(), /chat-spam/);
  });

  test('that were put are removed, and those of files are not', async () => {
    using dir = tempDir();
    const remove = (server: TestServer, id: string) =>
      server.ask(`/api/patterns/${id}`, { method: 'DELETE' });
    {
      await using server = await startServer(dir.path);
      await put(server, 'few-moves', yamlOf('few-moves'));
      assert.equal(await reasonOf(server), 'pattern:few-moves');
      await post(server, 'few-moves/disable');
      assert.equal((await remove(server, 'few-moves')).status, 204);
      assert.equal((await server.ask('/api/patterns/few-moves')).status, 404);
      assert.equal((await remove(server, 'few-moves')).status, 404);
      assert.equal(await reasonOf(server), 'completed');
      const builtIn = await remove(server, 'chat-spam');
      assert.equal(builtIn.status, 409);
      assert.match(builtIn.body.detail, /is a file .* disable it/);
      // Disabled by somebody, it is a file all the same.
      await post(server, 'chat-spam/disable');
      assert.equal((await remove(server, 'chat-spam')).status, 409);
      assert.equal((await server.ask('/api/patterns/chat-spam')).body.enabled, false);
      const { entries } = (await server.ask('/api/audit?limit=2')).body;
      assert.deepEqual(
        entries.map(({ action, target }: Record<string, string>) => `${action} ${target}`),
        ['pattern.disable chat-spam', 'pattern.delete few-moves'],
      );
      // Put once more it is a new one: nothing is kept of what was disabled.
      assert.equal((await put(server, 'few-moves', yamlOf('few-moves'))).body.enabled, true);
      assert.equal((await remove(server, 'few-moves')).status, 204);
    }
    await using again = await startServer(dir.path);
    assert.equal((await again.ask('/api/patterns/few-moves')).status, 404);
  });

  test('are refused where they are none, another’s, or lead anywhere', async () => {
    using dir = tempDir();
    await using server = await startServer(dir.path);
    const odd = await put(server, 'odd', `${yamlOf('odd')}odd: 1\n`);
    assert.equal(odd.status, 400);
    assert.match(odd.body.errors[0].path, /line 17/);
    assert.match(odd.body.errors[0].message, /odd/);
    const failing = await put(server, 'fails', yamlOf('fails', { isTrue: false }));
    assert.equal(failing.status, 400);
    assert.match(failing.body.errors[0].message, /does not match/);
    assert.match((await put(server, 'one', yamlOf('other'))).body.detail, /says it is other/);
    const chatSpam = readFileSync(join(ROOT, 'patterns', 'chat-spam.yaml'), 'utf8');
    const builtIn = await put(server, 'chat-spam', chatSpam);
    assert.equal(builtIn.status, 409);
    assert.match(builtIn.body.detail, /not overwritten/);
    for (const id of [
      '..%2f..%2fx',
      '%2e%2e',
      'a%00',
      'A',
      '-a',
      'a.yaml',
      'a%5cb',
      'a'.repeat(61),
    ]) {
      const { status } = await put(server, id, yamlOf('x'));
      assert.ok(status === 400 || status === 404, `${id}: ${status}`);
      assert.ok([400, 404].includes((await post(server, `${id}/disable`)).status), id);
    }
    assert.equal((await post(server, 'none/enable')).status, 404);
    const { patterns } = (await server.ask('/api/patterns')).body;
    assert.ok(
      patterns.every((each: Record<string, unknown>) => each.enabled && each.source === 'file'),
    );
    await using history = new History({ dir: join(dir.path, 'data'), onFailed: assert.fail });
    assert.deepEqual(history.patterns.list(), []);
  });
});
