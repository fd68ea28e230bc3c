import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import fastify from 'fastify';
import { guardRoutes } from '../../src/api/access.ts';
import { SCOPES, type Scope } from '../../src/model/history.ts';
import { History } from '../../src/store/history/history.ts';
import { corral } from '../support/cli.ts';
import { sharedServer } from '../support/server.ts';

/** What anybody may see, key or none. */
const PUBLIC = ['GET /livez', 'GET /readyz'];
/** `/api/runs/{id}` with something in the place of each name. */
const filled = (path: string) => path.replace(/\{(\w+)\}/g, 'x');

describe('who may do what', () => {
  const server = sharedServer();
  const data = `${server.dir}/data`;
  const keys = new Map<string, string>();

  /** A key made as an operator makes one, while the server runs. */
  const make = async (owner: string, ...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await corral([
      'keys',
      'create',
      owner,
      ...args,
      '--data-dir',
      data,
    ]);
    assert.equal(code, 0, stderr);
    return stdout.trim();
  };
  /** Quick ones, for what is not about the command line. */
  const add = (history: History, owner: string, scope: Scope) =>
    history.keys.add({ owner, name: 'k', scopes: [scope], expiresAt: null, at: Date.now() }).key;

  before(async () => {
    assert.equal((await server.ask('/api/runs')).status, 200, 'without keys it is the machine’s');
    keys.set('first', await make('ann', '--scope', 'author', '--name', 'ci'));
    await using history = new History({
      dir: data,
      onFailed: (error) => assert.fail(String(error)),
    });
    for (const scope of SCOPES) keys.set(scope, add(history, 'ann', scope));
    keys.set('bob', add(history, 'bob', 'author'));
  });

  test('once there is a key, nobody comes in without one', async () => {
    for (const key of [undefined, 'corral_wrong', ''])
      for (const path of ['/api/runs', '/api/guard']) {
        const { status, body, headers } = await server.ask(path, key === undefined ? {} : { key });
        assert.equal(status, 401);
        assert.equal(body.code, 'unauthenticated');
        assert.match(headers.get('www-authenticate') ?? '', /^Bearer/);
      }
    assert.doesNotMatch((await server.ask('/')).body, /Latest runs/);
    assert.match((await server.ask('/', { key: keys.get('read') ?? '' })).body, /Latest runs/);
  });

  test('every route asks for a scope, and for no less than it says', async () => {
    const { paths } = (await server.ask('/openapi.json')).body;
    let walked = 0;
    for (const [path, methods] of Object.entries(paths as Record<string, object>))
      for (const [method, operation] of Object.entries(methods)) {
        const name = `${method.toUpperCase()} ${path}`;
        const scope = operation.security?.[0]?.key[0] as Scope | undefined;
        assert.equal(scope === undefined, PUBLIC.includes(name), `${name} has no scope`);
        if (scope === undefined) continue;
        const ask = { method: method.toUpperCase() };
        assert.equal((await server.ask(filled(path), ask)).status, 401, name);
        // Those with the scope below may not; that it is told before anything else is read keeps this walk from doing anything.
        const below = SCOPES[SCOPES.indexOf(scope) - 1];
        if (below !== undefined) {
          const { status, body } = await server.ask(filled(path), {
            ...ask,
            key: keys.get(below) ?? '',
          });
          assert.equal(status, 403, `${name} with ${below}`);
          assert.equal(body.code, 'forbidden');
        }
        walked += 1;
      }
    assert.ok(walked > 45, `${walked} routes were walked`);
  });

  test('a route that declares no scope is not served at all', async () => {
    const app = fastify();
    await using history = new History({ dir: null, onFailed: () => undefined });
    guardRoutes(app, { keys: history.keys, isLoopback: true, origins: new Set() });
    assert.throws(() => app.get('/secret', async () => 'x'), /declares no scope/);
    await app.close();
  });

  test('a key that was revoked or has expired opens nothing', async () => {
    const short = await make('ann', '--expires', '1ms');
    const expired = await server.ask('/api/runs', { key: short });
    assert.equal(expired.status, 401);
    assert.match(expired.body.detail, /expired/);
    const first = keys.get('first') ?? '';
    assert.equal((await server.ask('/api/runs', { key: first })).status, 200);
    const nowhere = await corral(['keys', 'list', '--data-dir', `${data}/mistyped`]);
    assert.equal(nowhere.code, 2);
    assert.match(nowhere.stderr, /There is no history in .*mistyped/);
    const list = await corral(['keys', 'list', '--json', '--data-dir', data]);
    assert.ok(!list.stdout.includes(first));
    const { id } = JSON.parse(list.stdout).find(({ name }: { name: string }) => name === 'ci');
    assert.equal((await corral(['keys', 'revoke', id, '--data-dir', data])).code, 0);
    const revoked = await server.ask('/api/runs', { key: first });
    assert.equal(revoked.status, 401);
    assert.match(revoked.body.detail, /revoked/);
    const again = await corral(['keys', 'revoke', id, '--data-dir', data]);
    assert.equal(again.code, 2);
    assert.match(again.stderr, /revoked already/);
    const { entries } = (await server.ask('/api/audit', { key: keys.get('admin') ?? '' })).body;
    assert.ok(
      entries.some(
        (each: { action: string; target: string }) =>
          each.action === 'key.revoke' && each.target === id,
      ),
    );
  });

  test('authors see and steer their own, operators everybody’s', async () => {
    const author = keys.get('author') ?? '';
    const bob = keys.get('bob') ?? '';
    const operator = keys.get('operator') ?? '';
    const { body } = await server.ask('/api/runs', {
      key: bob,
      body: { source: 'await sleep(600_000)' },
    });
    const path = `/api/runs/${body.id}`;
    assert.equal((await server.ask(path, { key: bob })).body.owner, 'bob');
    assert.equal((await server.ask(path, { key: author })).status, 404);
    assert.equal((await server.ask(`${path}/stop`, { method: 'POST', key: author })).status, 404);
    assert.equal((await server.ask('/api/runs?owner=bob', { key: author })).body.runs.length, 0);
    const others = { source: 'return 1', owner: 'bob' };
    assert.equal((await server.ask('/api/runs', { key: author, body: others })).status, 403);
    const unlinted = { source: 'return 1', lint: false };
    assert.equal((await server.ask('/api/runs', { key: author, body: unlinted })).status, 403);
    assert.equal((await server.ask(path, { key: operator })).body.owner, 'bob');
    const stopped = await server.ask(`${path}/stop`, { method: 'POST', key: operator });
    assert.equal(stopped.body.status, 'cancelled');
  });

  test('macros of one name are each owner’s own: in pages, and in what is running', async () => {
    const [ann, bob] = [keys.get('author') ?? '', keys.get('bob') ?? ''];
    const operator = keys.get('operator') ?? '';
    const source = 'await sleep(600_000)';
    for (const key of [ann, bob])
      await server.ask('/api/macros/walk', { method: 'PUT', body: { source }, key });
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await server.ask(`/api/macros?limit=1${cursor}`, { key: operator });
      seen.push(...body.macros.map((each: { owner: string }) => each.owner));
      cursor = body.next === null ? '' : `&cursor=${body.next}`;
    } while (cursor !== '');
    assert.deepEqual(seen, ['ann', 'bob']);
    const quick = { source: '// ==Macro==\n// @name walk\n// ==/Macro==\nreturn 1' };
    for (const key of [ann, bob]) await server.ask('/api/runs?wait=60000', { key, body: quick });
    const started = await server.ask('/api/runs', { key: bob, body: { macro: 'walk' } });
    const path = `/api/runs/${started.body.id}`;
    while ((await server.ask(path, { key: bob })).body.status !== 'running');
    const health = async (key: string) =>
      (await server.ask('/api/safety/macro-health', { key })).body.macros.find(
        ({ name }: { name: string }) => name === 'walk',
      );
    assert.deepEqual((await health(ann)).running, []);
    assert.deepEqual((await health(bob)).running, [started.body.id]);
    await server.ask(`${path}/stop`, { method: 'POST', key: bob });
    for (const key of [ann, bob])
      assert.equal((await server.ask('/api/macros/walk', { method: 'DELETE', key })).status, 204);
  });

  test('what a macro keeps is its owner’s, whatever others call theirs', async () => {
    const run = async (key: string) => {
      const source = '// ==Macro==\n// @name vault\n// ==/Macro==\nreturn await state.incr("n", 1)';
      const body = { source };
      return (await server.ask('/api/runs?wait=60000', { key, body })).body.end.value;
    };
    const [ann, bob] = [keys.get('author') ?? '', keys.get('bob') ?? ''];
    assert.deepEqual([await run(ann), await run(ann), await run(bob)], [1, 2, 1]);
  });

  test('a quota bounds the runs of an owner, and nobody else’s', async () => {
    const quota = await corral(['keys', 'quota', 'bob', '--runs', '1', '--data-dir', data]);
    assert.equal(JSON.parse(quota.stdout).concurrentRuns, 1);
    const bob = keys.get('bob') ?? '';
    const sleeper = { source: 'await sleep(600_000)' };
    const first = await server.ask('/api/runs', { key: bob, body: sleeper });
    assert.equal(first.status, 202);
    const second = await server.ask('/api/runs', { key: bob, body: sleeper });
    assert.equal(second.status, 429);
    assert.match(second.body.detail, /1 runs at once/);
    assert.ok(second.body.retryAfterMs > 0);
    const ann = keys.get('author') ?? '';
    assert.equal(
      (await server.ask('/api/runs', { key: ann, body: { source: 'return 1' } })).status,
      202,
    );
    await server.ask(`/api/runs/${first.body.id}/stop`, { method: 'POST', key: bob });
    assert.equal(
      (await server.ask('/api/runs', { key: bob, body: { source: 'return 1' } })).status,
      202,
    );
  });

  test('a quota is taken back by `none`', async () => {
    const quota = async (...args: string[]) => {
      const { code, stdout, stderr } = await corral([
        'keys',
        'quota',
        'zed',
        ...args,
        '--data-dir',
        data,
      ]);
      assert.equal(code, 0, stderr);
      return JSON.parse(stdout);
    };
    const none = { concurrentRuns: null, cpuSecondsPerDay: null, commandsPerMinute: null };
    await quota('--runs', '1', '--cpu', '2', '--commands', '3');
    assert.deepEqual(await quota('--runs', 'none', '--cpu', 'none', '--commands', 'none'), none);
    assert.deepEqual(await quota(), none);
  });

  test('a stream ends with the key that it was opened with', async () => {
    const key = await make('eve');
    const listening = await fetch(`${server.url}/api/events`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const lines = await fetch(`${server.url}/api/runs/stream`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ source: 'for (;;) { log.info("here"); await sleep(200); }' }),
    });
    assert.deepEqual([listening.status, lines.status], [200, 200]);
    await using history = new History({
      dir: data,
      onFailed: (error) => assert.fail(String(error)),
    });
    const { id } = history.keys.list('eve').at(-1) ?? assert.fail();
    history.keys.revoke(id, Date.now());
    assert.match(await lines.text(), /"here"/);
    const run = { source: 'return 1', owner: 'eve' };
    const operator = keys.get('operator') ?? '';
    // Whatever is to be told next ends it.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await server.ask('/api/runs?wait=10000', { key: operator, body: run });
    await assert.rejects(listening.text());
    for (const { id } of (await server.ask('/api/runs?owner=eve', { key: operator })).body.runs)
      await server.ask(`/api/runs/${id}/stop`, { method: 'POST', key: operator });
  });

  test('nothing runs for an owner whose name is none', async () => {
    const operator = keys.get('operator') ?? '';
    for (const owner of ['../x', 'a\0', '\u202ea', ' a', 'x'.repeat(101)]) {
      const body = { source: 'return 1', owner };
      const { status } = await server.ask('/api/runs', { key: operator, body });
      assert.equal(status, 400, JSON.stringify(owner));
    }
  });

  test('commands a minute hold the run that gives one too many, and nobody lets it go before', async () => {
    const set = await corral(['keys', 'quota', 'eve', '--commands', '2', '--data-dir', data]);
    assert.equal(set.code, 0, set.stderr);
    const eve = await make('eve');
    const source = 'for (let n = 0; n < 50; n++) { await movement.where({}); await sleep(20) }';
    const { id } = (await server.ask('/api/runs', { key: eve, body: { source } })).body;
    const ask = (path = '', ask = {}) => server.ask(`/api/runs/${id}${path}`, { key: eve, ...ask });
    for (;;) {
      const { status, end, held } = (await ask()).body;
      if (status === 'paused') {
        assert.equal(held.by, 'quota');
        assert.match(held.why, /^eve gave as many commands/);
        assert.ok(held.until > Date.now());
        break;
      }
      assert.equal(end, null, JSON.stringify(end));
    }
    const { commands } = (await ask('/commands')).body;
    assert.ok(commands.length >= 3 && commands.length < 50, `${commands.length} commands`);
    const told = await server.ask(`/api/events/list?type=operator&run=${id}`, { key: eve });
    assert.deepEqual(
      told.body.events.map((each: Record<string, string>) => [each.deed, each.by, each.owner]),
      [['pause', 'quota', 'eve']],
    );
    const others = await server.ask(`/api/events/list?run=${id}`, {
      key: keys.get('author') ?? '',
    });
    assert.deepEqual(others.body.events, []);
    assert.equal((await ask('/resume', { method: 'POST' })).status, 429);
    assert.equal((await ask('/stop', { method: 'POST' })).body.status, 'cancelled');
  });
});
