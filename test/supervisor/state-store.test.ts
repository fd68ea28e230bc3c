import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { CorralError } from '../../src/model/errors.ts';
import {
  STATE_CHARS_MAX,
  STATE_KEY_CHARS_MAX,
  STATE_KEYS_MAX,
  StateError,
  StateStore,
} from '../../src/supervisor/state-store.ts';
import { CHILD_LIFE } from '../support/child-life.ts';
import { scratchDir } from './support/scratch.ts';

const WRITER = new URL('./support/state-writer.ts', import.meta.url).pathname;

describe('what macros remember', () => {
  test('comes back as it was', () => {
    using store = new StateStore(null);
    const value = { at: [1, 2.5, -0], when: new Date(5), who: new Map([['a', new Set([1n])]]) };
    store.of('local').set('patrol', 'plan', value);
    assert.deepEqual(store.of('local').get('patrol', 'plan'), value);
    assert.equal(store.of('local').get('patrol', 'other'), undefined);
  });

  test('belongs to each macro alone', () => {
    using store = new StateStore(null);
    store.of('local').set('patrol', 'count', 1);
    store.of('local').set('guard', 'count', 2);
    assert.equal(store.of('local').get('patrol', 'count'), 1);
    assert.equal(store.of('local').delete('patrol', 'count'), true);
    assert.equal(store.of('local').delete('patrol', 'count'), false);
    assert.equal(store.of('local').get('guard', 'count'), 2);
  });

  test('belongs to each owner alone, whatever others call their macros', () => {
    using store = new StateStore(null);
    store.of('ann').set('vault', 'token', 'private');
    assert.equal(store.of('bob').get('vault', 'token'), undefined);
    assert.equal(store.of('bob').incr('vault', 'n', 1), 1);
    assert.equal(store.of('ann').incr('vault', 'n', 5), 5);
    assert.equal(store.of('bob').delete('vault', 'token'), false);
    assert.equal(store.of('ann').get('vault', 'token'), 'private');
  });

  test('counts from 0, and only numbers count', () => {
    using store = new StateStore(null);
    assert.equal(store.of('local').incr('m', 'n', 2), 2);
    assert.equal(store.of('local').incr('m', 'n', -5), -3);
    store.of('local').set('m', 'text', 'three');
    assert.throws(() => store.of('local').incr('m', 'text', 1), StateError);
    assert.throws(() => store.of('local').incr('m', 'n', Number.NaN), StateError);
    assert.equal(store.of('local').get('m', 'text'), 'three');
  });

  test('survives in its folder, which only its owner can enter', () => {
    const dir = join(scratchDir(), 'deep', 'state');
    {
      using store = new StateStore(dir);
      store.of('local').set('m', 'k', 'kept');
    }
    assert.equal(statSync(dir).mode & 0o077, 0);
    using store = new StateStore(dir);
    assert.equal(store.of('local').get('m', 'k'), 'kept');
  });
});

describe('the caps of state', () => {
  test('hold the number of keys, and what is refused leaves no trace', () => {
    using store = new StateStore(null);
    for (let at = 0; at < STATE_KEYS_MAX; at++) store.of('local').set('m', `k${at}`, at);
    assert.throws(() => store.of('local').set('m', 'one more', 1), /at most 1000 keys/);
    assert.equal(store.of('local').get('m', 'one more'), undefined);
    store.of('local').set('m', 'k5', 'changed');
    assert.equal(store.of('local').get('m', 'k5'), 'changed');
    store.of('local').set('other', 'k', 1);
  });

  test('hold the size of everything a macro keeps', () => {
    using store = new StateStore(null);
    const text = 'x'.repeat(60_000);
    const write = () => {
      for (let at = 0; at < STATE_CHARS_MAX / 50_000; at++)
        store.of('local').set('m', `k${at}`, text);
    };
    assert.throws(write, /at most 1048576 characters/);
    assert.equal(store.of('local').get('m', 'k0'), text);
  });

  test('hold the size of one value and of a key', () => {
    using store = new StateStore(null);
    assert.throws(
      () => store.of('local').set('m', 'k', 'x'.repeat(100_000)),
      /more than 65536 characters/,
    );
    for (const key of ['', 'x'.repeat(STATE_KEY_CHARS_MAX + 1)])
      assert.throws(() => store.of('local').set('m', key, 1), StateError);
    assert.equal(store.of('local').get('m', 'k'), undefined);
  });

  test('refuse what cannot be kept and leave the old value', () => {
    using store = new StateStore(null);
    store.of('local').set('m', 'k', 'old');
    assert.throws(() => store.of('local').set('m', 'k', () => 1), /cannot cross/);
    assert.equal(store.of('local').get('m', 'k'), 'old');
    store.of('local').set('m', 'k', 'new');
    assert.equal(store.of('local').get('m', 'k'), 'new');
  });
});

