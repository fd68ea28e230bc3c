import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { serveHere } from '../support/serve-here.ts';
import { askAt } from '../support/server.ts';

/** A connection; that it is cut off is no error. */
async function open(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

describe('clients that only hold on', () => {
  const start = 'POST /api/runs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n';
  for (const [what, atOnce] of [
    ['head', ''],
    ['body', `${start}Content-Length: 5000\r\n\r\n`],
  ] as const)
    test(`one that sends its ${what} byte by byte is cut off, and others are served meanwhile`, async () => {
      await using server = await serveHere({ headersMs: 1500, requestMs: 3000 });
      const socket = await open(server.url);
      let answer = '';
      socket.on('data', (chunk) => {
        answer += String(chunk);
      });
      const isClosed = once(socket, 'close').then(() => true);
      const slowly = atOnce === '' ? `${start}X-Slow: ${'x'.repeat(5_000)}` : ' '.repeat(5_000);
      socket.write(atOnce);
      let sent = 0;
      let served = 0;
      while (!(await Promise.race([isClosed, sleep(20, false)]))) {
        if (socket.writable) socket.write(slowly[sent++] ?? 'x');
        assert.equal((await askAt(`${server.url}/livez`)).status, 200);
        served += 1;
      }
      assert.match(answer, /^(HTTP\/1\.1 408 |$)/);
      assert.ok(served > 0 && sent < slowly.length, `${sent} bytes, ${served} answers`);
      assert.equal((await askAt(`${server.url}/livez`)).status, 200);
    });

  test('idle connections up to the ceiling are kept and served, and one more is turned away', async () => {
    const connectionsMax = 300;
    await using server = await serveHere({ connectionsMax });
    const sockets = await Promise.all(
      Array.from({ length: connectionsMax }, () => open(server.url)),
    );
    const more = await open(server.url);
    await once(more, 'close');
    assert.ok(sockets.every(({ destroyed }) => !destroyed));
    const [first = assert.fail(), ...others] = sockets;
    first.write('GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    const [answer] = await once(first, 'data');
    assert.match(String(answer), /^HTTP\/1\.1 200 /);
    for (const socket of others) socket.destroy();
    // Once it has seen that they are gone there is room again.
    for (;;) {
      const served = await askAt(`${server.url}/livez`).catch(() => null);
      if (served?.status === 200) break;
    }
    first.destroy();
  });
});
