// The ledger on bad days, with real files and processes: killed, two at once, full, read-only, damaged, newer, locked.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CorralError } from '../../src/model/errors.ts';
import { RECKONING } from '../../src/policy/reckoning.ts';
import { LEDGER_FILE, SqliteLedger } from '../../src/store/ledger.ts';
import { CHILD_LIFE } from '../support/child-life.ts';
import { tempDir } from '../support/temp.ts';
import { held, hit, macro, NOW, run } from './support/notes.ts';

const WRITER = fileURLToPath(new URL('support/ledger-writer.ts', import.meta.url));
const temp = tempDir();
after(() => temp[Symbol.dispose]());
let folders = 0;

const freshDir = () => join(temp.path, String(++folders));
const open = (dir: string | null) => new SqliteLedger({ dir, reckoning: RECKONING });
const startWriter = (...args: string[]) =>
  spawn(process.execPath, [WRITER, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...CHILD_LIFE,
  });

/** A ledger with a macro in quarantine and another that was stuck; its folder. */
function written(): string {
  const dir = freshDir();
  using ledger = open(dir);
  ledger.quarantine(macro('evil'), held());
  ledger.noteRun(macro('stuck'), run({ reason: 'stuck' }));
  return dir;
}

const refused = (message: RegExp) => (error: unknown) =>
  error instanceof CorralError && error.code === 'bad-state' && message.test(error.message);

describe('processes', () => {
  test('two at once, and this one, lose none of each other’s notes', async () => {
    const dir = freshDir();
    const writers = [1, 2].map(() => startWriter(dir, 'notes', '200'));
    const ended = writers.map(async (writer) => {
      const said = await text(writer.stdout);
      return said === '' ? null : said;
    });
    using ledger = open(dir);
    for (let n = 0; n < 200; n++) ledger.noteRun(macro('patrol'), run());
    assert.deepEqual(await Promise.all(ended), [null, null]);
    assert.equal(ledger.list(NOW)[0]?.runs, 600);
  });

  test('one that is killed right after a quarantine has not lost it', async () => {
    const dir = freshDir();
    const writer = startWriter(dir, 'quarantine');
    await once(writer.stdout, 'data');
    writer.kill('SIGKILL');
    await once(writer, 'exit');
    using ledger = open(dir);
    assert.deepEqual(ledger.quarantineOf(macro('patrol')), { name: 'patrol', ...held() });
  });

  test('one that exits without closing it has written its notes', async () => {
    const dir = freshDir();
    const writer = startWriter(dir, 'note-and-exit', '30');
    await once(writer, 'exit');
    using ledger = open(dir);
    assert.equal(ledger.list(NOW)[0]?.runs, 30);
  });

  test('one that holds the file locked for a while holds up nobody, and loses nothing', () => {
    const dir = written();
    using ledger = open(dir);
    const other = new DatabaseSync(join(dir, LEDGER_FILE));
    other.exec('BEGIN IMMEDIATE');
    ledger.noteRun(macro('patrol'), run());
    const from = performance.now();
    assert.equal(
      ledger.list(NOW).some(({ name }) => name === 'patrol'),
      false,
      'it waits to be written',
    );
    assert.ok(ledger.quarantineOf(macro('evil')), 'and reading goes on');
    // Far less than the two seconds that opening would wait.
    assert.ok(performance.now() - from < 1500);
    other.exec('COMMIT');
    other.close();
    assert.ok(ledger.list(NOW).some(({ name }) => name === 'patrol'));
  });

  test('one that never lets go cannot keep a macro out of quarantine', () => {
    const dir = written();
    const problems: string[] = [];
    const ledger = open(dir);
    ledger.onProblem((message) => problems.push(message));
    const other = new DatabaseSync(join(dir, LEDGER_FILE));
    other.exec('BEGIN IMMEDIATE');
    ledger.quarantine(macro('worse'), held());
    assert.ok(ledger.quarantineOf(macro('worse')));
    assert.ok(ledger.quarantineOf(macro('evil')), 'what was in the file still counts');
    assert.match(problems.join(), /^What is learned .* in memory only: .*another process writes/);
    other.exec('COMMIT');
    other.close();
    ledger[Symbol.dispose]();
    assert.equal(problems.length, 2, 'and it was told that it is kept again');
    using again = open(dir);
    assert.ok(again.quarantineOf(macro('worse')));
  });
});

