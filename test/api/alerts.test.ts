import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KeptAlert } from '../../src/model/alert.ts';
import { History } from '../../src/store/history/history.ts';
import { Remote } from '../alerts/support/remote.ts';
import { type Ask, startServer, type TestServer } from '../support/server.ts';
import { tempDir } from '../support/temp.ts';

/** The alerts, once they are as they are waited for. */
async function alertsOf(
  server: TestServer,
  isReady: (alerts: readonly KeptAlert[]) => boolean,
  ask: Ask = {},
): Promise<readonly KeptAlert[]> {
  for (;;) {
    const { alerts } = (await server.ask('/api/alerts', ask)).body;
    if (isReady(alerts)) return alerts;
    await sleep(20);
  }
}

const spin = (file: string) => ({
  ...{ source: 'while (true);', lint: false, limits: { cpu: '50ms' }, file },
});

describe('the feed of alerts', () => {
  test('tells whom each has reached, and outlives the server', async () => {
    using dir = tempDir();
    await using down = await Remote.start(
      ...Array.from({ length: 20 }, () => ({
        ...{ status: 429, headers: { 'retry-after': '3000' } },
      })),
    );
    await using gone = await Remote.start({ status: 404 });
    await using up = await Remote.start();
    const file = join(dir.path, 'alerts.yaml');
    const to = (name: string, { url }: Remote) => ({
      ...{ name, type: 'slack', url, allowPrivate: true, kinds: ['kill'] },
    });
    const channels = [to('up', up), to('down', down), to('gone', gone)];
    writeFileSync(file, JSON.stringify({ channels }));
    // How the machine is may be told beside it, and is nothing of this test.
    const kills = (all: readonly KeptAlert[]) => all.filter(({ kind }) => kind === 'kill');
    const states = ({ deliveries }: KeptAlert) =>
      deliveries.map(({ channel, state, failures }) => [channel, state, failures]);
    const expected = [
      ['up', 'delivered', 0],
      ['down', 'waiting', 1],
      ['gone', 'given-up', 1],
    ];
    let id = 0;
    {
      await using server = await startServer(dir.path, ['--alerts', file]);
      await server.ask('/api/runs?wait=60000', { body: spin('spin.js') });
      const same = (all: readonly KeptAlert[]) =>
        kills(all).some((each) => JSON.stringify(states(each)) === JSON.stringify(expected));
      const [alert = assert.fail()] = kills(await alertsOf(server, same));
      assert.deepEqual([alert.kind, alert.macro, alert.level], ['kill', 'spin', 'error']);
      assert.match(alert.title, /spin ended: cpu-limit/);
      assert.match(alert.deliveries[2]?.error ?? '', /status 404/);
      assert.ok(alert.deliveries[0]?.endedAt && alert.deliveries[1]?.endedAt === null);
      // Its number is that of its event.
      const { events } = (await server.ask('/api/events/list?type=run')).body;
      const event = events.find((each: { id: number }) => each.id === alert.id);
      assert.equal(event.reason, 'cpu-limit');
      id = alert.id;
    }
    await using again = await startServer(dir.path);
    const [kept = assert.fail()] = kills((await again.ask('/api/alerts')).body.alerts);
    assert.equal(kept.id, id);
    assert.deepEqual(states(kept), expected);
  });

  test('is there without channels, in pages, and shows authors theirs and the house’s', async () => {
    using dir = tempDir();
    await using server = await startServer(dir.path);
    const keys = new Map<string, string>();
    {
      await using history = new History({ dir: join(dir.path, 'data'), onFailed: assert.fail });
      for (const [owner, scope] of [
        ['ann', 'author'],
        ['bob', 'author'],
        ['op', 'operator'],
      ] as const) {
        const about = { owner, name: 'k', scopes: [scope], expiresAt: null, at: Date.now() };
        keys.set(owner, history.keys.add(about).key);
      }
    }
    const as = (owner: string): Ask => ({ key: keys.get(owner) ?? '' });
    for (const owner of ['ann', 'bob']) {
      const ask = { ...as('op'), body: { ...spin(`${owner}.js`), owner } };
      assert.equal((await server.ask('/api/runs?wait=60000', ask)).body.reason, 'cpu-limit');
    }
    const why = { ...as('op'), body: { why: 'fire' } };
    await server.ask('/api/guard/emergency', why);
    await server.ask('/api/guard/clear', why);
    // How the machine is belongs to the house too, but not to this test.
    const told = (alerts: readonly KeptAlert[]) =>
      alerts
        .filter(({ kind }) => kind === 'kill' || kind === 'emergency')
        .map(({ kind, macro, status }) => [kind, macro, status]);
    const all = await alertsOf(server, (alerts) => told(alerts).length >= 4, as('op'));
    const house = [
      ['emergency', null, 'resolved'],
      ['emergency', null, 'firing'],
    ];
    const [killAnn, killBob] = ['ann', 'bob'].map((name) => ['kill', name, 'firing']);
    assert.deepEqual(told(all), [...house, killBob, killAnn]);
    assert.ok(all.every(({ deliveries }) => deliveries.length === 0));
    assert.deepEqual(told((await server.ask('/api/alerts', as('ann'))).body.alerts), [
      ...house,
      killAnn,
    ]);
    const paged: KeptAlert[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const path: string = `/api/alerts?limit=3${cursor && `&cursor=${cursor}`}`;
      const { body } = await server.ask(path, as('op'));
      assert.ok(body.alerts.length <= 3);
      paged.push(...body.alerts);
      cursor = body.next;
    }
    assert.deepEqual(paged.slice(-all.length), all);
    assert.equal((await server.ask('/api/alerts?cursor=odd', as('op'))).status, 400);
  });
});
