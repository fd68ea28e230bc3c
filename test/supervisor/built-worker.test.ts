// A checkout's workers start from what was built only as long as that is made from the sources as they are.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { CHILD_LIFE } from '../support/child-life.ts';
import { copyProject } from '../support/project-copy.ts';
import { tempDir } from '../support/temp.ts';

const temp = tempDir();
after(() => temp[Symbol.dispose]());
before(() => copyProject(temp.path));

const node = (...args: string[]) =>
  execFileSync(process.execPath, args, { ...CHILD_LIFE, cwd: temp.path, encoding: 'utf8' });
const FIND = `import { builtFolder } from './src/supervisor/built-worker.ts';
  process.stdout.write(String(builtFolder()));`;
const found = () => node('--input-type=module', '-e', FIND);

test('what was never built is not found; what was built is, until a source of the worker changes', () => {
  assert.equal(found(), 'null');
  mkdirSync(join(temp.path, 'dist'));
  const stamp = join(temp.path, 'dist', 'worker-sources.sha256');
  writeFileSync(stamp, node('src/supervisor/built-worker.ts'));
  assert.equal(found(), join(temp.path, 'dist'));
  appendFileSync(join(temp.path, 'src/cli/main.ts'), '\n');
  assert.equal(found(), join(temp.path, 'dist'), 'no worker reads that');
  appendFileSync(join(temp.path, 'src/sandbox/bridge/decode.ts'), '\n');
  assert.equal(found(), 'null');
  writeFileSync(stamp, '');
  assert.equal(found(), 'null');
});
