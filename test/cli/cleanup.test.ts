import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { createCorral } from '../../src/corral.ts';
import { CHILD_LIFE } from '../support/child-life.ts';
import { corral } from '../support/cli.ts';
import { tempDir } from '../support/temp.ts';

const temp = tempDir();
after(() => temp[Symbol.dispose]());

/** Leaves behind what processes do that were killed: a socket, a draft, a lock, and three dumps. */
function leaveBehind(cwd: string) {
  const at = (...parts: string[]) => join(cwd, '.corral', ...parts);
  for (const each of ['control', 'dumps', 'batches'])
    mkdirSync(at(each), { recursive: true, mode: 0o700 });
  const code = `
    const path = process.argv[1] + '/corral-' + process.pid + '-0123abcd.sock';
    require('node:net').createServer().listen(path, () => process.kill(process.pid, 'SIGKILL'));`;
  const { pid } = spawnSync(process.execPath, ['-e', code, at('control')], CHILD_LIFE);
  const lock = at('batches', 'items-0123456789ab.ndjson.lock');
  writeFileSync(lock, JSON.stringify({ pid, startedAtTick: 1 }));
  const draft = at('dumps', 'corral-crash-dump-20261101-000000-a.json.0123abcd.tmp');
  writeFileSync(draft, 'half of a d');
  utimesSync(draft, new Date(0), new Date(0));
  const dumps = ['a', 'b', 'c'].map((run, day) =>
    at('dumps', `corral-crash-dump-2026110${day + 1}-000000-${run}.json`),
  );
  for (const dump of dumps) writeFileSync(dump, 'x'.repeat(1000));
  const own = at('dumps', 'my-notes.json');
  writeFileSync(own, 'nobody touches this');
  writeFileSync(at('batches', 'items-0123456789ab.ndjson'), 'to be gone on with');
  return { socket: at('control', `corral-${pid}-0123abcd.sock`), lock, draft, dumps, own };
}

// Processes are the whole machine's: test/control/stray-workers.test.ts has its own.
const KEEP_TWO = ['--no-workers', '--dump-keep', '2', '--dump-keep', '9999d'];

describe('corral cleanup', () => {
  test('shows what would go and how much it is, and removes nothing until it is told to', async () => {
    using cwd = tempDir();
    const left = leaveBehind(cwd.path);
    const dry = await corral(['cleanup', ...KEEP_TWO], { cwd: cwd.path });
    assert.equal(dry.code, 0, dry.stderr);
    assert.match(dry.stdout, /socket +0b +\.?\S*corral-\d+-0123abcd\.sock +nobody listens on it/);
    assert.match(dry.stdout, /lock .*items-0123456789ab\.ndjson\.lock +its process is gone/);
    assert.match(dry.stdout, /draft +11b .*\.tmp +whoever wrote it was killed/);
    assert.match(dry.stdout, /dump +1000b .*20261101-000000-a\.json +beyond what is kept/);
    assert.match(
      dry.stdout,
      /4 things, 1kb of disk.*Nothing was removed: corral cleanup --yes does it/,
    );
    for (const path of [left.socket, left.lock, left.draft, ...left.dumps])
      assert.ok(existsSync(path));

    const done = await corral(['cleanup', '--yes', ...KEEP_TWO], { cwd: cwd.path });
    assert.equal(done.code, 0, done.stderr);
    assert.match(done.stdout, /✔ dump .*\n.*4 things removed/s);
    const [oldest = '', ...kept] = left.dumps;
    for (const path of [left.socket, left.lock, left.draft, oldest])
      assert.equal(existsSync(path), false, path);
    for (const path of [...kept, left.own]) assert.ok(existsSync(path), path);
    assert.deepEqual(readdirSync(join(cwd.path, '.corral/batches')), ['items-0123456789ab.ndjson']);
    const again = await corral(['cleanup', ...KEEP_TWO, '--json'], { cwd: cwd.path });
    const items = (JSON.parse(again.stdout) as { items: { what: string }[] }).items;
    // Other things of this user may be lying about; none of them are in this folder.
    assert.deepEqual(
      items.filter(({ what }) => what.startsWith(cwd.path)),
      [],
    );
  });

  test('keeps as many dumps as the configuration says', async () => {
    using cwd = tempDir();
    const { dumps } = leaveBehind(cwd.path);
    writeFileSync(join(cwd.path, 'corral.yaml'), 'dumps: { keep: { count: 1, age: 3650d } }\n');
    const args = ['cleanup', '--no-workers', '--json'];
    const kinds = async (...flags: string[]) => {
      const { code, stdout, stderr } = await corral([...args, ...flags], { cwd: cwd.path });
      assert.equal(code, 0, stderr);
      const { items } = JSON.parse(stdout) as { items: { kind: string }[] };
      return items.filter(({ kind }) => kind === 'dump').length;
    };
    assert.equal(await kinds(), dumps.length - 1);
    assert.equal(await kinds('--dump-keep', '3'), 0, 'a flag says otherwise');
  });

  test('leaves a Corral that runs alone', async () => {
    using cwd = tempDir();
    const dir = join(cwd.path, '.corral/control');
    await using running = createCorral({ controlDir: dir, workers: { warm: 0 } });
    const { path } = await running.control;
    const { code } = await corral(['cleanup', '--yes', '--no-workers'], { cwd: cwd.path });
    assert.equal(code, 0);
    assert.ok(existsSync(path ?? ''));
  });

  test('a folder that cannot be looked through ends with 2', async () => {
    using cwd = tempDir();
    writeFileSync(join(cwd.path, 'file'), '');
    const { code, stderr } = await corral(['cleanup', '--dump-dir', 'file'], { cwd: cwd.path });
    assert.equal(code, 2);
    assert.match(stderr, /^error Cannot look through file: a part of its path is no folder/);
  });
});
