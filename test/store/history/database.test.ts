import assert from 'node:assert/strict';
import { chmodSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { CorralError } from '../../../src/model/errors.ts';
import { HistoryDatabase } from '../../../src/store/history/database.ts';
import { History } from '../../../src/store/history/history.ts';
import { MIGRATIONS } from '../../../src/store/history/migrations.ts';
import { lockForServer } from '../../../src/store/history/server-lock.ts';
import { tempDir } from '../../support/temp.ts';

const onFailed = (error: unknown) => assert.fail(String(error));

function refusal(open: () => unknown): string {
  try {
    open();
  } catch (error) {
    assert.ok(error instanceof CorralError, String(error));
    assert.equal(error.code, 'bad-store');
    return error.message;
  }
  return assert.fail('it was opened');
}

/** A history with so many runs in it, closed again. @returns the path of its file */
async function written(dir: string, runs: number): Promise<string> {
  await using history = new History({ dir, onFailed });
  for (let n = 0; n < runs; n++)
    await history.writes.now(() =>
      history.runs.add({
        id: n.toString(16).padStart(12, '0'),
        owner: 'ann',
        macro: 'm',
        digest: '',
        version: null,
        source: 'return 1;'.repeat(200),
        options: '{}',
        at: n,
        server: 'a',
      }),
    );
  return history.database.file;
}

describe('the file of the history', () => {
  test('is for its owner only, with those beside it, whatever the folder and an older Corral allow', async () => {
    using dir = tempDir();
    chmodSync(dir.path, 0o755);
    const modes = () =>
      ['', '-wal', '-shm'].map((end) => statSync(`${dir.path}/history.sqlite${end}`).mode & 0o777);
    {
      await using history = new History({ dir: dir.path, onFailed });
      assert.deepEqual(modes(), [0o600, 0o600, 0o600]);
      chmodSync(history.database.file, 0o644);
    }
    await using _ = new History({ dir: dir.path, onFailed });
    assert.deepEqual(modes(), [0o600, 0o600, 0o600]);
  });

  test('is refused when it is no database, damaged, newer, or another program’s', async () => {
    for (const [spoil, said] of [
      [(file: string) => writeFileSync(file, 'this is no database at all'), /cannot be read/],
      [(file: string) => truncateSync(file, 8_192), /damaged|cannot be read/],
      [
        (file: string) => {
          const bytes = readFileSync(file);
          bytes.fill(0xff, 4_096 + 200, bytes.length);
          writeFileSync(file, bytes);
        },
        /damaged|cannot be read/,
      ],
      [
        (file: string) => {
          using database = new DatabaseSync(file);
          database.exec('PRAGMA journal_mode = DELETE; PRAGMA user_version = 999');
        },
        /newer Corral \(version 999/,
      ],
      [
        (file: string) => {
          using database = new DatabaseSync(file);
          database.exec('PRAGMA application_id = 1');
        },
        /another program/,
      ],
    ] as const) {
      using dir = tempDir();
      const file = await written(dir.path, 50);
      spoil(file);
      const before = readFileSync(file);
      const message = refusal(() => new HistoryDatabase(dir.path));
      assert.match(message, said);
      assert.ok(message.includes(file) && !message.includes('\n'), message);
      assert.deepEqual(readFileSync(file), before, 'what is refused is left as it was');
    }
  });

  test('of an earlier Corral is brought to the present shape, with what waits in it', async () => {
    using dir = tempDir();
    const alert = {
      ...{ fingerprint: 'f', kind: 'kill', level: 'error', status: 'firing', title: 't', text: '' },
      ...{ macro: null, owner: null, run: null, count: 1, time: 1 },
    };
    {
      using database = new DatabaseSync(join(dir.path, 'history.sqlite'));
      database.exec(
        `${MIGRATIONS[0]}; PRAGMA application_id = 0x4372726c; PRAGMA user_version = 1`,
      );
      database
        .prepare('INSERT INTO outbox VALUES (7, ?, ?, 1, 2, 3, null)')
        .run('ops', JSON.stringify(alert));
    }
    await using history = new History({ dir: dir.path, onFailed });
    assert.deepEqual(history.outbox.first('ops'), {
      // Who kept it knew of no risk.
      ...{ id: 7, alert: { ...alert, risk: null }, attempts: 2, createdAt: 1, nextAt: 3 },
    });
    history.outbox.ended(7, 4, null);
    assert.equal(history.outbox.count('ops'), 0);
    assert.deepEqual(history.patterns.list(), []);
  });

  test('is refused where no folder can be', () => {
    using dir = tempDir();
    writeFileSync(join(dir.path, 'file'), '');
    assert.match(
      refusal(() => new HistoryDatabase(join(dir.path, 'file'))),
      /--data-dir/,
    );
    assert.match(
      refusal(() => lockForServer(join(dir.path, 'file', 'deep'))),
      /--data-dir/,
    );
  });

  test('has one server at a time, and the next once that is gone', () => {
    using dir = tempDir();
    const first = lockForServer(dir.path);
    assert.match(
      refusal(() => lockForServer(dir.path)),
      /another `corral serve`/,
    );
    first[Symbol.dispose]();
    lockForServer(dir.path)[Symbol.dispose]();
  });

  test('a transaction is all or nothing', async () => {
    await using history = new History({ dir: null, onFailed: () => undefined });
    const add = (id: string) =>
      history.runs.add({
        ...{ id, owner: 'a', macro: 'm', digest: '', version: null, source: '', options: '{}' },
        ...{ at: 1, server: 's' },
      });
    const told: number[] = [];
    const failed = history.writes.now(() => {
      add('000000000001');
      add('000000000001');
    });
    history.writes.soon(
      () => history.events.add(1, EVENT),
      () => told.push(1),
    );
    await assert.rejects(failed, /UNIQUE/);
    assert.equal(history.runs.get('000000000001'), null);
    assert.equal(told.length, 0, 'what is not on disk is told to nobody');
    history.writes.soon(
      () => history.events.add(1, EVENT),
      () => told.push(2),
    );
    await history.writes.flush();
    assert.deepEqual(told, [2]);
    assert.equal(history.events.last, 1);
  });
});

const EVENT = { type: 'settings', level: 'high', message: 'x' } as const;
