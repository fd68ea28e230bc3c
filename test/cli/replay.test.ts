import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { dumpFileName, listDumps } from '../../src/dumps/list.ts';
import { corral } from '../support/cli.ts';
import { samplePath } from '../support/dumps.ts';
import { tempDir } from '../support/temp.ts';

const temp = tempDir();
after(() => temp[Symbol.dispose]());
const dumps = join(temp.path, 'dumps');
const replay = (...args: string[]) => corral(['replay', ...args], { cwd: temp.path });

before(async () => {
  const macro = join(temp.path, 'walk.js');
  writeFileSync(macro, 'await chat.say({ text: `${random()}` });\nfor (;;);');
  const { code } = await corral(
    ['run', macro, '--no-lint', '--limit', 'cpu=100ms', '--dump-dir', dumps, '--quiet'],
    { cwd: temp.path },
  );
  assert.equal(code, 1);
});

describe('corral replay', () => {
  test('runs the newest dump of a folder again and says that it ends the same way', async () => {
    const { code, stdout, stderr } = await replay(dumps);
    assert.equal(code, 0, stderr);
    assert.match(
      stdout,
      /^✔ it ends the same way\n {2}then {2}cpu-limit at .*walk\.js:2\n {2}now {3}cpu-limit at .*walk\.js:2\n/,
    );
    assert.match(stderr, /chat\.say \{"text":"0\.\d+"\} → /, 'what it does is shown as it goes on');
    assert.deepEqual((await replay(dumps, '--quiet')).stderr, '');
  });

  test('says what goes another way, with exit code 1', async () => {
    const [stamp = ''] = await listDumps(dumps);
    const text = readFileSync(join(dumps, dumpFileName(stamp)), 'utf8');
    const changed = join(temp.path, 'changed.json');
    writeFileSync(changed, text.replace('${random()}', '${random() + 1}'));
    const { code, stdout } = await replay(changed, '--quiet');
    assert.equal(code, 1);
    assert.match(stdout, /^✖ it ends in another way\n/);
    assert.match(stdout, /it asked for chat\.say\(.*\)\n {4}recorded is chat\.say\(/);
    const json = JSON.parse((await replay(changed, '--json')).stdout) as { same: boolean };
    assert.equal(json.same, false);
  });

  for (const [what, path, told] of [
    ['a dump that is not there', 'none.json', /none\.json: there is no such file/],
    ['a dump of an older Corral', samplePath('cpu-limit'), /no journal to replay from/],
    ['a folder without dumps', temp.path, /no crash dump in the folder/],
    ['no dump', ownPath(), /it is not JSON/],
  ] as const)
    test(`${what} is exit code 2`, async () => {
      const { code, stdout, stderr } = await replay(path);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, told);
    });

  test('stops when it is interrupted', async () => {
    const macro = join(temp.path, 'sleeper.js');
    writeFileSync(macro, 'log("asleep"); await sleep(60_000)');
    const own = join(temp.path, 'own');
    await corral(['run', macro, '--limit', 'wall=300ms', '--dump-dir', own], { cwd: temp.path });
    const [stamp = ''] = await listDumps(own);
    const path = join(own, dumpFileName(stamp));
    const dump = JSON.parse(readFileSync(path, 'utf8')) as { limits: { wall: { value: number } } };
    dump.limits.wall.value = 60_000;
    writeFileSync(path, JSON.stringify(dump));
    const { code } = await corral(['replay', path], {
      cwd: temp.path,
      interrupt: { after: /asleep/, signal: 'SIGINT' },
    });
    assert.equal(code, 130);
  });
});

function ownPath(): string {
  return new URL(import.meta.url).pathname;
}
