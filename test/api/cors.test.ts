import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { toOrigins } from '../../src/cli/serve/cors.ts';
import { corral } from '../support/cli.ts';
import { serveHere } from '../support/serve-here.ts';
import { type Ask, askAt, startServer } from '../support/server.ts';
import { tempDir } from '../support/temp.ts';

const NAMED = 'https://dash.example';
const OTHERS = [
  'https://evil.example',
  'http://dash.example',
  'https://dash.example:8443',
  'https://x.dash.example',
  'https://dash.example.evil.example',
  'https://DASH.example',
  'null',
  '*',
] as const;
/** What a browser asks before it sends a page's request. */
const preflight = (origin: string, method = 'PUT'): Ask => ({
  method: 'OPTIONS',
  headers: {
    origin,
    'access-control-request-method': method,
    'access-control-request-headers': 'authorization, content-type',
  },
});
const corsOf = (headers: Headers) =>
  [...headers].filter(([name]) => name.startsWith('access-control-'));

describe('pages of other origins', () => {
  test('may do nothing unless they are named', async () => {
    await using server = await serveHere();
    for (const ask of [preflight(NAMED), { headers: { origin: NAMED } }]) {
      const { status, headers } = await askAt(`${server.url}/api/runs`, ask);
      assert.equal(status, 403);
      assert.deepEqual(corsOf(headers), []);
    }
    const { headers } = await askAt(`${server.url}/api/runs`);
    assert.deepEqual(corsOf(headers), []);
  });

  test('that are named may, by their exact origin, with what a client sends and reads', async () => {
    await using server = await serveHere({
      origins: new Set([NAMED, 'http://localhost:5173']),
    });
    const url = `${server.url}/api/runs`;
    const asked = await askAt(url, preflight(NAMED));
    assert.equal(asked.status, 204);
    assert.equal(asked.headers.get('access-control-allow-origin'), NAMED);
    assert.equal(asked.headers.get('access-control-allow-methods'), 'GET, POST, PUT, DELETE');
    const allowed = asked.headers.get('access-control-allow-headers') ?? '';
    for (const name of ['authorization', 'content-type', 'idempotency-key', 'last-event-id'])
      assert.ok(allowed.split(', ').includes(name), name);
    assert.equal(asked.headers.get('access-control-allow-credentials'), null);
    const body = { source: 'return 1' };
    const taken = await askAt(url, { body, headers: { origin: NAMED } });
    assert.equal(taken.status, 202);
    assert.equal(taken.headers.get('access-control-allow-origin'), NAMED);
    assert.match(taken.headers.get('vary') ?? '', /origin/i);
    const exposed = taken.headers.get('access-control-expose-headers') ?? '';
    for (const [name] of taken.headers)
      if (name === 'location' || name.startsWith('x-ratelimit-'))
        assert.ok(exposed.split(', ').includes(name), name);
    assert.match(exposed, /location/);
    // What goes wrong can be read too.
    const none = await askAt(`${url}/000000000000`, { headers: { origin: NAMED } });
    assert.equal(none.status, 404);
    assert.equal(none.headers.get('access-control-allow-origin'), NAMED);
    for (const origin of OTHERS)
      for (const ask of [preflight(origin), { headers: { origin } }]) {
        const { status, headers } = await askAt(url, ask);
        assert.equal(status, 403, origin);
        assert.deepEqual(corsOf(headers), [], origin);
      }
  });

  test('hear events where they are named', async () => {
    await using server = await serveHere({ origins: new Set([NAMED]) });
    const over = new AbortController();
    const { headers } = await fetch(`${server.url}/api/events`, {
      headers: { origin: NAMED },
      signal: over.signal,
    });
    assert.equal(headers.get('access-control-allow-origin'), NAMED);
    assert.match(headers.get('content-type') ?? '', /^text\/event-stream/);
    over.abort();
  });

  test('need a key where one is needed, and their preflights none', async () => {
    await using server = await serveHere({ origins: new Set([NAMED]), isLoopback: false });
    const url = `${server.url}/api/runs`;
    assert.equal((await askAt(url, preflight(NAMED))).status, 204);
    const refused = await askAt(url, { headers: { origin: NAMED } });
    assert.equal(refused.status, 401);
    assert.equal(refused.headers.get('access-control-allow-origin'), NAMED);
    // Where anybody reaches the server it is the browser that keeps other pages out.
    const { status, headers } = await askAt(url, preflight(OTHERS[0]));
    assert.equal(status, 405);
    assert.deepEqual(corsOf(headers), []);
  });

  test('are named with --cors, and what no browser would send is refused at the start', async () => {
    for (const [origin, why] of [
      ['*', /there is no \*/],
      ['null', /there is no \* and no null/],
      ['https://*.example', /each origin exactly/],
      ['dash.example', /each origin exactly/],
      ['ftp://dash.example', /each origin exactly/],
      ['https://dash.example/', /as https:\/\/dash\.example; write that/],
      ['https://dash.example/app', /write that/],
      ['https://dash.example:443', /write that/],
      ['https://DASH.example', /write that/],
    ] as const)
      assert.throws(() => toOrigins(origin), why, origin);
    const { code, stderr } = await corral(['serve', '--cors', NAMED, '*']);
    assert.equal(code, 2);
    assert.match(stderr, /there is no \*/);
    using dir = tempDir();
    await using server = await startServer(dir.path, ['--cors', NAMED, 'http://localhost:5173']);
    for (const origin of [NAMED, 'http://localhost:5173'])
      assert.equal((await server.ask('/api/runs', preflight(origin))).status, 204, origin);
    // A preflight is logged as any request is.
    while (!/"method":"OPTIONS"/.test(server.stdout())) await sleep(10);
    assert.equal(await server.end('SIGTERM'), 0);
  });
});
