import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dumpFileNames, listDumps } from '../../src/dumps/list.ts';
import { tempDir } from '../support/temp.ts';

test('a folder’s dumps are told oldest first, and nothing else is taken for one', async () => {
  using temp = tempDir();
  for (const name of [
    'corral-crash-dump-20260102-000000-b.json',
    'corral-crash-dump-20260101-235959-a.json',
    'corral-crash-dump-20260101-235959-a.cpuprofile',
    'corral-crash-summary-20260101-235959-a.txt',
    'corral-crash-dump-20260101-235959-c.json.0011aabb.tmp',
    'corral-crash-dump-mine.json',
    'notes.json',
  ])
    writeFileSync(join(temp.path, name), '');
  assert.deepEqual(await listDumps(temp.path), ['20260101-235959-a', '20260102-000000-b']);
  assert.equal(dumpFileNames('20260102-000000-b')[0], 'corral-crash-dump-20260102-000000-b.json');
});