describe('one state file', () => {
  test('from before there were owners is taken as it is, for those who had none', () => {
    const dir = scratchDir();
    using old = new DatabaseSync(join(dir, 'state.sqlite'));
    old.exec(
      "CREATE TABLE state (macro TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (macro, key)) WITHOUT ROWID; INSERT INTO state VALUES ('m', 'k', '7')",
    );
    using store = new StateStore(dir);
    assert.equal(store.of('local').get('m', 'k'), 7);
    assert.equal(store.of('local').incr('m', 'k', 1), 8);
    assert.equal(store.of('ann').get('m', 'k'), undefined);
  });

  test('serves two stores at once, each call one commit', () => {
    const dir = scratchDir();
    using one = new StateStore(dir);
    using two = new StateStore(dir);
    for (let at = 0; at < 50; at++) {
      one.of('local').incr('m', 'n', 1);
      two.of('local').incr('m', 'n', 1);
    }
    assert.equal(one.of('local').get('m', 'n'), 100);
    assert.equal(two.of('local').get('m', 'n'), 100);
  });

  test('loses no count between processes, which may all be the first to open it', async () => {
    for (let round = 0; round < 4; round++) {
      const dir = scratchDir();
      const writers = [1, 2, 3, 4].map(() =>
        spawn(process.execPath, [WRITER, dir, '50'], {
          stdio: ['ignore', 'ignore', 'inherit'],
          ...CHILD_LIFE,
        }),
      );
      const codes = await Promise.all(writers.map((writer) => once(writer, 'close')));
      assert.deepEqual(codes.flat(), [0, null, 0, null, 0, null, 0, null]);
      using store = new StateStore(dir);
      assert.equal(store.of('local').get('m', 'n'), 200);
    }
  });

  test('is whole after a SIGKILL in the middle of writing', async () => {
    const dir = scratchDir();
    let before = 0;
    for (let round = 0; round < 3; round++) {
      const writer = spawn(process.execPath, [WRITER, dir, 'Infinity'], CHILD_LIFE);
      // Its first line comes after its first commits.
      const [line] = await once(writer.stdout, 'data');
      writer.kill('SIGKILL');
      await once(writer, 'close');
      using store = new StateStore(dir);
      const count = Number(store.of('local').get('m', 'n'));
      assert.ok(count >= Number.parseInt(String(line), 10) && count > before);
      // The writer sets `copy` right after each count: it is the count, or the one before.
      assert.ok([count, count - 1].includes(Number(store.of('local').get('m', 'copy'))));
      before = count;
    }
  });

  test('that cannot be used is said to be unusable, and where', () => {
    const dir = scratchDir();
    writeFileSync(
      join(dir, 'state.sqlite'),
      'this is no database, whatever it is called'.repeat(50),
    );
    const asFile = join(scratchDir(), 'file');
    writeFileSync(asFile, '');
    const folderInTheWay = scratchDir();
    mkdirSync(join(folderInTheWay, 'state.sqlite'));
    for (const folder of [dir, asFile, folderInTheWay]) {
      using store = new StateStore(folder);
      assert.throws(
        () => store.of('local').get('m', 'k'),
        (error) => {
          assert.ok(error instanceof CorralError);
          assert.equal(error.code, 'bad-state');
          assert.match(error.message, /state\.sqlite.*--state-dir/);
          return true;
        },
      );
    }
  });
});
