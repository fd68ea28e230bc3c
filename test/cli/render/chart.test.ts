import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sampleCharts } from '../../../src/cli/render/chart.ts';
import { toPlain } from '../../../src/dumps/line.ts';
import type { CrashDump } from '../../../src/model/dump.ts';
import { sampleDump } from '../../support/dumps.ts';

const draw = (dump: CrashDump, columns = 80) => toPlain(sampleCharts(dump, columns));

describe('the charts of the samples', () => {
  test('draw memory up to its limit, the process, and CPU', () => {
    const text = draw(sampleDump('heap-limit'));
    assert.match(
      text,
      /^heap and buffers {2}limit 128mb, 129\.2mb when it was stopped · buffers ▒\n/,
    );
    assert.match(text, /\n +128mb ┤┄+[▁▂▃▄▅▆▇█▒]+\n/);
    assert.match(text, /\nmemory of its process {2}152\.4mb at most\n/);
    assert.match(text, /\nCPU {2}519ms used, limit 10s/);
    assert.equal(text.match(/\n +0 +5\.4s +10\.7s/g)?.length, 3);
  });

  test('name a limit that is far away and draw the curve large', () => {
    const text = draw(sampleDump('cpu-limit'));
    assert.match(text, /limit 128mb, far above.*\n +870\.4kb │/);
    assert.doesNotMatch(text, /┄/);
  });

  test('fit the terminal', () => {
    for (const columns of [20, 40, 80, 120, 300]) {
      const [, ...rows] = draw(sampleDump('heap-limit'), columns)
        .split('\n')
        .filter((row) => /[│┤└]/.test(row));
      for (const row of rows) assert.ok(row.length <= Math.max(columns, 31), `${columns}: ${row}`);
    }
  });

  test('say so where no sample was taken', () => {
    assert.equal(draw(sampleDump('stuck')), 'no sample could be taken in the 292ms it ran\n');
  });

  test('stand figures that no run can have', () => {
    const { samples, ...dump } = sampleDump('heap-limit');
    const [sample] = samples;
    assert.ok(sample);
    const odd = [-1e300, 1e300, 0, -5, 1e-300].map((value) => ({
      ...sample,
      at: value,
      heapUsed: value,
      external: value,
      rss: value,
      cpuMs: value,
    }));
    assert.ok(draw({ ...dump, samples: odd, limits: {} } as CrashDump).length > 0);
  });
});

describe('below the curve of memory', () => {
  const base = sampleDump('heap-limit');
  const [sample] = base.samples;
  assert.ok(sample);
  const at = (ms: number, collection?: { by: string; freed?: number }) => ({
    ...sample,
    at: ms,
    ...(collection && { collection }),
  });
  const given = (ms: number, error?: string) => ({
    ...{ at: ms, name: 'chat.say', args: {}, line: 1 },
    ...(error === undefined ? { result: null } : { error }),
  });
  const dump = {
    ...base,
    statistics: { ...base.statistics, durationMs: 1000, commands: 16 },
    samples: [at(100), at(500, { by: 'v8' }), at(999, { by: 'corral', freed: 2_097_152 })],
    commands: [...Array.from({ length: 12 }, () => given(10)), given(300), given(600, 'no')],
  };

  test('stand its commands and the garbage collections, where they were', () => {
    const lines = draw(dump, 111).split('\n');
    const row = (label: string) => lines.find((line) => line.startsWith(label))?.slice(10) ?? '';
    assert.deepEqual(
      [...row('commands ')].flatMap((mark, cell) => (mark === ' ' ? [] : [[mark, cell]])),
      [
        ['#', 1],
        ['1', 30],
        ['x', 60],
      ],
    );
    assert.deepEqual(
      [...row('      GC ')].flatMap((mark, cell) => (mark === ' ' ? [] : [[mark, cell]])),
      [
        ['▴', 50],
        ['◆', 99],
      ],
    );
    const text = lines.join('\n');
    assert.match(text, /x where one failed; 2 are not drawn/);
    assert.match(text, /▴ by V8, ◆ by Corral \(freed 2mb\)/);
  });

  test('stands nothing where nothing was', () => {
    assert.doesNotMatch(draw(sampleDump('stuck')), /GC|commands/);
    assert.doesNotMatch(
      draw({ ...dump, commands: [], samples: [at(1), at(2)] }),
      /GC|commands:|collected/,
    );
  });

  test('stand the first commands of a long run by its journal', () => {
    const entry = {
      kind: 'command' as const,
      macro: 'm',
      name: 'chat.say',
      args: '{}',
      afterMs: 1,
    };
    const entries = [50, 150].map((ms) => ({ ...entry, at: ms, value: null, error: null }));
    const journal = { entries, complete: false };
    const commands = [given(150), given(900)];
    const text = draw({ ...dump, journal, commands }, 111);
    const marks = text.split('\n').find((line) => line.startsWith('commands '));
    assert.equal(marks?.replaceAll(/[^1-9]/g, ''), '111');
  });
});
