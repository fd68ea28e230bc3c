// The launcher: which Node it starts Corral on, and what it says when there is none.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { CHILD_LIFE } from '../support/child-life.ts';
import { ROOT } from '../support/cli.ts';
import { tempDir } from '../support/temp.ts';

const temp = tempDir();
after(() => temp[Symbol.dispose]());

/** A project with nothing but the launcher and an entry that tells which Node runs it. */
function project(name: string): string {
  const root = join(temp.path, name);
  mkdirSync(join(root, 'src', 'cli'), { recursive: true });
  mkdirSync(join(root, 'node_modules'));
  cpSync(join(ROOT, 'bin'), join(root, 'bin'), { recursive: true });
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  writeFileSync(
    join(root, 'src', 'cli', 'main.ts'),
    `const major: string = process.versions.node.split('.')[0] ?? '';\nprocess.stdout.write('node ' + major + ' ' + process.argv.slice(2).join());\nprocess.exitCode = 7;\n`,
  );
  return root;
}

/** Starts the launcher on this Node, which takes itself for another version. */
function launch(
  root: string,
  version: string,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const pretend = `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'${version}'}})`;
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--import', pretend, join(root, 'bin', 'corral.js'), 'a', 'b'],
      CHILD_LIFE,
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

test('on Node 24 it runs in this very process', async () => {
  const root = project('same');
  assert.deepEqual(await launch(root, '24.3.0'), { code: 7, stdout: 'node 24 a,b', stderr: '' });
});

test('on another Node it hands over to the bundled one: arguments, output and exit code', async () => {
  for (const version of ['20.1.0', '26.0.0']) {
    const root = project(`bundled-${version}`);
    symlinkSync(join(ROOT, 'node_modules', 'node'), join(root, 'node_modules', 'node'));
    assert.deepEqual(await launch(root, version), { code: 7, stdout: 'node 24 a,b', stderr: '' });
  }
});

test('without one it says in one sentence what to do', async () => {
  const { code, stdout, stderr } = await launch(project('none'), '18.2.0');
  assert.equal(code, 2);
  assert.equal(stdout, '');
  assert.match(
    stderr,
    /^error Corral needs Node 24 and this is 18\.2\.0: install Node 24, or run `npm install node@24` here and try again\.\n$/,
  );
});
