import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { checkFile } from '../../../src/cli/batch/check-file.ts';
import { LINE_BYTES_MAX, readItems } from '../../../src/cli/batch/read-items.ts';
import { tempDir } from '../../support/temp.ts';

const temp = tempDir();
after(() => temp[Symbol.dispose]());
const file = join(temp.path, 'items.ndjson');

async function read(content: string | Buffer) {
  writeFileSync(file, content);
  await using handle = await open(file);
  const lines = [];
  for await (const some of readItems(handle)) lines.push(...some);
  return lines;
}

async function check(content: string | Buffer) {
  writeFileSync(file, content);
  await using handle = await open(file);
  const signal = new AbortController().signal;
  return await checkFile(handle, file, { onBytes: () => undefined, signal });
}

describe('a batch file', () => {
  test('has an item a line: any JSON, empty lines left out, their number kept', async () => {
    assert.deepEqual(await read('{"a":1}\r\n\n  \n[2]\n"é"\nnull'), [
      { line: 1, value: { a: 1 } },
      { line: 4, value: [2] },
      { line: 5, value: 'é' },
      { line: 6, value: null },
    ]);
  });

  test('may begin with a byte order mark, and hold what other readers take for line ends', async () => {
    assert.deepEqual(await read('\ufeff1\n"a\u2028b"\n'), [
      { line: 1, value: 1 },
      { line: 2, value: 'a\u2028b' },
    ]);
  });

  test('is read across the borders of what is read at once', async () => {
    const long = 'é'.repeat(300_000);
    const lines = await read(`1\n"${long}"\n2\n`);
    assert.deepEqual(
      lines.map(({ line }) => line),
      [1, 2, 3],
    );
    assert.deepEqual(lines[1], { line: 2, value: long });
  });

  test('names each line that is no item, and goes on behind it', async () => {
    const bad = Buffer.concat([
      Buffer.from('1\nnope\n"'),
      Buffer.from([0xff]),
      Buffer.from('"\n4\n'),
    ]);
    const lines = await read(bad);
    assert.deepEqual(
      lines.map((each) => ('problem' in each ? each.problem.slice(0, 12) : each.value)),
      [1, 'it is not JS', 'it is not UT', 4],
    );
  });

  test('holds no line that is too long', async () => {
    const lines = await read(`1\n"${'x'.repeat(LINE_BYTES_MAX)}"\n3\n`);
    assert.deepEqual(lines, [
      { line: 1, value: 1 },
      { line: 2, problem: 'it is longer than 16 MB' },
      { line: 3, value: 3 },
    ]);
  });
});

describe('looking through a batch file', () => {
  test('counts its items and tells one text from another', async () => {
    const first = await check('1\n\n2\n');
    assert.deepEqual([first.items, first.bytes], [2, 5]);
    assert.notEqual((await check('1\n\n3\n')).digest, first.digest);
  });

  test('names the first ten bad lines, harmlessly, and counts the others', async () => {
    const content = `1\n${'\u001b[2Jnope\n'.repeat(13)}2\n`;
    await assert.rejects(check(content), (error: Error) => {
      assert.match(error.message, /Nothing was run/);
      assert.match(error.message, / line 2: it is not JSON/);
      assert.match(error.message, / line 11: .*and 3 more$/s);
      assert.doesNotMatch(error.message, /line 12:/);
      assert.equal(error.message.includes('\u001b'), false);
      return true;
    });
  });

  test('refuses one without items', () => assert.rejects(check('\n \n'), /There is no item in/));
});
