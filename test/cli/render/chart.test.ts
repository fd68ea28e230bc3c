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
