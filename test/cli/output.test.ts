import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CHILD_LIFE } from '../support/child-life.ts';
import { ROOT } from '../support/cli.ts';
import { tempDir } from '../support/temp.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const temp = tempDir();
after(() => temp[Symbol.dispose]());
const macro = join(temp.path, 'result.js');
writeFileSync(macro, 'return "important"');
const talker = join(temp.path, 'talker.js');
writeFileSync(talker, 'for (let i = 0; i < 200; i++) { log("x".repeat(900)); await sleep(5); }');
const inTemp = ['dump', 'state', 'ledger'].flatMap((what) => [
  `--${what}-dir`,
  join(temp.path, what),
]);

/** Runs `corral` under a shell that sends a stream somewhere. */
function redirected(args: readonly string[], redirect: string) {
  return new Promise<{ code: number; stderr: string }>((resolve) => {
    execFile(
      'sh',
      ['-c', `exec "$@" ${redirect}`, 'sh', process.execPath, MAIN, ...args],
      { cwd: ROOT, env: { PATH: process.env.PATH ?? '', NO_COLOR: '1' }, ...CHILD_LIFE },
      (error, _stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, stderr }),
    );
  });
}

describe('output that cannot be written', () => {
  for (const args of [
    ['commands'],
    ['commands', '--json'],
    ['types'],
    ['patterns'],
    ['lint', macro],
    ['--help'],
    ['inspect', 'test/fixtures/dumps/heap-limit.json'],
    ['run', macro, '--quiet', ...inTemp],
    ['run', macro, '--json', '--quiet', ...inTemp],
  ])
    test(`of \`corral ${args.slice(0, 3).join(' ').replaceAll(temp.path, '')}\` is one line and exit 2`, async () => {
      const { code, stderr } = await redirected(args, '>/dev/full');
      assert.deepEqual(
        { code, stderr },
        { code: 2, stderr: 'error Cannot write the output: the disk is full.\n' },
      );
    });

  test('on stderr is lost, and what the command comes to is not', async () => {
    assert.equal((await redirected(['run', macro, ...inTemp], '2>/dev/full')).code, 0);
    assert.equal((await redirected(['run', 'nowhere.js'], '2>/dev/full')).code, 2);
  });
});

describe('a reader that goes away', () => {
  /** Starts `corral`, closes stdout at once, and gives how it ended. */
  const unread = async (args: readonly string[]) => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd: ROOT,
      env: { PATH: process.env.PATH ?? '', NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...CHILD_LIFE,
    });
    child.stdout?.destroy();
    const [stderr, [code]] = await Promise.all([
      text(child.stderr as NonNullable<typeof child.stderr>),
      once(child, 'exit'),
    ]);
    return { code, stderr };
  };

  test('ends a command quietly', async () => {
    assert.deepEqual(await unread(['commands']), { code: 0, stderr: '' });
    assert.deepEqual(await unread(['lint', macro]), { code: 0, stderr: '' });
  });

  test('interrupts a run, with the same exit code with and without --json', async () => {
    assert.deepEqual(await unread(['run', talker, '--json', '--quiet', ...inTemp]), {
      code: 130,
      stderr: '',
    });
    assert.deepEqual(await unread(['run', macro, '--quiet', ...inTemp]), { code: 130, stderr: '' });
  });
});
