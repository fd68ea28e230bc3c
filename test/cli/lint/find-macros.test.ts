// Which files lint means: folders, quoted patterns and names, each macro once.

import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { findMacros } from '../../../src/cli/lint/find-macros.ts';
import { tempDir } from '../../support/temp.ts';

const temp = tempDir();
after(() => temp[Symbol.dispose]());
for (const name of [
  'b.js',
  'a.mjs',
  'deep/c.ts',
  'deep/er/d.mts',
  'deep/e.d.ts',
  'deep/readme.md',
  'deep/node_modules/f.js',
  'deep/.hidden/g.js',
  'odd[1].js',
  'bare/notes.txt',
]) {
  mkdirSync(dirname(join(temp.path, name)), { recursive: true });
  writeFileSync(join(temp.path, name), '');
}
symlinkSync('..', join(temp.path, 'deep', 'round'));

const found = async (...paths: string[]) => {
  const { files, problems } = await findMacros(paths.map((path) => join(temp.path, path)));
  const short = (text: string) => text.replaceAll(`${temp.path}/`, '');
  return { files: files.map(short), problems: problems.map(short) };
};

describe('a folder', () => {
  test('is its macros by name, those of its folders in between; no types, no packages, nothing hidden, no links', async () =>
    assert.deepEqual(await found('.'), {
      files: ['a.mjs', 'b.js', 'deep/c.ts', 'deep/er/d.mts', 'odd[1].js'],
      problems: [],
    }));
  test('without a macro is a problem', async () =>
    assert.deepEqual(await found('bare'), {
      files: [],
      problems: ['There is no macro (*.js, *.mjs, *.ts, *.mts) in bare.'],
    }));
});

describe('a pattern', () => {
  for (const [pattern, files] of [
    ['*.js', ['b.js', 'odd[1].js']],
    ['**/*.{ts,mts}', ['deep/c.ts', 'deep/er/d.mts']],
    ['deep/**', ['deep/c.ts', 'deep/er/d.mts']],
    ['?.mjs', ['a.mjs']],
  ] as const)
    test(`${pattern} is what it matches`, async () =>
      assert.deepEqual(await found(pattern), { files, problems: [] }));
  test('that is the name of a file is that file', async () =>
    assert.deepEqual((await found('odd[1].js')).files, ['odd[1].js']));
  test('without a match is a problem', async () =>
    assert.match((await found('zz*.js')).problems[0] ?? '', /^No macro .* matches zz\*\.js\.$/));
});

describe('a name', () => {
  test('is taken whatever it is called, there or not: reading it says why it cannot be', async () =>
    assert.deepEqual(await found('bare/notes.txt', 'gone.js'), {
      files: ['bare/notes.txt', 'gone.js'],
      problems: [],
    }));
  test('given twice is one file', async () =>
    assert.deepEqual((await found('b.js', '*.js', 'b.js')).files, ['b.js', 'odd[1].js']));
});
