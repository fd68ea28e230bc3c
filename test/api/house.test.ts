import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ROOT } from '../support/cli.ts';
import { sharedServer } from '../support/server.ts';

describe('the house over HTTP', () => {
  const server = sharedServer();

  const post = (path: string, body: unknown = {}) => server.ask(path, { body });
  const put = (path: string, body: unknown) => server.ask(path, { body, method: 'PUT' });
  const sleeper = async (name: string): Promise<string> => {
    const source = `// ==Macro==\n// @name ${name}\n// ==/Macro==\nawait sleep(600_000)`;
    const { id } = (await post('/api/runs', { source })).body;
    for (;;) if ((await server.ask(`/api/runs/${id}`)).body.status === 'running') return id;
  };

  test('a macro is put, versioned, compared, disabled and run by name', async () => {
    const first = await put('/api/macros/walk', { source: 'return 1\n', note: 'begun' });
    assert.equal(first.status, 201, JSON.stringify(first.body));
    assert.equal((await put('/api/macros/walk', { source: 'return 1\n' })).status, 200);
    assert.equal((await put('/api/macros/walk', { source: 'return 2\n' })).body.version, 2);
    assert.equal((await server.ask('/api/macros/walk')).body.source, 'return 2\n');
    assert.equal((await server.ask('/api/macros/walk/versions/1')).body.source, 'return 1\n');
    const { diff } = (await server.ask('/api/macros/walk/diff?from=1&to=2')).body;
    assert.match(diff, /-return 1\n\+return 2/);
    const { versions } = (await server.ask('/api/macros/walk/versions')).body;
    assert.deepEqual(
      versions.map(({ version, by, note }: Record<string, unknown>) => [version, by, note]),
      [
        [2, 'local', ''],
        [1, 'local', 'begun'],
      ],
    );
    const newest = await post('/api/runs?wait=60000', { macro: 'walk' });
    assert.deepEqual([newest.body.end.value, newest.body.version], [2, 2]);
    const older = await post('/api/runs?wait=60000', { macro: 'walk', version: 1 });
    assert.equal(older.body.end.value, 1);
    assert.equal((await post('/api/macros/walk/disable')).body.enabled, false);
    assert.equal((await post('/api/runs', { macro: 'walk' })).status, 409);
    assert.equal((await post('/api/macros/walk/enable')).body.enabled, true);
    assert.equal((await post('/api/runs', { macro: 'walk' })).status, 202);
    const { macros } = (await server.ask('/api/macros')).body;
    assert.equal(macros.length, 1);
  });

  test('a macro that does not parse, or whose name leads elsewhere, is not put', async () => {
    const broken = await put('/api/macros/broken', { source: 'return (' });
    assert.equal(broken.status, 400);
    assert.match(broken.body.detail, /line 1/);
    for (const name of ['..', '..%2F..%2Fetc', '%2e%2e', 'a%00b', '-x', 'a%2Fb'])
      assert.notEqual((await put(`/api/macros/${name}`, { source: '' })).status, 201, name);
    assert.equal((await server.ask('/api/macros/nobody')).status, 404);
  });

  test('a macro in quarantine is refused until somebody consents', async () => {
    const source = '// ==Macro==\n// @name held\n// ==/Macro==\nreturn 1';
    assert.equal((await post('/api/macros/held/quarantine', { why: 'it spams' })).status, 200);
    const refused = (await post('/api/runs?wait=60000', { source })).body;
    assert.equal(refused.end.refusal.code, 'quarantined');
    assert.match(refused.message, /it spams/);
    assert.equal((await post('/api/macros/held/release', { why: 'mended' })).status, 200);
    assert.equal((await post('/api/macros/held/release', { why: 'mended' })).status, 409);
    assert.equal((await post('/api/runs?wait=60000', { source })).body.status, 'completed');
  });

  test('the library says what is in quarantine, by its name or its text', async () => {
    const held = async (name: string) =>
      (await server.ask(`/api/macros/${name}`)).body.quarantine?.name;
    const spams = { source: 'return "spam, spam"' };
    await put('/api/macros/spam', spams);
    await put('/api/macros/copy', spams);
    await post('/api/runs?wait=60000', { macro: 'spam' });
    assert.equal(await held('spam'), undefined);
    await post('/api/macros/spam/quarantine', { why: 'it spams' });
    assert.equal(await held('spam'), 'spam');
    assert.equal(await held('copy'), 'spam');
    const { macros } = (await server.ask('/api/macros')).body;
    const listed = macros.find(({ name }: { name: string }) => name === 'spam');
    assert.equal(listed.quarantine.why, 'it spams');
    assert.equal((await post('/api/runs?wait=60000', { macro: 'copy' })).body.status, 'refused');
    await post('/api/macros/spam/release', { why: 'mended' });
    assert.equal(await held('copy'), undefined);
  });

  test('a macro of the library goes by its name there, whatever its header says', async () => {
    const source = '// ==Macro==\n// @name other\n// ==/Macro==\nreturn 1';
    await put('/api/macros/mine', { source });
    const run = (await post('/api/runs?wait=60000', { macro: 'mine' })).body;
    assert.equal(run.macro, 'mine');
    const again = (await post(`/api/runs/${run.id}/retry`)).body;
    assert.equal((await server.ask(`/api/runs/${again.id}`)).body.macro, 'mine');
    await post('/api/macros/mine/quarantine', { why: 'it spams' });
    assert.equal((await post('/api/runs?wait=60000', { macro: 'mine' })).body.status, 'refused');
    await post('/api/macros/mine/release', { why: 'mended' });
  });

  test('macros of the library call each other, as far as they are enabled', async () => {
    await put('/api/macros/double', { source: 'return input.n * 2' });
    const source = 'return await macros.call("double", { n: 21 })';
    const run = async () => (await post('/api/runs?wait=60000', { source })).body;
    assert.equal((await run()).end.value, 42);
    await post('/api/macros/double/disable');
    assert.match((await run()).end.error.message, /there is no macro "double"; there are copy, /);
  });

  test('a macro that is taken out is gone with its versions; its runs stay', async () => {
    await put('/api/macros/brief', { source: 'return 7' });
    const { id } = (await post('/api/runs?wait=60000', { macro: 'brief' })).body;
    const remove = () => server.ask('/api/macros/brief', { method: 'DELETE' });
    assert.equal((await remove()).status, 204);
    assert.equal((await remove()).status, 404);
    assert.equal((await server.ask('/api/macros/brief/versions/1')).status, 404);
    assert.equal((await post('/api/runs', { macro: 'brief' })).status, 404);
    assert.equal((await server.ask(`/api/runs/${id}`)).body.end.value, 7);
    assert.equal((await put('/api/macros/brief', { source: 'return 8' })).body.version, 1);
  });

  test('texts without a name are macros of their own: what one does is held against no other', async () => {
    const run = async (source: string) => (await post('/api/runs?wait=60000', { source })).body;
    const unnamed = async (): Promise<string[]> => {
      const { macros } = (await server.ask('/api/safety/macro-health')).body;
      const names = macros.map(({ name }: { name: string }) => name);
      return names.filter((name: string) => name.startsWith('unnamed-'));
    };
    const before = await unnamed();
    assert.equal((await run('return "I spam"')).status, 'completed');
    const [name] = (await unnamed()).filter((each) => !before.includes(each));
    assert.equal((await post(`/api/macros/${name}/quarantine`, { why: 'it spams' })).status, 200);
    assert.equal((await run('return "I am innocent"')).status, 'completed');
    const held = await run('return "I spam"');
    assert.equal(held.end.refusal.code, 'quarantined');
    assert.match(held.message, new RegExp(`POST /api/macros/${name}/release with`));
    assert.equal((await post(`/api/macros/${name}/release`, { why: 'mended' })).status, 200);
  });

  test('lint says of a text, a stored macro and many what the command line says', async () => {
    const { body } = await post('/api/lint', { source: 'while (true);', file: 'spin.js' });
    assert.equal(body.verdict, 'refuse');
    assert.ok(body.findings.length > 0);
    await put('/api/macros/spin', { source: 'while (true);' });
    assert.equal((await post('/api/lint', { macro: 'spin' })).body.verdict, 'refuse');
    const many = await post('/api/lint/batch', [{ source: 'return 1' }, { macro: 'spin' }]);
    assert.deepEqual(
      many.body.map(({ verdict }: { verdict: string }) => verdict),
      ['admit', 'refuse'],
    );
    const unknown = await post('/api/lint/batch', [{ source: 'return 1' }, { macro: 'nobody' }]);
    assert.deepEqual([unknown.status, unknown.body.errors[0].path], [404, '/1']);
    assert.match(unknown.body.detail, /^\/1: There is no macro nobody/);
  });

  test('a crash dump is listed, grouped, read whole, replayed and removed', async () => {
    const source = 'let n = 0;\nwhile (true) n++;';
    const limits = { cpu: '50ms' };
    const ids: string[] = [];
    for (let n = 0; n < 2; n++) {
      const body = { source, limits, lint: false, file: 'spin.js', seed: 1 };
      ids.push((await post('/api/runs?wait=60000', body)).body.id);
    }
    const { dumps } = (await server.ask('/api/dumps')).body;
    assert.deepEqual(
      dumps.map(({ run }: { run: string }) => run),
      [ids[1], ids[0]],
    );
    assert.ok(dumps.every((each: Record<string, unknown>) => each.reason === 'cpu-limit'));
    const { groups } = (await server.ask('/api/dumps/groups')).body;
    assert.equal(groups.length, 1);
    assert.deepEqual([groups[0].count, groups[0].place], [2, 'spin.js:2']);
    const whole = await server.ask(`/api/dumps/${ids[0]}`);
    assert.equal(whole.body.reason, 'cpu-limit');
    assert.ok(JSON.stringify(whole.body).includes(JSON.stringify(source)));
    assert.match(whole.headers.get('content-disposition') ?? '', /^attachment; filename="corral-/);
    const summary = await server.ask(`/api/dumps/${ids[0]}?file=summary`);
    assert.match(summary.body, /while \(true\) n\+\+/);
    assert.equal((await server.ask(`/api/dumps/${ids[0]}?file=heapsnapshot`)).status, 404);
    const replay = await post(`/api/dumps/${ids[0]}/replay`);
    assert.equal(replay.status, 200, JSON.stringify(replay.body));
    assert.equal((await server.ask(`/api/dumps/${ids[0]}`, { method: 'DELETE' })).status, 204);
    assert.equal((await server.ask(`/api/dumps/${ids[0]}`)).status, 404);
    const without = (await server.ask(`/api/runs/${ids[0]}`)).body;
    assert.deepEqual([without.dump, without.end.dump], [null, null]);
    assert.notEqual((await server.ask(`/api/runs/${ids[1]}`)).body.end.dump, null);
    assert.equal((await server.ask('/api/dumps')).body.dumps.length, 1);
    for (const path of ['..%2f..%2fhistory.sqlite', 'history.sqlite', '000000000000'])
      assert.notEqual((await server.ask(`/api/dumps/${path}`)).status, 200, path);
  });

  test('the safety routes tell what they promise', async () => {
    const id = await sleeper('watched');
    const get = async (path: string) => {
      const { status, body } = await server.ask(`/api/safety/${path}`);
      assert.equal(status, 200, path);
      return body;
    };
    const { macros } = await get('macro-health');
    assert.equal(macros.find(({ name }: { name: string }) => name === 'held')?.health, 'good');
    const { events } = await get('recent-events');
    assert.ok(events.length > 1 && events[0].id > events[1].id);
    const statistics = await get('statistics');
    assert.equal(statistics.active, 1);
    assert.ok(statistics.reasons.some(({ name }: { name: string }) => name === 'cpu-limit'));
    const memory = await get('memory-state');
    assert.ok(memory.workers > 0 && memory.supervisor.rss > 0 && memory.pressure);
    assert.equal((await get('crash-events')).crashes[0].reason, 'cpu-limit');
    const { runs } = await get('memory-snapshots');
    assert.equal(runs[0].id, id);
    const step = async (name: string) =>
      (await post(`/api/safety/macro/watched/${name}`)).body.runs[0];
    assert.deepEqual(await step('pause'), { id, macro: 'watched', state: 'paused' });
    assert.equal((await step('resume')).state, 'running');
    assert.equal((await post(`/api/safety/macro/${id}/pause`)).body.runs[0].state, 'paused');
    assert.equal((await step('stop')).state, 'ended');
    assert.equal((await post('/api/safety/macro/watched/stop')).status, 404);
  });

  test('patterns are listed, and a text is tried before it is put in force', async () => {
    const { patterns } = (await server.ask('/api/patterns')).body;
    assert.ok(patterns.some(({ id }: { id: string }) => id === 'chat-spam'));
    assert.equal((await server.ask('/api/patterns/chat-spam')).body.action, 'pause');
    assert.equal((await server.ask('/api/patterns/none')).status, 404);
    const yaml = readFileSync(join(ROOT, 'patterns', 'chat-spam.yaml'), 'utf8');
    const good = (await post('/api/patterns/test', { yaml })).body;
    assert.equal(good.ok, true, JSON.stringify(good));
    assert.ok(good.tests.length > 0);
    const bad = (await post('/api/patterns/test', { yaml: `${yaml}\nodd: 1\n` })).body;
    assert.equal(bad.ok, false);
    assert.match(bad.problems[0].message, /odd/);
  });

  test('sums are told by reason, macro, owner and over time', async () => {
    const { reasons } = (await server.ask('/api/statistics')).body;
    assert.ok(reasons.some((each: Record<string, unknown>) => each.name === 'completed'));
    const { macros } = (await server.ask('/api/statistics/macros')).body;
    assert.equal(macros.find(({ name }: { name: string }) => name === 'spin').killed, 2);
    assert.equal((await server.ask('/api/statistics/owners')).body.owners[0].name, 'local');
    const { stretches } = (await server.ask('/api/statistics/over-time')).body;
    assert.ok(stretches.length > 0);
  });

  test('the guard level is changed, and an emergency stops all until it is cleared', async () => {
    assert.equal((await server.ask('/api/guard')).body.level, 'medium');
    assert.equal((await put('/api/guard/level', { level: 'high' })).body.level, 'high');
    assert.equal((await put('/api/guard/level', { level: 'odd' })).status, 400);
    const id = await sleeper('stopped');
    const stop = await post('/api/guard/emergency', { why: 'fire' });
    assert.equal(stop.body.emergency.why, 'fire');
    assert.equal((await server.ask(`/api/runs/${id}?wait=60000`)).body.reason, 'emergency');
    const refused = await post('/api/runs', { source: 'return 1' });
    assert.deepEqual([refused.status, refused.body.code], [503, 'unavailable']);
    assert.match(refused.body.detail, /emergency stop/);
    assert.equal((await server.ask('/readyz')).status, 503);
    assert.equal((await post('/api/guard/clear', { why: 'out' })).body.emergency, null);
    assert.equal((await post('/api/guard/clear', { why: 'out' })).status, 409);
    assert.equal((await server.ask('/readyz')).status, 200);
    const { entries } = (await server.ask('/api/audit?limit=3')).body;
    assert.deepEqual(
      entries.map(({ action, by }: Record<string, string>) => [action, by]),
      [
        ['guard.clear', 'local'],
        ['guard.emergency', 'local'],
        ['guard.level', 'local'],
      ],
    );
  });
});
