import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { Quota, Scope } from '../../src/model/history.ts';
import { History } from '../../src/store/history/history.ts';
import { type Answer, sharedServer } from '../support/server.ts';

describe('a replay over HTTP', () => {
  const server = sharedServer();
  const keys: Record<string, string> = {};
  let dump = '';

  const withHistory = async (change: (history: History) => void): Promise<void> => {
    await using history = new History({
      dir: `${server.dir}/data`,
      onFailed: (error) => assert.fail(String(error)),
    });
    change(history);
  };
  const FREE = { concurrentRuns: null, cpuSecondsPerDay: null, commandsPerMinute: null };
  const setQuota = (quota: Partial<Quota>): Promise<void> =>
    withHistory(({ keys: kept }) => kept.setQuota('ann', { ...FREE, ...quota }));
  const replay = (): Promise<Answer> =>
    server.ask(`/api/dumps/${dump}/replay`, { method: 'POST', key: keys.ann ?? '' });

  before(async () => {
    await withHistory((history) => {
      const add = (owner: string, scope: Scope) =>
        history.keys.add({ owner, name: 'k', scopes: [scope], expiresAt: null, at: Date.now() })
          .key;
      keys.ann = add('ann', 'author');
      keys.admin = add('olga', 'admin');
    });
    const { body } = await server.ask('/api/runs?wait=60000', {
      key: keys.admin ?? '',
      body: { source: 'while (true);', lint: false, limits: { cpu: '100ms' }, owner: 'ann' },
    });
    assert.equal(body.reason, 'cpu-limit');
    dump = body.id;
  });

  test('is refused as a submission would be, and is in the audit', async () => {
    assert.equal((await replay()).status, 200);
    const { entries } = (await server.ask('/api/audit', { key: keys.admin ?? '' })).body;
    const replays = () =>
      entries.filter(({ action }: { action: string }) => action === 'dump.replay');
    assert.deepEqual(
      replays().map(({ target, owner }: Record<string, string>) => [target, owner]),
      [[dump, 'ann']],
    );
    await setQuota({ concurrentRuns: 0 });
    const tooMany = await replay();
    assert.deepEqual([tooMany.status, tooMany.body.code], [429, 'too-many']);
    await setQuota(FREE);
    const key = keys.admin ?? '';
    await server.ask('/api/guard/emergency', { body: { why: 'fire' }, key });
    const stopped = await replay();
    assert.deepEqual([stopped.status, stopped.body.code], [503, 'unavailable']);
    await server.ask('/api/guard/clear', { body: { why: 'out' }, key });
  });

  test('counts as a run of whoever asks, and its CPU as theirs', async () => {
    await setQuota({ concurrentRuns: 1 });
    const answers = await Promise.all([replay(), replay()]);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 429]);
    // More than the run itself has used, and less than that and a replay together.
    const used = (await server.ask(`/api/runs/${dump}`, { key: keys.ann ?? '' })).body.cpuMs;
    await setQuota({ cpuSecondsPerDay: (used * 1.5) / 1_000 });
    const spent = await replay();
    assert.equal(spent.status, 429);
    assert.match(spent.body.detail, /of CPU a day/);
    await setQuota(FREE);
  });

  test('ends with an emergency stop', async () => {
    const key = keys.admin ?? '';
    const { id } = (
      await server.ask('/api/runs', {
        key,
        body: { source: 'await sleep(600_000)', limits: { wall: '5s' }, owner: 'ann' },
      })
    ).body;
    const slow = await server.ask(`/api/runs/${id}?wait=60000`, { key });
    assert.equal(slow.body.reason, 'wall-limit');
    dump = id;
    const replaying = replay();
    for (;;) {
      const { entries } = (await server.ask('/api/audit?limit=1', { key })).body;
      if (entries[0].target === id) break;
    }
    await server.ask('/api/guard/emergency', { body: { why: 'fire' }, key });
    assert.equal((await replaying).body.end.reason, 'cancelled');
    await server.ask('/api/guard/clear', { body: { why: 'out' }, key });
  });
});
