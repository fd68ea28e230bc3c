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
  test('one that sends its head byte by byte is cut off, and others are served meanwhile', async () => {
    await using server = await serveHere({ headersMs: 300 });
    const socket = await open(server.url);
    let answer = '';
    socket.on('data', (chunk) => {
      answer += String(chunk);
    });
    const isClosed = once(socket, 'close').then(() => true);
    const head = `GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ${'x'.repeat(100_000)}`;
    let sent = 0;
    let served = 0;
    while (!(await Promise.race([isClosed, sleep(20, false)]))) {
      if (socket.writable) socket.write(head[sent++] ?? 'x');
      assert.equal((await askAt(`${server.url}/livez`)).status, 200);
      served += 1;
    }
    assert.match(answer, /^(HTTP\/1\.1 408 |$)/);
    assert.ok(served > 1 && sent < head.length, `${sent} bytes, ${served} answers`);
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
