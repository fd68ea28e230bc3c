import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { sharedServer, startServer } from '../support/server.ts';
import { tempDir } from '../support/temp.ts';

describe('what goes wrong over HTTP', () => {
  const server = sharedServer();

  /** The status and body of a request with headers that fetch would not send. */
  const raw = async (headers: Record<string, string>): Promise<[number, string]> => {
    const { port } = new URL(server.url);
    const asking = request({ port, path: '/api/runs', headers });
    asking.end();
    const [response] = await once(asking, 'response');
    let text = '';
    for await (const chunk of response) text += chunk;
    return [response.statusCode, text];
  };

  test('of a body that no JSON is written of is said, and is no fault of the server', async () => {
    const json = { 'content-type': 'application/json' };
    const deep = `{"source":"return 1","input":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
    const [tooDeep, refused] = [
      await server.ask('/api/runs', { body: deep, headers: json }),
      await server.ask('/api/runs', {
        body: '{"source":"1","input":{"__proto__":{"a":1}}}',
        headers: json,
      }),
    ];
    assert.deepEqual([tooDeep.status, tooDeep.body.code], [400, 'bad-input']);
    assert.match(tooDeep.body.detail, /nested too deeply/);
    assert.deepEqual([refused.status, refused.body.code], [400, 'bad-request']);
    assert.match(refused.body.detail, /not valid JSON, or has a key .*`__proto__`/);
  });

  test('is said in words for people', async () => {
    const typed = await server.ask('/api/runs', {
      body: 'x',
      headers: { 'content-type': 'text/x' },
    });
    assert.match(typed.body.detail, /^Send JSON, and say so: `content-type: application\/json`/);
    const worded = await server.ask('/api/runs?limit=many');
    assert.match(worded.body.detail, /^\/limit: must be a number$/);
  });

  test('is a parameter that nobody knows: what there is, is named', async () => {
    const { status, body } = await server.ask('/api/runs?statsu=killed');
    assert.deepEqual([status, body.code], [400, 'bad-request']);
    assert.match(body.detail, /no parameter statsu .*it has limit, cursor, status, reason/);
    const none = await server.ask('/api/guard?a=1');
    assert.match(none.body.detail, /no parameter a .*it has none/);
    for (const path of ['/livez?a=1', '/readyz?a=1', '/metrics?a=1', '/api/safety/statistics?_=1'])
      assert.equal((await server.ask(path)).status, 200, path);
  });

  test('is no empty body where none is needed, though it is said to be JSON', async () => {
    const headers = { 'content-type': 'application/json' };
    const put = { method: 'PUT', body: { source: 'return 1' } };
    assert.equal((await server.ask('/api/macros/walk', put)).status, 201);
    for (const step of ['disable', 'enable']) {
      const answer = await server.ask(`/api/macros/walk/${step}`, { body: '', headers });
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
    }
    const needed = await server.ask('/api/macros/walk/release', { body: '', headers });
    assert.equal(needed.status, 400);
  });

  test('is no stream that only its head is asked of', async () => {
    const { status, headers } = await server.ask('/api/events', { method: 'HEAD' });
    assert.deepEqual([status, headers.get('allow')], [405, 'GET']);
  });

  test('names the methods that there are', async () => {
    const { headers, body } = await server.ask('/api/runs/x/stop', { method: 'PUT' });
    assert.equal(headers.get('allow'), 'POST');
    assert.equal(body.detail, 'It takes POST, and not PUT.');
  });

  test('is a problem with a code, a status and what to do', async () => {
    const keyed = { 'idempotency-key': 'k', 'content-type': 'application/json' };
    const json = { 'content-type': 'application/json' };
    for (const [path, ask, status, code] of [
      ['/api/runs', { body: '{"source":', headers: json }, 400, 'bad-request'],
      ['/api/runs', { body: '', headers: json, method: 'POST' }, 400, 'bad-request'],
      ['/api/runs', { body: 'x', headers: { 'content-type': 'text/x' } }, 415, 'wrong-type'],
      ['/api/runs', { body: '{"__proto__":{"a":1}}', headers: json }, 400, 'bad-request'],
      ['/api/runs/upload', { body: 'x', headers: json }, 400, 'bad-request'],
      ['/api/nothing', {}, 404, 'not-found'],
      ['/api/runs', { method: 'PATCH' }, 405, 'method-not-allowed'],
      ['/api/runs/x/stop?a=1', { method: 'PUT' }, 405, 'method-not-allowed'],
      ['/api/runs/x/halt', { method: 'POST' }, 404, 'not-found'],
      ['/api/runs', { body: '{}', headers: { 'content-type': 'text/plain' } }, 415, 'wrong-type'],
      ['/api/runs', { body: { source: `//${'é'.repeat(1_100_000)}` } }, 400, 'bad-request'],
      ['/api/runs', { headers: { 'sec-fetch-site': 'cross-site' } }, 403, 'forbidden'],
      ['/api/runs/batch', { body: [{ source: '1' }], headers: keyed }, 400, 'bad-request'],
      ['/api/runs/stream', { body: { source: '1' }, headers: keyed }, 400, 'bad-request'],
      ['/api/%zz', {}, 400, 'bad-request'],
    ] as const) {
      const answer = await server.ask(path, ask);
      assert.equal(answer.status, status, `${path} ${JSON.stringify(answer.body)}`);
      assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/);
      assert.equal(answer.body.code, code);
      assert.equal(answer.body.status, status);
      assert.ok(answer.body.detail.length > 5 && answer.body.title.length > 5);
    }
  });

  test('is told of what is no request too, and of a head that is too large', async () => {
    const { port } = new URL(server.url);
    for (const [sent, status, code] of [
      ['good morning\r\n\r\n', 400, 'bad-request'],
      [`GET /livez HTTP/1.1\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'head-too-large'],
    ] as const) {
      const socket = connect({ port: Number(port), host: '127.0.0.1' });
      socket.write(sent);
      const answer = await text(socket);
      const [head = '', body = ''] = answer.split('\r\n\r\n');
      assert.match(head, new RegExp(`^HTTP/1\\.1 ${status} `));
      assert.match(head, /^content-type: application\/problem\+json\r$/m);
      assert.equal(JSON.parse(body).code, code);
    }
  });

  test("of limits that are none is the request's fault, not the input's", async () => {
    const body = { source: 'return 1', limits: { cpu: 'soon' } };
    const answer = await server.ask('/api/runs', { body });
    assert.deepEqual([answer.status, answer.body.code], [400, 'bad-request']);
  });

  test('a body of 100 MB is refused before it is read', async () => {
    const { port } = new URL(server.url);
    const socket = connect({ port: Number(port), host: '127.0.0.1' });
    socket.on('error', () => undefined);
    socket.write(
      `POST /api/runs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${100 * 1024 * 1024}\r\n\r\n{`,
    );
    const [chunk] = await once(socket, 'data');
    assert.match(String(chunk), /^HTTP\/1\.1 413 /);
    assert.match(String(chunk), /"code":"too-large"/);
    socket.destroy();
  });

  test('a body that grows without a length is cut off', async () => {
    const piece = new Uint8Array(1024 * 1024).fill(32);
    let sent = 0;
    const body = new ReadableStream({
      pull: (controller) => {
        sent += 1;
        controller.enqueue(piece);
        if (sent === 100) controller.close();
      },
    });
    const answer = await fetch(`${server.url}/api/runs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      duplex: 'half',
    } as RequestInit).catch(() => null);
    // It may be told, or its connection may be gone before it looks.
    if (answer) assert.equal(answer.status, 413);
    assert.ok(sent < 100, `it took ${sent} MB`);
    assert.equal((await server.ask('/livez')).status, 200);
  });

  test('only its own names are answered on a loopback address, and no other page', async () => {
    const { host } = new URL(server.url);
    assert.equal((await raw({ host }))[0], 200);
    assert.equal((await raw({ host, origin: `http://${host}` }))[0], 200);
    for (const own of ['localhost', '127.0.0.2', '[::1]:4141', '[::ffff:127.0.0.1]:80'])
      assert.equal((await raw({ host: own }))[0], 200, own);
    for (const headers of [
      { host: 'evil.example' },
      { host: '127.0.0.1.evil.example' },
      { host: '10.0.0.1' },
      { host, origin: 'https://evil.example' },
      { host, origin: 'null' },
      { host, origin: 'nonsense' },
    ] as const) {
      const [status, text] = await raw(headers);
      assert.equal(status, 403, JSON.stringify(headers));
      assert.equal(JSON.parse(text).code, 'forbidden');
    }
  });

  test('nobody else may read it in a browser, and pages have no script', async () => {
    const { headers, body } = await server.ask('/');
    assert.equal(headers.get('access-control-allow-origin'), null);
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'/);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.doesNotMatch(body, /<script|style=|onload/);
    assert.equal(
      (await server.ask('/style.css')).headers.get('content-type'),
      'text/css; charset=utf-8',
    );
  });

  test('nothing that an author chose gets into a page as markup', async () => {
    const name = '<img src=x onerror=alert(1)>&"\u202e';
    const source = `// ==Macro==\n// @name ${name}\n// ==/Macro==\nreturn 1`;
    const { body } = await server.ask('/api/runs?wait=60000', { body: { source } });
    assert.match(body.macro, /<img/);
    const page = (await server.ask('/')).body;
    assert.match(page, /&lt;img src=x onerror=alert\(1\)&gt;&amp;&quot;/);
    assert.doesNotMatch(page, /<img|\u202e/);
  });

  test('a problem of a name holds it bounded', async () => {
    const { status, body } = await server.ask(`/api/macros/${'a'.repeat(150)}`);
    assert.equal(status, 400);
    assert.ok(JSON.stringify(body).length < 2_000);
  });
});

describe('too many requests', () => {
  test('are refused with when to come back, and only of that caller', async () => {
    using dir = tempDir();
    await using server = await startServer(dir.path, ['--rate', '3']);
    for (let n = 0; n < 3; n++) assert.equal((await server.ask('/api/runs')).status, 200);
    const { status, body, headers } = await server.ask('/api/runs');
    assert.equal(status, 429);
    assert.equal(body.code, 'too-many');
    assert.ok(Number(headers.get('retry-after')) >= 1);
    // Whoever watches over the server is not counted; a wrong key is, by its address.
    assert.equal((await server.ask('/livez')).status, 200);
    for (let n = 0; n < 3; n++)
      assert.equal((await server.ask('/api/runs', { key: `wrong ${n}` })).status, 401);
    assert.equal((await server.ask('/api/runs', { key: 'wrong again' })).status, 429);
  });
});