describe('a file that must not be used is refused, and left as it is:', () => {
  const cases: [string, (path: string) => void, RegExp][] = [
    [
      'a newer Corral’s',
      (path) => {
        const database = new DatabaseSync(path);
        database.exec('PRAGMA user_version = 99');
        database.close();
      },
      /a newer Corral wrote it \(its version is 99, this Corral knows 1\).*--ledger-dir/,
    ],
    ['one that is no database', (path) => writeFileSync(path, 'x'.repeat(5000)), /it is damaged/],
    ['one that was cut off', (path) => truncateSync(path, 8192), /it is damaged/],
    [
      'one with rubbish in the middle',
      (path) => {
        const bytes = readFileSync(path);
        bytes.fill(0xa5, 4096, 4096 * 4);
        writeFileSync(path, bytes);
      },
      /it is damaged/,
    ],
    [
      'another program’s database',
      (path) => {
        writeFileSync(path, '');
        const database = new DatabaseSync(path);
        database.exec('CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)');
        database.close();
      },
      /a database of another program/,
    ],
  ];
  for (const [what, spoil, message] of cases)
    test(what, () => {
      const dir = written();
      const path = join(dir, LEDGER_FILE);
      spoil(path);
      const before = readFileSync(path);
      assert.throws(() => open(dir), refused(message));
      assert.deepEqual(readFileSync(path), before);
      assert.deepEqual(readdirSync(dir), [LEDGER_FILE]);
    });

  test('an empty one is a new ledger', () => {
    const dir = freshDir();
    mkdirSync(dir);
    writeFileSync(join(dir, LEDGER_FILE), '');
    using ledger = open(dir);
    ledger.noteRun(macro('patrol'), run());
    assert.equal(ledger.list(NOW).length, 1);
  });

  test('one that is damaged while in use lets no macro pass', () => {
    const dir = written();
    const path = join(dir, LEDGER_FILE);
    const problems: string[] = [];
    using ledger = open(dir);
    ledger.onProblem((message) => problems.push(message));
    // Another process writes, so that nothing remembered of the file counts any more.
    const other = new DatabaseSync(path);
    other.exec('UPDATE macro SET runs = 5; PRAGMA wal_checkpoint(TRUNCATE)');
    other.close();
    const bytes = readFileSync(path);
    bytes.fill(0xa5);
    writeFileSync(path, bytes);
    assert.throws(() => ledger.quarantineOf(macro('evil')), refused(/./));
    ledger.noteRun(macro('patrol'), run());
    ledger.noteHit(macro('patrol'), hit());
    assert.throws(() => ledger.riskOf(macro('patrol'), 0, NOW), refused(/./));
    ledger.quarantine(macro('worse'), held());
    assert.equal(problems.length, 1, problems.join('\n'));
  });
});

