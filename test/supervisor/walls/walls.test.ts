import assert from 'node:assert/strict';
import { chmodSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { WALLS } from '../../../src/model/wall.ts';
import { readWalls } from '../../../src/supervisor/walls/walls.ts';
import { corral } from '../../support/cli.ts';
import { scratchDir } from '../support/scratch.ts';

const dir = scratchDir();
const HELLO = join(dir, 'hello.js');
writeFileSync(HELLO, 'return 42');
/** A machine that has nothing to put up walls with. */
const BARE = { PATH: dir };

/** Runs a macro where PATH is all a machine has. */
function run(env: Record<string, string>, ...flags: string[]) {
  return corral(['run', HELLO, ...flags], { cwd: dir, env });
}

describe('the walls', () => {
  test('are all told of, each with how it stands or why it does not', () => {
    const walls = readWalls();
    assert.deepEqual(walls.map(({ id }) => id).sort(), Object.keys(WALLS).sort());
    for (const { id, up, how, remedy } of walls) {
      assert.ok(how, id);
      assert.ok(!up || remedy === null, `${id} stands: nothing to do`);
    }
  });

  test('that a machine does not have keep nothing from running, and are named in one line', async () => {
    const { code, stdout, stderr } = await run(BARE);
    assert.equal(code, 0);
    assert.equal(stdout, '42\n');
    const lines = stderr.split('\n').filter((line) => /walls/.test(line));
    assert.equal(lines.length, 1, stderr);
    assert.match(lines[0] ?? '', /missing here: files, network, .*`corral doctor`/);
  });

  test('are not spoken of with --quiet', async () => {
    const { code, stderr } = await run(BARE, '--quiet');
    assert.deepEqual([code, stderr], [0, '']);
  });

  test('keep a strict run from starting where one is missing: each is named, with what to install', async () => {
    const { code, stdout, stderr } = await run(BARE, '--walls', 'strict');
    assert.equal(code, 2);
    assert.equal(stdout, '');
    for (const id of ['files', 'network', 'processes', 'privileges', 'lifetime', 'core-dumps'])
      assert.match(stderr, new RegExp(`^  .*\\b${id}\\b.*: `, 'm'));
    assert.match(
      stderr,
      /bubblewrap is not installed; install bubblewrap \(apt install bubblewrap/,
    );
  });

  test('that do not work here are told with what was said', async () => {
    const path = join(scratchDir(), 'bwrap');
    writeFileSync(
      path,
      '#!/bin/sh\necho "bwrap: No permissions to create new namespace" >&2\nexit 1\n',
    );
    chmodSync(path, 0o700);
    const { code, stderr } = await run({ PATH: join(path, '..') }, '--walls', 'strict');
    assert.equal(code, 2);
    assert.match(
      stderr,
      /does not work here: No permissions to create new namespace; let this user/,
    );
  });

  test('let a strict run start where all stand', async (t) => {
    const missing = readWalls().filter(({ up }) => !up);
    if (missing.length > 0)
      return t.skip(`missing here: ${missing.map(({ id }) => id).join(', ')}`);
    const { code, stdout, stderr } = await run({}, '--walls', 'strict');
    assert.equal(code, 0, stderr);
    assert.equal(stdout, '42\n');
    assert.doesNotMatch(stderr, /walls/);
  });

  test('are not taken from a folder that depends on where Corral is started', async () => {
    symlinkSync(process.execPath, join(dir, 'bwrap'));
    const { code, stderr } = await run({ PATH: '.' }, '--walls', 'strict');
    assert.equal(code, 2);
    assert.match(stderr, /bubblewrap is not installed/);
  });
});
