import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, test } from 'node:test';
import { openDevtools } from '../../src/devtools/open-devtools.ts';
import { DevtoolsClient } from '../support/devtools-client.ts';

/** The HTTP status a connection gets that is not let in. */
async function statusOf(url: string, headers: Record<string, string> = {}): Promise<number> {
  using client = new DevtoolsClient(url, headers);
  const [, response] = (await once(client.socket, 'unexpected-response')) as [
    unknown,
    { statusCode: number },
  ];
  return response.statusCode;
}

/** A run that only keeps what it is told. */
function fakeRun() {
  const told: (string | null)[] = [];
  const heard = Promise.withResolvers<void>();
  const tell = (message: string | null) => {
    told.push(message);
    heard.resolve();
  };
  return { told, heard: heard.promise, run: { tell } };
}

describe('the door for a debugger', () => {
  test('is open on the loopback address only', async () => {
    await using devtools = await openDevtools({ port: 0 });
    assert.match(devtools.webSocketUrl, /^ws:\/\/127\.0\.0\.1:\d+\/[\w-]{32}$/);
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ family, internal }) => family === 'IPv4' && !internal);
    for (const { address } of others) {
      const socket = connect({ host: address, port: devtools.port });
      const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
      assert.equal(error.code, 'ECONNREFUSED', address);
    }
  });

  test('lets one debugger in, once', async () => {
    await using devtools = await openDevtools({ port: 0 });
    const url = devtools.webSocketUrl;
    {
      using client = await DevtoolsClient.connect(url);
      await devtools.entered;
      assert.equal(await statusOf(url), 410, 'while it is there');
      client.socket.close();
      await once(client.socket, 'close');
    }
    assert.equal(await statusOf(url), 410, 'and after it has gone');
  });

  test('knows no other address than its own', async () => {
    await using devtools = await openDevtools({ port: 0 });
    const base = `ws://127.0.0.1:${devtools.port}`;
    const token = devtools.webSocketUrl.slice(base.length + 1);
    for (const path of ['/', '/json/list', `/${'x'.repeat(32)}`, `/${token}/`, `//${token}`])
      assert.equal(await statusOf(base + path), 404, path);
    const page = await fetch(`http://127.0.0.1:${devtools.port}/json/list`);
    assert.equal(page.status, 426);
    assert.ok(!(await page.text()).includes(token));
    using _late = await DevtoolsClient.connect(devtools.webSocketUrl);
  });

  test('keeps web pages out, and names that were made to point here', async () => {
    await using devtools = await openDevtools({ port: 0 });
    const url = devtools.webSocketUrl;
    for (const origin of [
      'http://localhost:3000',
      'https://example.com',
      'null',
      'devtools.example',
    ])
      assert.equal(await statusOf(url, { origin }), 403, origin);
    for (const host of ['example.com', `example.com:${devtools.port}`, '127.0.0.1', 'localhost:1'])
      assert.equal(await statusOf(url, { host }), 403, host);
    using own = new DevtoolsClient(url, { origin: 'devtools://devtools' });
    await once(own.socket, 'open');
  });

  test('bears garbage, binary and what is too long', async () => {
    for (const [send, code] of [
      [(client: DevtoolsClient) => client.socket.send(Buffer.from([1, 2])), 1003],
      [(client: DevtoolsClient) => client.socket.send('x'.repeat(9 * 1024 * 1024)), 1009],
    ] as const) {
      await using devtools = await openDevtools({ port: 0 });
      const { run, told } = fakeRun();
      devtools.connect(run);
      using client = await DevtoolsClient.connect(devtools.webSocketUrl);
      send(client);
      const [closed] = await once(client.socket, 'close');
      assert.ok([code, 1006].includes(closed as number), `${closed}`);
      await devtools.close();
      assert.deepEqual(told, [null]);
    }
    await using devtools = await openDevtools({ port: 0 });
    const socket = connect({ host: '127.0.0.1', port: devtools.port });
    socket.on('error', () => undefined).resume();
    socket.end('\0\x01 no HTTP\r\n\r\n');
    await once(socket, 'close');
    using _still = await DevtoolsClient.connect(devtools.webSocketUrl);
  });

  test('keeps what a debugger says until its run is there, and tells it when it goes', async () => {
    await using devtools = await openDevtools({ port: 0 });
    using client = await DevtoolsClient.connect(devtools.webSocketUrl);
    client.socket.send('first');
    client.socket.send('second');
    const { run, told, heard } = fakeRun();
    const side = devtools.connect(run);
    await heard;
    const answer = once(client.socket, 'message');
    client.socket.on('message', () => undefined);
    side.hear('{"method":"Some.thing"}');
    await answer;
    client.socket.close();
    await once(client.socket, 'close');
    await devtools.close();
    assert.deepEqual(told, ['first', 'second', null]);
  });

  test('serves one run', async () => {
    await using devtools = await openDevtools({ port: 0 });
    devtools.connect(fakeRun().run);
    assert.throws(() => devtools.connect(fakeRun().run), /serves one run/);
  });

  test('is closed for good when its run ends: the debugger hears of it, and the port is free', async () => {
    const devtools = await openDevtools({ port: 0 });
    const side = devtools.connect(fakeRun().run);
    using client = await DevtoolsClient.connect(devtools.webSocketUrl);
    side.end();
    const [code, reason] = await once(client.socket, 'close');
    assert.deepEqual([code, String(reason)], [1001, 'the run is over']);
    await devtools.close();
    const server = createServer().listen(devtools.port, '127.0.0.1');
    await once(server, 'listening');
    server.close();
  });

  test('says what to do when its port is taken', async () => {
    await using devtools = await openDevtools({ port: 0 });
    await assert.rejects(openDevtools({ port: devtools.port }), {
      code: 'bad-usage',
      message: `Cannot open port ${devtools.port} for a debugger: it is in use; choose another one, or 0 for any.`,
    });
  });
});
