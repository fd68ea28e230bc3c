// The package as others get it: packed, installed into an empty folder, used as a command line and as a library.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ROOT } from '../support/cli.ts';
import { copyProject } from '../support/project-copy.ts';
import { shell } from '../support/shell.ts';
import { tempDir } from '../support/temp.ts';

const source = tempDir();
const user = tempDir();
after(() => {
  source[Symbol.dispose]();
  user[Symbol.dispose]();
});

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const example = /```js\n(import \{ createCorral[\s\S]*?)\n```/.exec(readme)?.[1] ?? '';

describe('the package', () => {
  before(async () => {
    copyProject(source.path);
    symlinkSync(join(ROOT, 'node_modules'), join(source.path, 'node_modules'));
    const packed = await shell(`npm pack --pack-destination ${user.path}`, source.path, 'tests');
    assert.equal(packed.code, 0, packed.stderr);
    writeFileSync(
      join(user.path, 'package.json'),
      '{"name":"user","private":true,"type":"module"}',
    );
    const [tarball] = readdirSync(user.path).filter((name) => name.endsWith('.tgz'));
    const installed = await shell(`npm install ./${tarball}`, user.path, 'tests');
    assert.equal(installed.code, 0, installed.stderr);
  });

  test('holds no source, no test, and is small', () => {
    const inside = readdirSync(join(user.path, 'node_modules', 'corral'));
    assert.deepEqual(inside.sort(), [
      'CHANGELOG.md',
      'README.md',
      'bin',
      'dist',
      'docs',
      'macros',
      'monitoring',
      'package.json',
      'patterns',
      'schemas',
    ]);
  });

  test('as a command line: runs, lints, stops and dumps', async () => {
    const ran = await shell(
      'npx corral run node_modules/corral/macros/patrol.js',
      user.path,
      'tests',
    );
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stdout, /"rounds":1/);
    const stopped = await shell(
      'npx corral run node_modules/corral/macros/hostile/spin.js --no-lint',
      user.path,
      'tests',
    );
    assert.equal(stopped.code, 1);
    assert.match(stopped.stderr, /\(cpu-limit\)/);
    const linted = await shell(
      'npx corral lint node_modules/corral/macros/hostile/spin.js',
      user.path,
      'tests',
    );
    assert.equal(linted.code, 1);
    assert.match(linted.stdout, /infinite-loop/);
  });

  test('at guard level maximum, with no compiler in the worker at all', async () => {
    const script = `import { createCorral } from 'corral';
      import { readFileSync } from 'node:fs';
      await using corral = createCorral({ level: 'maximum' });
      const run = corral.start('let sum = 0; for (let i = 0; i < 100000; i++) sum += i; await sleep(50); return sum');
      for await (const { type } of run.events()) if (type === 'running') break;
      const jitless = corral.workerPids.every((pid) => readFileSync('/proc/' + pid + '/cmdline', 'utf8').includes('--jitless'));
      const { value, reason } = await run.result;
      console.log(jitless, reason, value);`;
    writeFileSync(join(user.path, 'maximum.js'), script);
    const { stdout, stderr } = await shell('node maximum.js', user.path, 'tests');
    assert.match(stdout, /^true completed 4999950000/, stderr);
  });

  test('as a library: the example of the README, in about ten lines', async () => {
    assert.ok(
      example
        .split('\n')
        .slice(2)
        .filter((line) => line.trim() !== '').length <= 14,
    );
    writeFileSync(join(user.path, 'example.js'), example);
    const { code, stdout, stderr } = await shell('node example.js', user.path, 'tests');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /chat\.say \{ text: 'hi' \}/);
    assert.match(stdout, /completed 42/);
  });

  test('with types that check', async () => {
    writeFileSync(join(user.path, 'example.ts'), example.replace("from 'zod'", "from 'zod'"));
    writeFileSync(
      join(user.path, 'wrong.ts'),
      `import { createCorral } from 'corral';\nconst corral = createCorral({ limits: { cpu: '1s' } });\nconst run = corral.start('return 1');\nrun.on('log', ({ text }) => text.length);\n// @ts-expect-error there is no such event\nrun.on('nothing', () => undefined);\n`,
    );
    const tsc = join(ROOT, 'node_modules', '.bin', 'tsc');
    const types = join(ROOT, 'node_modules', '@types');
    const { code, stdout } = await shell(
      `${tsc} --noEmit --strict --target es2024 --lib es2024,esnext.disposable --module nodenext --skipLibCheck --typeRoots ${types} --types node example.ts wrong.ts`,
      user.path,
      'tests',
    );
    assert.equal(code, 0, stdout);
  });
});
