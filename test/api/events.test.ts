import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { EventListener } from '../support/event-listener.ts';
import { serveHere } from '../support/serve-here.ts';
import { sharedServer } from '../support/server.ts';

describe('live events', () => {
  const server = sharedServer(['--rate', '1000000']);

  const run = async (file = 'macro.js'): Promise<string> =>
    (await server.ask('/api/runs?wait=60000', { body: { source: 'return 1', file } })).body.id;
  const endOf =
    (id: string) => (event: { type: string; data: { runId?: string; state?: string } }) =>
      event.type === 'run' && event.data.runId === id && event.data.state === 'ended';

  test('are told in order, numbered, each once', async () => {
    using listener = await EventListener.open(server.url);
    const id = await run();
    await listener.first(endOf(id));
    const states = listener.events
      .filter(({ data }) => data.runId === id)
      .map(({ data }) => data.state);
    assert.deepEqual(states, ['starting', 'running', 'ended']);
    const ids = listener.events.map((event) => event.id);
    assert.deepEqual(
      ids,
      [...new Set(ids)].sort((a, b) => a - b),
    );
  });

  test('that were missed come first, by Last-Event-ID', async () => {
    using listener = await EventListener.open(server.url);
    const first = await run();
    const { id: lastId } = await listener.first(endOf(first));
    listener[Symbol.dispose]();
    const missed = await run();
    using again = await EventListener.open(server.url, { lastId });
    await again.first(endOf(missed));
    const live = await run();
    await again.first(endOf(live));
    const ids = again.events.map(({ id }) => id);
    assert.ok(ids.every((id) => id > lastId));
    assert.deepEqual(
      ids,
      [...new Set(ids)].sort((a, b) => a - b),
    );
    const { events } = (await server.ask(`/api/events/list?after=${lastId}&limit=1000`)).body;
    assert.deepEqual(
      ids,
      events.map(({ id }: { id: number }) => id),
      'nothing was left out',
    );
  });

  test('are filtered by kind and macro', async () => {
    using listener = await EventListener.open(server.url, { query: '?type=run&macro=mine' });
    await run('other.js');
    const id = await run('mine.js');
    await listener.first(endOf(id));
    assert.ok(listener.events.length > 0);
    assert.ok(listener.events.every(({ type, data }) => type === 'run' && data.macro === 'mine'));
    assert.equal((await server.ask('/api/events?type=odd')).status, 400);
    const odd = { headers: { 'last-event-id': 'x' } };
    assert.equal((await server.ask('/api/events', odd)).status, 400);
  });

  test('end with the server, and with the connection', async () => {
    using listener = await EventListener.open(server.url);
    const closed = once(listener.socket, 'close');
    assert.equal(await server.end('SIGTERM'), 0);
    await closed;
  });
});

describe('a listener who does not read', () => {
  test('is let go once too much waits for it, and nobody else waits for that', async () => {
    await using server = await serveHere();
    const { service, url } = server;
    // The server itself listens too, for its metrics.
    const own = service.listeners;
    using slow = await EventListener.open(url);
    using quick = await EventListener.open(url);
    slow.socket.pause();
    assert.equal(service.listeners, own + 2);
    const order = { by: 'test', why: 'x'.repeat(500) };
    let told = 0;
    // The operating system keeps some megabytes for it before anything waits here.
    for (; service.listeners === own + 2 && told < 100_000; told += 2) {
      await service.corral.emergency(order);
      service.corral.clearEmergency(order);
      if (told % 200 === 0) await service.history.writes.flush();
      if (told % 200 === 0) await new Promise(setImmediate);
    }
    assert.equal(service.listeners, own + 1, `${told} events, and it is still there`);
    await service.history.writes.flush();
    const { last } = service.history.events;
    await quick.first(({ id }) => id === last);
  });
});
