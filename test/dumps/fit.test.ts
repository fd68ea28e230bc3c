// What a dump that would be too large leaves out, and that it says so.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fitDump } from '../../src/dumps/fit.ts';
import { dumpSummary } from '../../src/dumps/summary.ts';
import { CrashDump } from '../../src/model/dump.ts';
import { sampleDump } from '../support/dumps.ts';

const fit = (dump: CrashDump, charsMax?: number): CrashDump =>
  CrashDump.parse(JSON.parse(fitDump(dump, (each) => JSON.stringify(each), charsMax)));

describe('a dump', () => {
  test('within its size is written as it is', () => {
    const dump = sampleDump('heap-limit');
    assert.deepEqual(fit(dump), dump);
  });

  test('beyond it leaves out what can be made again first, and no more than it must', () => {
    const dump = sampleDump('heap-limit', { ast: { type: 'Program', big: 'x'.repeat(50_000) } });
    const fitted = fit(dump, 40_000);
    assert.deepEqual(fitted.truncated, ['ast']);
    assert.equal(fitted.astOmitted, 'the dump would be too large with it');
    assert.deepEqual(fitted.samples, dump.samples);
    assert.match(dumpSummary(fitted), /the dump would be too large: left out or cut are ast\n/);
  });

  test('whatever of it is large comes down to its size, and stays a dump', () => {
    const charsMax = 2 * 1024 * 1024;
    const huge = 'x'.repeat(charsMax + 1024 * 1024);
    const sample = sampleDump('heap-limit');
    const changes: Partial<CrashDump>[] = [
      { source: huge },
      { input: huge },
      { error: { name: 'Error', message: huge, stack: huge } },
      { logs: [{ at: 1, level: 'info', text: huge }] },
      { commands: sample.commands.map((command) => ({ ...command, args: huge.slice(0, 4e5) })) },
      { diagnosis: [{ text: huge, certain: true }] },
      {
        samples: Array.from({ length: 40_000 }, (_, at) => ({
          ...sample.samples[0],
          at,
        })) as never,
      },
    ];
    for (const change of changes) {
      const text = fitDump(
        sampleDump('heap-limit', change),
        (each) => JSON.stringify(each),
        charsMax,
      );
      assert.ok(text.length <= charsMax, Object.keys(change).join());
      const fitted = CrashDump.parse(JSON.parse(text));
      assert.ok(fitted.truncated?.includes(Object.keys(change)[0] ?? ''));
      assert.equal(fitted.reason, 'heap-limit');
    }
  });

  test('keeps the last of its samples', () => {
    const [sample] = sampleDump('heap-limit').samples;
    const samples = Array.from({ length: 5000 }, (_, at) => ({ ...sample, at })) as never;
    const fitted = fit(sampleDump('heap-limit', { samples }), 100_000);
    assert.ok(fitted.samples.length <= 400);
    assert.equal(fitted.samples.at(-1)?.at, 4999);
  });
});
