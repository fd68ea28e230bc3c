// The launcher: which Node it starts Corral on, and what it says when there is none.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { CHILD_LIFE } from '../support/child-life.ts';
import { ROOT } from '../support/cli.ts';
import { tempDir } from '../support/temp.ts';

const temp = tempDir();
after(() => temp[Symbol.dispose]());

const TELLS_NODE = `const major: string = process.versions.node.split('.')[0] ?? '';
process.stdout.write('node ' + major + ' ' + process.argv.slice(2).join());
process.exitCode = 7;
`;
/** Tells its pid and what it was handed, and stays. */
const STAYS = `process.stdout.write(process.pid + ' ' + Object.keys(process.env).filter((name) => /CORRAL/.test(name)));
setInterval(() => undefined, 1000);
`;

/** A project with nothing but the launcher and an entry, which by itself tells which Node runs it. */
function project(name: string, entry = TELLS_NODE): string {
  const root = join(temp.path, name);
  mkdirSync(join(root, 'src', 'cli'), { recursive: true });
  mkdirSync(join(root, 'node_modules'));
  cpSync(join(ROOT, 'bin'), join(root, 'bin'), { recursive: true });
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  writeFileSync(join(root, 'src', 'cli', 'main.ts'), entry);
  return root;
}

/** What has this Node take itself for another version. */
const asNode = (version: string) => [
  '--import',
  `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'${version}'}})`,
];

/** Starts the launcher on this Node, which takes itself for another version. */
function launch(
  root: string,
  version: string,
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [...asNode(version), join(root, 'bin', 'corral.js'), 'a', 'b'],
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

test('whoever kills what stands in for it on another Node has killed it', async () => {
  const root = project('shadow', STAYS);
  symlinkSync(join(ROOT, 'node_modules', 'node'), join(root, 'node_modules', 'node'));
  const shadow = spawn(process.execPath, [...asNode('20.1.0'), join(root, 'bin', 'corral.js')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...CHILD_LIFE,
  });
  const [said] = await once(shadow.stdout, 'data');
  const [pid, variables] = String(said).split(' ');
  assert.notEqual(Number(pid), shadow.pid);
  assert.equal(variables, '', 'what it was told by goes no further');
  shadow.kill('SIGKILL');
  // Its end is that of its output, which both of them hold.
  await once(shadow, 'close');
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
