import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { isStale, listSockets, removeSocket, sweepSockets } from '../../src/control/sockets.ts';
import { CHILD_LIFE } from '../support/child-life.ts';
import { tempDir } from '../support/temp.ts';

const temp = tempDir();
const servers: Server[] = [];
after(() => {
  for (const server of servers) server.close();
  temp[Symbol.dispose]();
});

/** A socket somebody listens on. */
async function listening(path: string): Promise<void> {
  const server = createServer((socket) => socket.end()).listen(path);
  servers.push(server);
  await new Promise((resolve) => server.once('listening', resolve));
}

/** A socket of a process that was killed; gives its path. */
function abandoned(dir: string): string {
  const code = `
    const path = process.argv[1] + '/corral-' + process.pid + '-0123abcd.sock';
    require('node:net').createServer().listen(path, () => {
      process.stdout.write(path, () => process.kill(process.pid, 'SIGKILL'));
    });`;
  return spawnSync(process.execPath, ['-e', code, dir], CHILD_LIFE).stdout.toString();
}

describe('sockets in a folder', () => {
  test('are those named as ours, and nothing else', async () => {
    using dir = tempDir();
    const mine = join(dir.path, `corral-${process.pid}-00000001.sock`);
    await listening(mine);
    writeFileSync(join(dir.path, `corral-${process.pid}-00000002.sock`), 'a file');
    symlinkSync('/etc/passwd', join(dir.path, `corral-${process.pid}-00000003.sock`));
    await listening(join(dir.path, 'other.sock'));
    assert.deepEqual(await listSockets(dir.path), [{ path: mine, target: mine, pid: process.pid }]);
    assert.deepEqual(await listSockets(join(dir.path, 'nowhere')), []);
  });

  test('of a process that was killed are stale, and swept; those that answer stay', async () => {
    using dir = tempDir();
    const mine = join(dir.path, `corral-${process.pid}-00000001.sock`);
    await listening(mine);
    const dead = abandoned(dir.path);
    assert.ok(existsSync(dead));
    const stale = await Promise.all((await listSockets(dir.path)).map(isStale));
    assert.deepEqual(stale.sort(), [false, true]);
    await sweepSockets(dir.path);
    assert.deepEqual([existsSync(dead), existsSync(mine)], [false, true]);
  });

  test('whose pid is another process by now are stale once they are old', async () => {
    using dir = tempDir();
    const dead = abandoned(dir.path);
    const reused = { path: dead, target: dead, pid: process.pid };
    assert.equal(await isStale(reused), false, 'it may be about to listen');
    utimesSync(dead, new Date(0), new Date(0));
    assert.equal(await isStale(reused), true);
  });

  test('that are links lead only to sockets of ours, and both are removed', async () => {
    using dir = tempDir();
    using elsewhere = tempDir();
    const target = abandoned(elsewhere.path);
    const name = target.slice(elsewhere.path.length + 1);
    symlinkSync(target, join(dir.path, name));
    assert.deepEqual(await listSockets(dir.path), [], 'its folder is not named as ours');
    const short = join(temp.path, 'corral-0');
    symlinkSync(elsewhere.path, short);
    using second = tempDir();
    symlinkSync(join(short, name), join(second.path, name));
    const [socket] = await listSockets(second.path);
    assert.equal(socket?.target, join(short, name));
    assert.ok(socket && (await isStale(socket)));
    await removeSocket(socket);
    assert.equal(existsSync(target), false);
    assert.deepEqual(await listSockets(second.path), []);
  });
});
