import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type DoctorFindings, renderDoctor } from '../../../src/cli/render/doctor-table.ts';
import type { WallCheck } from '../../../src/model/wall.ts';

const wall = (rest: Partial<WallCheck>): WallCheck => ({
  id: 'network',
  state: 'holds',
  how: 'bubblewrap',
  remedy: null,
  tried: ['connect to a TCP port of this machine: refused (ECONNREFUSED)'],
  ...rest,
});
const works = [{ name: 'node', ok: true, found: '24.0.0' }];

function render(findings: Partial<DoctorFindings>, columns = 80): string {
  const all = { machinery: works, walls: [wall({})], ...findings };
  return renderDoctor(all, { paint: (_, text) => text, columns });
}

describe("the doctor's table", () => {
  test('shows what works, each wall, what was tried, and a last line that says it all', () => {
    const lines = render({}).split('\n');
    assert.match(lines[0] ?? '', /^node +✔ works +24\.0\.0$/);
    assert.match(lines[2] ?? '', /^network +✔ holds +the kernel gives a worker no network/);
    assert.match(lines[3] ?? '', /^ +· connect to a TCP port/);
    assert.equal(lines.at(-2), '1 of 1 walls hold.');
  });

  test('says what to do about a missing wall, and shouts about one that did not hold', () => {
    const walls = [
      wall({ state: 'missing', how: 'bubblewrap is not installed', remedy: 'install bubblewrap' }),
      wall({ id: 'files', state: 'broken', tried: ['read /etc/passwd: LET THROUGH (1221 bytes)'] }),
    ];
    const text = render({ walls });
    assert.match(text, /network +– missing .*\n(?: .*\n)+ +· to do: install bubblewrap/);
    assert.match(text, /files +✖ BROKEN/);
    assert.match(text, /0 of 2 walls hold; missing: network; BROKEN: files\.\n$/);
  });

  test('says that nothing was tried where Corral does not work', () => {
    const machinery = [{ name: 'worker', ok: false, found: 'A worker could not start: x' }];
    const text = render({ machinery, walls: [] });
    assert.match(text, /^worker +✖ BROKEN +A worker could not start: x\n/);
    assert.match(text, /the walls were not tried\.\n$/);
  });

  test('fits the terminal', () => {
    for (const columns of [80, 120]) {
      const long = wall({ tried: ['a word and '.repeat(40).trim()] });
      for (const line of render({ walls: [long] }, columns).split('\n'))
        assert.ok(line.length <= columns, line);
    }
  });

  test('lets nothing that a probe says reach the terminal', () => {
    const text = render({ walls: [wall({ tried: ['\u001b[2Jgone'] })] });
    assert.ok(text.includes('\\x1b[2Jgone'));
    assert.ok(!text.includes('\u001b'));
  });
});
