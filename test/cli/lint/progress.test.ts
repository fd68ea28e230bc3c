// The progress line: only for many files, only on a terminal, no wider than it, and gone at the end.

import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { describe, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { Progress } from '../../../src/cli/lint/progress.ts';
import { displayWidth } from '../../../src/model/display-width.ts';

const CLEAR = '\r\u001b[2K';

/** What is written to a stream while files are looked at. */
function written(files: readonly string[], stream: { isTTY: boolean; columns?: number }): string {
  let text = '';
  const sink = new Writable({
    write: (chunk, _, done) => {
      text += chunk;
      done();
    },
  });
  const to = Object.assign(sink, stream, { getColorDepth: () => 1 });
  {
    using progress = new Progress(files.length, to as unknown as NodeJS.WriteStream);
    for (const [at, file] of files.entries()) progress.at(at, file);
  }
  return text;
}
const many = (name: string) => new Array(300).fill(name);

describe('the progress line', () => {
  test('says how far it is and with which file, and goes away', () => {
    const text = written(many('macros/duel.js'), { isTTY: true, columns: 80 });
    assert.ok(text.endsWith(CLEAR));
    const [first] = text.split(CLEAR).filter((line) => line !== '');
    assert.equal(stripVTControlCharacters(first ?? ''), '  0/300 macros/duel.js');
  });
  test('is drawn at once, and not for each of the files', () => {
    const lines = written(many('a.js'), { isTTY: true }).split(CLEAR);
    assert.ok(lines.length > 1 && lines.length < 300, `${lines.length}`);
  });
  test('shows the end of a name that is too long, and nothing hostile', () => {
    const text = written(many(`${'folder/'.repeat(40)}\u001b[31m\n語.js`), {
      isTTY: true,
      columns: 40,
    });
    const [line = ''] = text.split(CLEAR).filter((each) => each !== '');
    const shown = stripVTControlCharacters(line);
    assert.ok(shown.length < 40, shown);
    assert.match(shown, /^ {2}0\/300 ….*\\x1b\[31m\\n語\.js$/);
    const wide = written(many('語'.repeat(100)), { isTTY: true, columns: 40 }).split(CLEAR)[1];
    assert.ok(displayWidth(stripVTControlCharacters(wide ?? '')) < 40, wide);
  });
  test('is not there without a terminal', () =>
    assert.equal(written(many('a.js'), { isTTY: false }), ''));
  test('nor for few files', () => assert.equal(written(['a.js', 'b.js'], { isTTY: true }), ''));
});