describe('a file that cannot be written is a warning, and memory takes over:', () => {
  const problemsOf = (ledger: SqliteLedger) => {
    const problems: string[] = [];
    ledger.onProblem((message) => problems.push(message));
    return problems;
  };
  /** Works as ever, for as long as it is open. */
  const assertWorks = (ledger: SqliteLedger) => {
    ledger.noteRun(macro('patrol'), run({ reason: 'stuck' }));
    ledger.quarantine(macro('worse'), held());
    assert.ok(ledger.riskOf(macro('patrol'), 0, NOW).score > 0);
    assert.ok(ledger.quarantineOf(macro('worse')));
    assert.equal(ledger.release({ owner: 'local', name: 'worse' }, { ...held() }), true);
  };

  test('a folder that is a file', () => {
    const path = freshDir();
    writeFileSync(path, 'mine');
    const ledger = open(path);
    const problems = problemsOf(ledger);
    assert.match(problems.join(), /kept in memory only: cannot write .*: /);
    assertWorks(ledger);
    ledger[Symbol.dispose]();
    assert.equal(problems.length, 1, 'and is told once');
    assert.equal(readFileSync(path, 'utf8'), 'mine');
  });

  test('a folder that nobody may make', () => {
    using ledger = open('/proc/1/nowhere');
    assert.match(problemsOf(ledger).join(), /cannot write \/proc\/1\/nowhere\/ledger\.sqlite: /);
    assertWorks(ledger);
  });

  /** As a user to whom permissions apply: root may write anywhere. */
  const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

  test('a read-only folder: what is in quarantine there stays so', async (context) => {
    const dir = written();
    chmodSync(join(dir, LEDGER_FILE), 0o444);
    chmodSync(dir, 0o555);
    if ('uid' in nobody) {
      // The project and the folder must be in reach of that user; where they are not there is nobody to try it as.
      chmodSync(temp.path, 0o755);
      chownSync(dir, 0, 0);
    }
    const writer = spawn(process.execPath, [WRITER, dir, 'everything', '3'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...CHILD_LIFE,
      ...nobody,
    });
    const [said, errors] = await Promise.all([text(writer.stdout), text(writer.stderr)]);
    chmodSync(dir, 0o755);
    if (/EACCES|permission denied, open .*writer|Cannot find module/.test(errors)) {
      context.skip('no other user of this machine can read the project');
      return;
    }
    assert.match(
      said,
      /^problem: .*kept in memory only: cannot write .*\n5 macros, evil held\n$/,
      errors,
    );
    assert.deepEqual(readdirSync(dir), [LEDGER_FILE], 'and nothing was left in it');
  });

  test('a full disk, from the middle of a write on', async () => {
    const dir = freshDir();
    open(dir)[Symbol.dispose]();
    // A process that may write no file above 64 KB meets what one on a full disk meets.
    const writer = spawn(
      'sh',
      ['-c', 'ulimit -f 128; exec "$0" "$@"', process.execPath, WRITER, dir, 'everything', '900'],
      { stdio: ['ignore', 'pipe', 'inherit'], ...CHILD_LIFE },
    );
    const said = await text(writer.stdout);
    assert.match(
      said,
      /^problem: .*kept in memory only: cannot write .*\n901 macros, evil held\n$/,
    );
    using ledger = open(dir);
    assert.ok(ledger.quarantineOf(macro('evil')), 'the file is sound, with what it had');
  });

  // In blocks of 512 bytes: before a header, within it, within the tables, and with them half written.
  for (const blocks of [0, 1, 4, 8, 40])
    test(`a disk that is full after ${blocks / 2} KB, on a ledger that is new`, async () => {
      const dir = freshDir();
      const writer = spawn(
        'sh',
        [
          ...['-c', `ulimit -f ${blocks}; exec "$0" "$@"`],
          ...[process.execPath, WRITER, dir, 'everything', '3'],
        ],
        { stdio: ['ignore', 'pipe', 'inherit'], ...CHILD_LIFE },
      );
      assert.match(
        await text(writer.stdout),
        /^problem: .*kept in memory only: cannot write .*\n4 macros, evil held\n$/,
      );
      // With room again it is a ledger like any other.
      using ledger = open(dir);
      ledger.quarantine(macro('later'), held());
      assert.ok(ledger.quarantineOf(macro('later')));
    });

  test('once it can be written again, what was kept in memory goes there', () => {
    const dir = freshDir();
    writeFileSync(dir, 'in the way');
    const ledger = open(dir);
    const problems = problemsOf(ledger);
    ledger.noteRun(macro('patrol'), run());
    ledger.quarantine(macro('evil'), held());
    ledger.list(NOW);
    rmSync(dir);
    ledger[Symbol.dispose]();
    assert.match(problems.at(-1) ?? '', /kept again/);
    using again = open(dir);
    assert.equal(again.list(NOW).length, 2);
    assert.ok(again.quarantineOf(macro('evil')));
  });
});
