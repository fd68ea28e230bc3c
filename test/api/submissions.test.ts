import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { Scope } from '../../src/model/history.ts';
import { History } from '../../src/store/history/history.ts';
import { type Answer, type Ask, sharedServer } from '../support/server.ts';

describe('a run that is retried', () => {
  const server = sharedServer();
  const keys: Record<string, string> = {};

  before(async () => {
    await using history = new History({
      dir: `${server.dir}/data`,
      onFailed: (error) => assert.fail(String(error)),
    });
    const add = (owner: string, scope: Scope) =>
      history.keys.add({ owner, name: 'k', scopes: [scope], expiresAt: null, at: Date.now() }).key;
    keys.ann = add('ann', 'author');
    keys.operator = add('olga', 'operator');
    keys.admin = add('olga', 'admin');
  });

  const ask = (path: string, rest: Ask = {}, who = 'ann'): Promise<Answer> =>
    server.ask(path, { key: keys[who] ?? '', ...rest });
  const ended = async (body: object, who = 'ann'): Promise<Answer['body']> => {
    const answer = await ask('/api/runs?wait=60000', { body }, who);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
  };
  const retry = (id: string, who = 'ann', headers = {}): Promise<Answer> =>
    ask(`/api/runs/${id}/retry`, { method: 'POST', headers }, who);
  const put = (name: string, source: string): Promise<Answer> =>
    ask(`/api/macros/${name}`, { method: 'PUT', body: { source } });

  test('is of the version it was of, by the name of the library', async () => {
    await put('walk', '// ==Macro==\n// @name other\n// ==/Macro==\nreturn 1');
    const first = await ended({ macro: 'walk' });
    await put('walk', 'return 2');
    let last = first;
    for (let n = 0; n < 2; n++) {
      const { id } = (await retry(last.id)).body;
      last = (await ask(`/api/runs/${id}?wait=60000`)).body;
      assert.deepEqual([last.end.value, last.version, last.macro], [1, 1, 'walk']);
    }
  });

  test('is refused while its macro is disabled, and once that is taken out', async () => {
    await put('gone', 'return 1');
    const { id } = await ended({ macro: 'gone' });
    await ask('/api/macros/gone/disable', { method: 'POST' });
    const disabled = await retry(id);
    assert.deepEqual([disabled.status, disabled.body.code], [409, 'conflict']);
    assert.match(disabled.body.detail, /gone is disabled/);
    await ask('/api/macros/gone', { method: 'DELETE' });
    assert.equal((await retry(id)).status, 404);
    await put('gone', 'return "another text"');
    const anew = await retry(id);
    assert.equal(anew.status, 404);
    assert.match(anew.body.detail, /put anew/);
  });

  test('is nothing that whoever asks could not submit', async () => {
    const { id } = await ended({ source: 'return 1', lint: false, owner: 'ann' }, 'operator');
    const refused = await retry(id);
    assert.deepEqual([refused.status, refused.body.code], [403, 'forbidden']);
    const again = await retry(id, 'operator');
    assert.equal(again.status, 202);
    // Whatever only operators may do is in the audit; what anybody may is not.
    const { entries } = (await ask('/api/audit', {}, 'admin')).body;
    assert.deepEqual(
      entries
        .filter(({ action }: { action: string }) => /^run\.(submit|retry)$/.test(action))
        .map((each: Record<string, string>) => [each.action, each.target, each.owner, each.detail]),
      [
        ['run.retry', again.body.id, 'ann', `of ${id}, lint: false`],
        ['run.submit', id, 'ann', 'lint: false'],
      ],
    );
  });

  test('has ended before', async () => {
    const { id } = (await ask('/api/runs', { body: { source: 'await sleep(600_000)' } })).body;
    const early = await retry(id);
    assert.deepEqual([early.status, early.body.code], [409, 'conflict']);
    assert.match(early.body.detail, /has not ended yet/);
    await ask(`/api/runs/${id}/stop`, { method: 'POST' });
    assert.equal((await retry(id)).status, 202);
  });

  test('is another request than the submission, and than the retry of another run', async () => {
    const body = { source: 'return 1' };
    const headers = { 'idempotency-key': 'once' };
    const first = (await ask('/api/runs?wait=60000', { body, headers })).body;
    const second = await ended(body);
    assert.equal((await retry(first.id, 'ann', headers)).status, 422);
    const other = { 'idempotency-key': 'twice' };
    const { id } = (await retry(first.id, 'ann', other)).body;
    assert.equal((await retry(first.id, 'ann', other)).body.id, id);
    assert.equal((await retry(second.id, 'ann', other)).status, 422);
  });
});

describe('a line that is full', () => {
  const server = sharedServer([
    ...['--set', 'load.active=1'],
    ...['--set', 'load.creating=1'],
    ...['--set', 'load.queuePerOwner=3'],
    ...['--set', 'load.queue=20'],
  ]);

  test('takes nobody more of its owner, by no route, and whom it took it does not refuse', async () => {
    const body = { source: 'await sleep(600_000)' };
    const { id } = (await server.ask('/api/runs', { body })).body;
    while ((await server.ask(`/api/runs/${id}`)).body.status !== 'running');
    const batch = await server.ask('/api/runs/batch', { body: Array(10).fill(body) });
    const isTaken = ({ id }: { id?: string }) => id !== undefined;
    const taken = batch.body.filter(isTaken);
    assert.equal(taken.length, 3);
    for (const { status, code } of batch.body.slice(3))
      assert.deepEqual([status, code], [503, 'unavailable']);
    const form = new FormData();
    form.set('file', new Blob(['return 1']), 'a.js');
    for (const [path, sent] of [
      ['/api/runs', body],
      ['/api/runs?wait=100', body],
      ['/api/runs/stream', body],
      ['/api/runs/upload', form],
    ] as const) {
      const answer = await server.ask(path, { body: sent });
      assert.equal(answer.status, 503, path);
      assert.match(answer.body.detail, /^3 runs of local wait already/);
      assert.ok(Number(answer.headers.get('retry-after')) <= 10, path);
    }
    for (const { id: each } of taken)
      assert.equal((await server.ask(`/api/runs/${each}`)).body.status, 'queued');
    const { runs } = (await server.ask('/api/runs?status=refused')).body;
    assert.deepEqual(runs, []);
    await server.ask(`/api/runs/${id}/stop`, { method: 'POST' });
    for (;;) {
      const { status } = await server.ask('/api/runs', { body });
      if (status === 202) break;
      assert.equal(status, 503);
    }
  });
});
