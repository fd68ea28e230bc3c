import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { EMPTY_LIBRARY, folderLibrary } from '../../src/supervisor/library.ts';
import { scratchDir } from './support/scratch.ts';

function folder(files: Record<string, string>): string {
  const dir = scratchDir();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  return dir;
}

const named = (name: string) => `// ==Macro==\n// @name ${name}\n// ==/Macro==\nreturn 1`;

describe('the macros of a folder', () => {
  test('go by their @name, and by their file name where there is none', async () => {
    const library = folderLibrary(folder({ 'a.js': named('patrol'), 'guard.js': 'return 2' }));
    assert.deepEqual(await library.names(), ['patrol', 'guard']);
    assert.equal((await library.find('patrol'))?.file, 'a.js');
    assert.equal((await library.find('guard'))?.source, 'return 2');
    assert.equal(await library.find('a'), null);
  });

  test('may be TypeScript', async () => {
    const library = folderLibrary(folder({ 'scout.ts': 'return 1 as number', 'b.mjs': '' }));
    assert.equal((await library.find('scout'))?.language, 'ts');
    assert.equal((await library.find('b'))?.language, 'js');
  });

  test('of the same name: the first file counts, always', async () => {
    const library = folderLibrary(
      folder({ 'z.js': named('twin'), 'm.js': named('twin'), 'a.js': named('twin') }),
    );
    assert.equal((await library.find('twin'))?.file, 'a.js');
  });

  test('are read anew each time', async () => {
    const dir = folder({});
    const library = folderLibrary(dir);
    assert.equal(await library.find('late'), null);
    writeFileSync(join(dir, 'late.js'), 'return 1');
    assert.equal((await library.find('late'))?.source, 'return 1');
  });

  test('are files of that folder alone: no sub-folders, no other kinds, none too large', async () => {
    const dir = folder({ 'notes.txt': named('notes'), 'big.js': 'x'.repeat(3_000_000) });
    mkdirSync(join(dir, 'sub.js'));
    writeFileSync(join(dir, 'sub.js', 'inner.js'), named('inner'));
    assert.deepEqual(await folderLibrary(dir).names(), []);
  });

  test('a file that cannot be read hides no other', async () => {
    const dir = folder({ 'good.js': named('good'), 'locked.js': named('locked') });
    symlinkSync(join(dir, 'nowhere.js'), join(dir, 'dangling.js'));
    symlinkSync(join(dir, 'loop.js'), join(dir, 'loop.js'));
    chmodSync(join(dir, 'locked.js'), 0);
    assert.equal((await folderLibrary(dir).find('good'))?.file, 'good.js');
  });

  test('are none where the folder is missing', async () => {
    const library = folderLibrary(join(scratchDir(), 'missing'));
    assert.deepEqual(await library.names(), []);
    assert.equal(await library.find('any'), null);
    assert.equal(await EMPTY_LIBRARY.find('any'), null);
    assert.deepEqual(await EMPTY_LIBRARY.names(), []);
  });
});
