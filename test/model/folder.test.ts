import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { makeFolder } from '../../src/model/folder.ts';
import { tempDir } from '../support/temp.ts';

const temp = tempDir();
after(() => temp[Symbol.dispose]());

test('makes a folder and all above it, for its owner only', () => {
  const path = join(temp.path, 'a', 'b', 'c');
  makeFolder(path);
  assert.equal(statSync(path).mode & 0o777, 0o700);
});

test('leaves one that is there as it is', () => {
  makeFolder(temp.path);
  assert.ok(existsSync(temp.path));
});

test('returns with an error where no folder can be made', () => {
  assert.throws(() => makeFolder('/proc/nowhere/at/all'), { code: 'ENOENT' });
});
