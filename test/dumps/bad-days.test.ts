// Dumps on bad days, with real processes: killed while they write, two at once, no room on the disk, no leave to write.

import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, describe, mock, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createCorral } from '../../src/corral.ts';
import { readDump } from '../../src/dumps/dump.ts';
import { dumpFileName, listDumps } from '../../src/dumps/list.ts';
import { CHILD_LIFE } from '../support/child-life.ts';
import { corral, ROOT } from '../support/cli.ts';
import { tempDir } from '../support/temp.ts';

const temp = tempDir();
after(() => temp[Symbol.dispose]());
const WRITER = fileURLToPath(new URL('support/dump-writer.ts', import.meta.url));
const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const spin = join(temp.path, 'spin.js');
writeFileSync(spin, 'log("on"); for (;;);');

const startWriter = (...args: string[]) =>
  spawn(process.execPath, [WRITER, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...CHILD_LIFE,
  });

const MOUNTS_NOTHING = 'this system lets nobody mount a file system of its own (unshare --mount)';

/** Runs a shell line with a file system of its own at a folder, `$dir`, and what is to be run as its arguments. */
function mounted(options: string, dir: string, line: string, ...args: string[]) {
  const own = process.getuid?.() === 0 ? ['--mount'] : ['--map-root-user', '--mount'];
  const script = `dir=$1; mount -t tmpfs -o "$2" none "$dir" && shift 2 && { ${line} }`;
  return spawnSync('unshare', [...own, 'sh', '-c', script, 'sh', dir, options, ...args], {
    cwd: temp.path,
    env: { PATH: process.env.PATH ?? '', NO_COLOR: '1' },
    encoding: 'utf8',
    ...CHILD_LIFE,
  });
}

function canMount(): boolean {
  return mounted('size=4k', temp.path, 'true;').status === 0;
}

/** Opens every dump of a folder. */
async function readAll(dir: string): Promise<number> {
  const stamps = await listDumps(dir);
  for (const stamp of stamps) await readDump(join(dir, dumpFileName(stamp)));
  return stamps.length;
}

test('a process killed while it writes leaves no dump that is not whole', async () => {
  const dir = join(temp.path, 'killed');
  let whole = 0;
  for (let n = 0; n < 8; n++) {
    const writer = startWriter(dir, `run${n}`, '1000');
    await once(writer.stdout, 'data');
    // A little later each time, so that it is somewhere else.
    await new Promise((resolve) => setTimeout(resolve, n * 3));
    writer.kill('SIGKILL');
    await once(writer, 'exit');
    const count = await readAll(dir);
    assert.ok(count > whole, 'it had written at least one');
    whole = count;
  }
});

test('two Corrals keep one folder without tripping over each other', async () => {
  const dir = join(temp.path, 'shared');
  const writers = ['one', 'two'].map((name) => startWriter(dir, name, '40', '10'));
  const codes = await Promise.all(
    writers.map(async (writer) => {
      writer.stdout.resume();
      return (await once(writer, 'exit'))[0] as number | null;
    }),
  );
  assert.deepEqual(codes, [0, 0]);
  const count = await readAll(dir);
  // Each sees the other's when it looks, not at once.
  assert.ok(count >= 10 && count <= 20, `${count} dumps`);
  assert.deepEqual(
    readdirSync(dir).filter((name) => name.endsWith('.tmp')),
    [],
  );
});

