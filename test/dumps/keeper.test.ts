// How long dumps are kept, and what is never touched.

import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { KEEP_DEFAULT, type KeepLimits } from '../../src/dumps/keep-limits.ts';
import { DumpKeeper } from '../../src/dumps/keeper.ts';
import { dumpFileNames, listDumps } from '../../src/dumps/list.ts';
import { tempDir } from '../support/temp.ts';

const temp = tempDir();
after(() => temp[Symbol.dispose]());
let folders = 0;
const DAY_MS = 86_400_000;

/** A folder of so many dumps, a minute between two; the stamps of them, oldest first. */
function folderOf(count: number, { bytes = 10, until = Date.now(), isBare = false } = {}) {
  const dir = join(temp.path, `kept-${++folders}`);
  mkdirSync(dir);
  const stamps = Array.from({ length: count }, (_, n) =>
    toStamp(until - (count - 1 - n) * 60_000, `run${n}`),
  );
  for (const stamp of stamps) write(dir, stamp, bytes, isBare);
  return { dir, stamps };
}

function toStamp(ms: number, run: string): string {
  const [day = '', time = ''] = new Date(ms).toISOString().slice(0, 19).split('T');
  return `${day.replaceAll('-', '')}-${time.replaceAll(':', '')}-${run}`;
}

/** @param isBare true for a dump that has nothing beside it */
function write(dir: string, stamp: string, bytes: number, isBare = false): void {
  const [json = '', summary = '', profile = ''] = dumpFileNames(stamp);
  writeFileSync(join(dir, json), 'j'.repeat(bytes));
  if (isBare) return;
  writeFileSync(join(dir, summary), 's');
  writeFileSync(join(dir, profile), 'p');
}

/** Tells a keeper of the newest and gives what is left. */
async function keep(dir: string, newest: string, limits: Partial<KeepLimits>): Promise<string[]> {
  const keeper = new DumpKeeper(dir, { ...KEEP_DEFAULT, ...limits });
  await keeper.written(newest, assert.fail);
  await keeper.idle();
  return await listDumps(dir);
}

describe('of the dumps in a folder', () => {
  test('the newest are kept, in number, with all that belongs to them', async () => {
    const { dir, stamps } = folderOf(12);
    assert.deepEqual(await keep(dir, stamps.at(-1) ?? '', { count: 5 }), stamps.slice(-5));
    assert.equal(readdirSync(dir).length, 15, 'three files each');
  });

  test('the newest are kept, in bytes', async () => {
    const { dir, stamps } = folderOf(10, { bytes: 1000 });
    assert.deepEqual(await keep(dir, stamps.at(-1) ?? '', { bytes: 4100 }), stamps.slice(-4));
  });

  test('those are kept that are not too old', async () => {
    const { dir, stamps } = folderOf(10);
    assert.deepEqual(await keep(dir, stamps.at(-1) ?? '', { ageMs: 210_000 }), stamps.slice(-4));
  });

  test('the one just written is kept, whatever the limits and the clock say', async () => {
    const { dir, stamps } = folderOf(3, { bytes: 1000 });
    assert.deepEqual(await keep(dir, stamps[0] ?? '', { bytes: 1, ageMs: 0 }), [stamps[0]]);
  });

  test('those of a clock that was ahead go first, however new they look', async () => {
    const { dir, stamps } = folderOf(4);
    const ahead = toStamp(Date.now() + 300 * DAY_MS, 'ahead');
    write(dir, ahead, 10);
    assert.deepEqual(await keep(dir, stamps.at(-1) ?? '', { count: 100 }), stamps);
    assert.equal(existsSync(join(dir, dumpFileNames(ahead)[0] ?? '')), false);
  });

  test('10,000 become as many as are kept, and the next one costs no look at all of them', async () => {
    const { dir, stamps } = folderOf(10_000, { isBare: true });
    const keeper = new DumpKeeper(dir, KEEP_DEFAULT);
    await keeper.written(stamps.at(-1) ?? '', assert.fail);
    assert.ok((await listDumps(dir)).length > 1000, 'the end of a run does not wait for them all');
    await keeper.idle();
    assert.deepEqual(await listDumps(dir), stamps.slice(-1000));
    // What somebody else puts there is not seen at once: the folder is not read for each dump.
    write(dir, toStamp(Date.now() - DAY_MS, 'unseen'), 10);
    const next = toStamp(Date.now() + 60_000, 'next');
    write(dir, next, 10);
    await keeper.written(next, assert.fail);
    await keeper.idle();
    assert.deepEqual((await listDumps(dir)).slice(1), [...stamps.slice(-999), next]);
  });
});

describe('nothing is removed', () => {
  test('that is no dump of ours', async () => {
    const { dir, stamps } = folderOf(3);
    const foreign = ['notes.txt', 'corral-crash-dump-mine.json', 'package.json', 'x.tmp'];
    for (const name of foreign) writeFileSync(join(dir, name), 'mine');
    mkdirSync(join(dir, 'corral-crash-dump-20200101-000000-folder.json'));
    await keep(dir, stamps.at(-1) ?? '', { count: 1 });
    for (const name of foreign) assert.equal(readFileSync(join(dir, name), 'utf8'), 'mine');
    assert.ok(existsSync(join(dir, 'corral-crash-dump-20200101-000000-folder.json')));
  });

  test('that a link leads to, nor the link', async () => {
    const { dir, stamps } = folderOf(2);
    const outside = join(temp.path, 'precious.json');
    writeFileSync(outside, 'precious');
    const link = join(dir, 'corral-crash-dump-20200101-000000-link.json');
    symlinkSync(outside, link);
    await keep(dir, stamps.at(-1) ?? '', { count: 1 });
    assert.equal(readFileSync(link, 'utf8'), 'precious');
  });

  test('of a draft that may still be written, and an old one is', async () => {
    const { dir, stamps } = folderOf(1);
    const [young, old] = ['young', 'old'].map((run) =>
      join(dir, `${dumpFileNames(toStamp(Date.now(), run))[0]}.0011aabb.tmp`),
    ) as [string, string];
    for (const path of [young, old]) writeFileSync(path, '{"format":');
    utimesSync(old, new Date(0), new Date(0));
    await keep(dir, stamps[0] ?? '', {});
    assert.deepEqual([existsSync(young), existsSync(old)], [true, false]);
  });
});

test('a folder that is gone is told, and the next dump is kept as ever', async () => {
  const dir = join(temp.path, 'gone');
  const keeper = new DumpKeeper(dir, KEEP_DEFAULT);
  const told: string[] = [];
  await keeper.written('20260101-000000-a', (why) => told.push(why));
  assert.match(told.join(), /Old crash dumps in .*gone cannot be removed: .*no such/);
  mkdirSync(dir);
  write(dir, '20260101-000000-a', 1);
  await keeper.written('20260101-000000-a', assert.fail);
});
