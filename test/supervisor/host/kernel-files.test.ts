import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fieldOf, KernelFiles } from '../../../src/supervisor/host/kernel-files.ts';
import { machineOf } from '../support/machine.ts';

describe("the kernel's files", () => {
  const { files } = machineOf({
    '/proc/a': 'one\ntwo\n',
    '/proc/long': 'x'.repeat(300_000),
    '/proc/count': ' 42\n',
    '/proc/most': 'max\n',
    '/proc/odd': '-1\n',
    '/proc/empty': '',
  });

  test('are read as text, and what is not there is null', () => {
    assert.equal(files.text('/proc/a'), 'one\ntwo\n');
    assert.equal(files.text('/proc/empty'), '');
    assert.equal(files.text('/proc/none'), null);
    assert.equal(files.text('/proc'), null);
    assert.deepEqual([files.has('/proc/a'), files.has('/proc/none')], [true, false]);
  });

  test('are read so far and no further', () => {
    assert.equal(files.text('/proc/long')?.length, 65_536);
    assert.equal(files.text('/proc/a', 5), 'one\nt');
    assert.equal(files.text('/proc/long', 100_000)?.length, 100_000);
  });

  test('hold a count, or no limit, or nothing that counts', () => {
    assert.equal(files.count('/proc/count'), 42);
    assert.equal(files.count('/proc/most'), Number.POSITIVE_INFINITY);
    for (const path of ['/proc/odd', '/proc/empty', '/proc/a', '/proc/none', '/proc/long'])
      assert.equal(files.count(path), null, path);
  });

  test('are listed and counted', () => {
    assert.equal(files.entries('/proc'), 6);
    assert.ok(files.names('/proc').includes('count'));
    assert.deepEqual([files.entries('/none'), files.names('/none')], [null, []]);
    assert.equal(files.stat('/none'), null);
  });

  test('give fields by their whole name', () => {
    const text = 'SwapCached: 3 kB\nCached:  12 kB\ninactive_file 7\nbad x\nlast 9';
    assert.deepEqual(
      ['Cached', 'inactive_file', 'last', 'bad', 'file', 'Cach', 'none'].map((name) =>
        fieldOf(text, name),
      ),
      [12, 7, 9, null, null, null, null],
    );
    assert.equal(fieldOf(null, 'Cached'), null);
  });

  test('of this machine are there', {
    skip: process.platform !== 'linux' && 'no /proc here',
  }, () => {
    const own = new KernelFiles();
    assert.ok((own.field('/proc/meminfo', 'MemTotal') ?? 0) > 0);
    assert.ok((own.entries('/proc/self/fd') ?? 0) > 2);
  });
});
