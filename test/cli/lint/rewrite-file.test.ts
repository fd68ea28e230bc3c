// Writing a mended macro back: whole, with what it had, never over a newer text, and nothing left behind.

import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { chmod, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, beforeEach, describe, test } from 'node:test';
import { rewriteFile } from '../../../src/cli/lint/rewrite-file.ts';
import { tempDir } from '../../support/temp.ts';

const temp = tempDir();
after(() => temp[Symbol.dispose]());

let dir = '';
let file = '';
let count = 0;
beforeEach(() => {
  dir = join(temp.path, `${count++}`);
  mkdirSync(dir);
  file = join(dir, 'm.js');
});
const text = () => readFileSync(file, 'utf8');

describe('a mended macro', () => {
  test('takes the place of the old one, and nothing is left beside it', async () => {
    writeFileSync(file, 'old();\n');
    await rewriteFile(file, 'old();\n', 'new();\n');
    assert.equal(text(), 'new();\n');
    assert.deepEqual(readdirSync(dir), ['m.js']);
  });
  test('is another file, so that whoever reads the old one reads all of it', async () => {
    writeFileSync(file, 'old();\n');
    const { ino } = await stat(file);
    await rewriteFile(file, 'old();\n', 'new();\n');
    assert.notEqual((await stat(file)).ino, ino);
  });
  for (const mode of [0o600, 0o644, 0o755])
    test(`keeps its mode ${mode.toString(8)}`, async () => {
      writeFileSync(file, 'old();\n');
      await chmod(file, mode);
      await rewriteFile(file, 'old();\n', 'new();\n');
      assert.equal((await stat(file)).mode & 0o7777, mode);
    });
  test('keeps its byte order mark, which the text that was read has not', async () => {
    writeFileSync(file, '\ufeffold();\r\n');
    await rewriteFile(file, 'old();\r\n', 'new();\r\n');
    assert.equal(text(), '\ufeffnew();\r\n');
  });
  test('keeps the link that led to it', async () => {
    writeFileSync(file, 'old();\n');
    const link = join(dir, 'link.js');
    symlinkSync('m.js', link);
    await rewriteFile(link, 'old();\n', 'new();\n');
    assert.equal(text(), 'new();\n');
    assert.deepEqual(readdirSync(dir).sort(), ['link.js', 'm.js']);
  });
});

describe('is left alone, with a reason,', () => {
  test('when it has changed since it was read', async () => {
    writeFileSync(file, 'newer();\n');
    await assert.rejects(rewriteFile(file, 'old();\n', 'new();\n'), {
      code: 'unreadable-file',
      message: /^Cannot fix .*m\.js: it has changed meanwhile; try again\.$/,
    });
    assert.equal(text(), 'newer();\n');
    assert.deepEqual(readdirSync(dir), ['m.js']);
  });
  test('when it is gone', async () => {
    await assert.rejects(rewriteFile(file, 'old();\n', 'new();\n'), {
      message: /^Cannot fix .*m\.js: there is no such file or folder\.$/,
    });
    assert.deepEqual(readdirSync(dir), []);
  });
});