describe('the end of a run is told all the same, and why there is no dump:', () => {
  const run = async (dir: string, ...args: string[]) =>
    await corral(['run', spin, '--no-lint', '--limit', 'cpu=100ms', '--dump-dir', dir, ...args], {
      cwd: temp.path,
    });

  test('no room for it on the disk', async () => {
    const dir = join(temp.path, 'full');
    // A process that may write no file above 2 KB meets what one on a full disk meets: the middle of a file.
    const command = `ulimit -f 4; exec "$0" "$@"`;
    const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
      const own = ['--dump-dir', dir, '--ledger-dir', join(temp.path, 'full-ledger')];
      const args = [MAIN, 'run', spin, '--no-lint', '--limit', 'cpu=100ms', ...own];
      execFile(
        'sh',
        ['-c', command, process.execPath, ...args],
        { cwd: ROOT, env: { PATH: process.env.PATH ?? '', NO_COLOR: '1' }, ...CHILD_LIFE },
        (error, _stdout, text) => resolve({ code: error?.code ?? 0, stderr: text }),
      );
    });
    assert.equal(code, 1, stderr);
    assert.match(stderr, /Cannot write the crash dump into .*full: /);
    assert.match(stderr, /cpu-limit/);
    assert.deepEqual(readdirSync(dir), [], 'and no half of one stays');
  });

  test('a file system that is full, or read-only', {
    skip: !canMount() && MOUNTS_NOTHING,
  }, async () => {
    const dir = join(temp.path, 'mounted');
    mkdirSync(dir);
    for (const [options, why] of [
      ['size=4k', /the disk is full/],
      ['ro', /read-only/],
    ] as const) {
      const own = ['--dump-dir', dir, '--ledger-dir', join(temp.path, 'mounted-ledger')];
      const args = [MAIN, 'run', spin, '--no-lint', '--limit', 'cpu=100ms', ...own];
      const line = '"$@"; code=$?; ls "$dir"; exit $code;';
      const { status, stdout, stderr } = mounted(options, dir, line, process.execPath, ...args);
      assert.equal(status, 1, stderr);
      assert.match(stderr, /Cannot write the crash dump into .*mounted: /);
      assert.match(stderr, why);
      assert.match(stderr, /cpu-limit/);
      assert.equal(stdout.trim(), '', 'and no half of one stays');
    }
  });

  test('room for the dump only: it comes before the heap snapshot', {
    skip: !canMount() && MOUNTS_NOTHING,
  }, async () => {
    const dir = join(temp.path, 'narrow');
    mkdirSync(dir);
    const own = ['--dump-dir', dir, '--ledger-dir', join(temp.path, 'narrow-ledger')];
    const asked = ['--no-lint', '--limit', 'cpu=100ms', '--heap-snapshot', ...own];
    const line = '"$@"; code=$?; ls -A "$dir"; exit $code;';
    const args = [MAIN, 'run', spin, ...asked];
    const { status, stdout, stderr } = mounted('size=256k', dir, line, process.execPath, ...args);
    assert.equal(status, 1, stderr);
    assert.match(stderr, /its heap snapshot cannot be: the disk is full/);
    assert.match(stdout, /\.json$/m);
    assert.doesNotMatch(stdout, /\.tmp|heapsnapshot/);
  });

  test('a folder that is a file', async () => {
    const path = join(temp.path, 'file');
    writeFileSync(path, 'mine');
    const { code, stderr } = await run(path);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /Cannot write the crash dump into .*file: .*; name another folder with --dump-dir/,
    );
    assert.match(stderr, /cpu-limit/);
    assert.equal(readFileSync(path, 'utf8'), 'mine');
  });

  test('a folder that nobody may make', async () => {
    const { code, stderr } = await run('/proc/1/nowhere');
    assert.equal(code, 1);
    assert.match(stderr, /Cannot write the crash dump into \/proc\/1\/nowhere: /);
    assert.match(stderr, /cpu-limit/);
  });

  test('a folder that is read-only', async () => {
    const dir = join(temp.path, 'read-only');
    mkdirSync(dir);
    chmodSync(dir, 0o500);
    const { code, stderr } = await run(dir);
    assert.equal(code, 1);
    // Root may write there all the same, and then must have.
    if (process.getuid?.() === 0) assert.equal(await readAll(dir), 1);
    else assert.match(stderr, /Cannot write the crash dump into .*read-only: /);
    chmodSync(dir, 0o700);
  });
});

test('a folder that goes while the macro runs is made again', async () => {
  const dir = join(temp.path, 'gone');
  await using own = createCorral({ dumpDir: dir, limits: { cpu: '300ms' } });
  const run = own.start('log("on"); for (;;);', { lint: false });
  await new Promise<void>((resolve) => run.on('log', () => resolve()));
  rmSync(dir, { recursive: true, force: true });
  const { dump } = await run.result;
  assert.equal((await readDump(dump ?? '')).reason, 'cpu-limit');
});

test('a clock that is set while the macro runs moves the time of the dump, and none of its spans', async () => {
  const dir = join(temp.path, 'clock');
  const from = Date.UTC(2026, 5, 15, 12);
  for (const jumpMs of [-36 * 3_600_000, 36 * 3_600_000]) {
    mock.timers.enable({ apis: ['Date'], now: from });
    try {
      await using own = createCorral({ dumpDir: dir, limits: { cpu: '200ms' } });
      const run = own.start('log("on"); await sleep(20); for (;;);', { lint: false });
      await new Promise<void>((resolve) => run.on('log', () => resolve()));
      mock.timers.setTime(from + jumpMs);
      const end = await run.result;
      assert.deepEqual([end.reason, end.line], ['cpu-limit', 1]);
      const dump = await readDump(end.dump ?? '');
      assert.ok(end.durationMs > 200 && end.durationMs < 60_000, `${end.durationMs} ms`);
      assert.ok(dump.samples.every(({ at }) => at >= 0 && at <= end.durationMs));
    } finally {
      mock.timers.reset();
    }
  }
  assert.equal(await readAll(dir), 2);
});

test('--dump-keep keeps as much as it says', async () => {
  const dir = join(temp.path, 'kept');
  const run = (...keep: string[]) =>
    corral(['run', spin, '--no-lint', '--limit', 'cpu=50ms', '--dump-dir', dir, ...keep], {
      cwd: temp.path,
    });
  for (let n = 0; n < 3; n++) await run('--dump-keep', '2', '--dump-keep', '7d');
  assert.equal((await listDumps(dir)).length, 2);
  assert.equal(
    statSync(join(dir, dumpFileName((await listDumps(dir))[0] ?? ''))).mode & 0o777,
    0o600,
  );
  const wrong = await run('--dump-keep', 'lots');
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /write a number of dumps \(200\), an age \(12h, 7d\) or a size/);
});
