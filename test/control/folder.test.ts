import assert from 'node:assert/strict';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { linkSocket, placeSocket, shortFolder } from '../../src/control/folder.ts';
import { tempDir } from '../support/temp.ts';

const temp = tempDir();
after(() => temp[Symbol.dispose]());

describe('the control folder', () => {
  test('is made for its owner alone, with those above it', () => {
    const dir = join(temp.path, 'a', 'b');
    const { path, link } = placeSocket(dir);
    assert.equal(link, null);
    assert.match(path, new RegExp(`^${dir}/corral-${process.pid}-[0-9a-f]{8}\\.sock$`));
    assert.equal(statSync(dir).mode & 0o777, 0o700);
    assert.notEqual(placeSocket(dir).path, path, 'two Corrals of one process do not meet');
  });

  test('is refused when others can enter it, or it is none', () => {
    const open = join(temp.path, 'open');
    mkdirSync(open);
    chmodSync(open, 0o750);
    assert.throws(() => placeSocket(open), /others can enter .*open; chmod 700 it/);
    const file = join(temp.path, 'file');
    writeFileSync(file, '');
    assert.throws(() => placeSocket(file), /file is no folder/);
  });

  test('with a path too long for a socket has a link to a short one that works', async () => {
    const dir = join(temp.path, 'x'.repeat(90), 'y'.repeat(90));
    const place = placeSocket(dir);
    const server = createServer();
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(place.path, resolve);
      });
      linkSocket(place);
      assert.ok(place.path.startsWith(join(tmpdir(), 'corral-')));
      assert.equal(statSync(shortFolder()).mode & 0o777, 0o700);
      assert.equal(readlinkSync(place.link ?? ''), place.path);
      assert.ok(lstatSync(place.path).isSocket());
    } finally {
      server.close();
      rmSync(place.path, { force: true });
    }
  });
});
