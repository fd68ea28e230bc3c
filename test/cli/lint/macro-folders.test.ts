import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { MacroFolders } from '../../../src/cli/lint/macro-folders.ts';
import { tempDir } from '../../support/temp.ts';

const temp = tempDir();
after(() => temp[Symbol.dispose]());

function write(file: string, name: string | null, source: string): void {
  const header = name === null ? '' : `// ==Macro==\n// @name ${name}\n// ==/Macro==\n`;
  writeFileSync(join(temp.path, file), header + source);
}

test('tells what each macro of the folder calls, by its name or, without one, by its file', () => {
  write('a.js', 'patrol', "await macros.call('duel'); await macros.call('rest');");
  write('b.ts', 'duel', "const x: number = 1; await macros.call('patrol', { x });");
  write('c.js', null, 'await chat.say({ text: "macros" });');
  write('broken.js', 'broken', "macros.call('a'");
  write('z.js', 'duel', "await macros.call('never');");
  write('notes.txt', 'notes', "macros.call('a')");
  const called = new MacroFolders().around(join(temp.path, 'a.js'));
  assert.deepEqual(Object.fromEntries(called), {
    patrol: ['duel', 'rest'],
    duel: ['patrol'],
    c: [],
    broken: [],
  });
});

test('a text from nowhere, and a folder that is not there, have no others', () => {
  const folders = new MacroFolders();
  assert.equal(folders.around('-').size, 0);
  assert.equal(folders.around(join(temp.path, 'gone', 'a.js')).size, 0);
});
