// Dumps of every version are opened: those in test/fixtures/dumps/version-N were written by a Corral of that version.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { readDump } from '../../src/dumps/dump.ts';
import { dumpSummary } from '../../src/dumps/summary.ts';
import { newerNote, toCurrentVersion } from '../../src/dumps/versions.ts';
import { DUMP_SCHEMA_VERSION } from '../../src/model/dump.ts';
import { CorralError } from '../../src/model/errors.ts';
import { ROOT } from '../support/cli.ts';
import { sampleDump } from '../support/dumps.ts';
import { tempDir } from '../support/temp.ts';

const temp = tempDir();
after(() => temp[Symbol.dispose]());
const FIXTURES = join(ROOT, 'test/fixtures/dumps');
const versions = readdirSync(FIXTURES).flatMap((name) => /^version-(\d+)$/.exec(name)?.[1] ?? []);

describe('a dump of an earlier version', () => {
  test('there is one of each to try', () => {
    const earlier = Array.from({ length: DUMP_SCHEMA_VERSION - 1 }, (_, n) => String(n + 1));
    assert.deepEqual(versions.sort(), earlier);
  });

  for (const version of versions)
    for (const name of readdirSync(join(FIXTURES, `version-${version}`)))
      test(`is opened in the shape of today: version ${version}, ${name}`, async () => {
        const path = join(FIXTURES, `version-${version}`, name);
        const written = JSON.parse(readFileSync(path, 'utf8')) as { schemaVersion: number };
        assert.equal(written.schemaVersion, Number(version));
        const dump = await readDump(path);
        assert.equal(dump.schemaVersion, DUMP_SCHEMA_VERSION);
        assert.match(dumpSummary(dump), new RegExp(`^${dump.macro.name} `));
        assert.equal(newerNote(dump), null);
      });

  test('1 called every function without a name the macro: only the outermost is', () => {
    const named = (...names: string[]) => names.map((functionName) => ({ functionName, line: 1 }));
    const stack = (names: string[]) =>
      (
        toCurrentVersion({ schemaVersion: 1, stack: named(...names) }) as {
          stack: { functionName: string }[];
        }
      ).stack.map(({ functionName }) => functionName);
    assert.deepEqual(stack(['(macro)', 'sort', '(macro)']), ['(anonymous)', 'sort', '(macro)']);
    assert.deepEqual(stack(['(macro)']), ['(macro)']);
    assert.deepEqual(stack([]), []);
  });

  test('that is damaged is left for its reader to find', () => {
    for (const stack of ['none', [null, 7, { functionName: 3 }], undefined])
      assert.deepEqual(toCurrentVersion({ schemaVersion: 1, stack }), { schemaVersion: 2, stack });
    for (const schemaVersion of ['1', null, -1, 0.5, Number.NaN, { toString: null }])
      assert.deepEqual(toCurrentVersion({ schemaVersion }), { schemaVersion });
  });
});

describe('a dump of a newer version', () => {
  const write = (change: object) => {
    const path = join(temp.path, 'newer.json');
    writeFileSync(path, JSON.stringify({ ...sampleDump('cpu-limit'), ...change }));
    return path;
  };

  test('is opened with what it has more, and with a note', async () => {
    const dump = await readDump(
      write({
        schemaVersion: 9,
        corralVersion: '7.1.0',
        gpu: { used: 1 },
        place: { file: 'walk.js', line: 1, column: 1, source: 'by-oracle' },
      }),
    );
    assert.deepEqual((dump as { gpu?: unknown }).gpu, { used: 1 });
    assert.match(
      newerNote(dump) ?? '',
      /newer Corral \(7\.1\.0, dumps of version 9; .* up to \d\)/,
    );
    assert.ok(dumpSummary(dump).length > 0);
  });

  test('is refused by what is not as it was, and told from a damaged one', async () => {
    await assert.rejects(readDump(write({ schemaVersion: 9, samples: 'elsewhere' })), (error) => {
      assert.ok(error instanceof CorralError && error.code === 'bad-dump');
      assert.match(error.message, /written by a newer Corral .* its field samples is not what it/);
      return true;
    });
  });
});
