// Reading a worker's profiles: in the author's positions, and whatever a worker sends.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readProfiles } from '../../src/supervisor/profiles.ts';
import { planned } from './support/plans.ts';

const SOURCE = 'const a = [];\nfunction fill(n) { a.fill(n); }\nfor (;;) fill(1);\n';
const { plan } = planned(SOURCE);
const FILE = plan.analysis.file;

const frame = (functionName: string, url = FILE, lineNumber = 1, columnNumber = 13) => ({
  functionName,
  scriptId: '7',
  url,
  lineNumber,
  columnNumber,
});
const root = (children: number[]) => ({ id: 1, callFrame: frame('(root)', '', -1, -1), children });

const WINDOW = {
  nodes: [
    root([2]),
    {
      id: 2,
      callFrame: frame('', FILE, 0, 0),
      hitCount: 1,
      children: [3],
      positionTicks: [{ line: 3, ticks: 1 }],
    },
    {
      id: 3,
      callFrame: frame('fill'),
      hitCount: 8,
      children: [4],
      positionTicks: [{ line: 2, ticks: 8 }],
    },
    { id: 4, callFrame: frame('at', 'corral:bridge', 900, 4), hitCount: 1 },
  ],
  startTime: 1_000,
  endTime: 6_000,
  samples: [2, 3, 3, 4],
  timeDeltas: [0, 2_000, 1_000, 2_000],
};

const HEAP = {
  head: {
    ...root([]),
    selfSize: 0,
    children: [
      {
        id: 2,
        callFrame: frame('fill'),
        selfSize: 700,
        children: [{ id: 3, callFrame: frame('at', 'corral:bridge'), selfSize: 200, children: [] }],
      },
      { id: 4, callFrame: frame('start', 'corral:bridge'), selfSize: 100, children: [] },
    ],
  },
};

const read = (cpu: unknown[], heap: unknown = null) =>
  readProfiles(
    {
      cpu: cpu.map((each) => JSON.stringify(each)),
      heap: heap === null ? null : JSON.stringify(heap),
    },
    plan,
  );

describe('a CPU profile', () => {
  test('names the hottest lines, with their share of all samples', () => {
    const { hotLines } = read([WINDOW]);
    assert.deepEqual(hotLines, [
      { functionName: 'fill', file: FILE, line: 2, hits: 8, share: 0.8 },
      { functionName: '(macro)', file: FILE, line: 3, hits: 1, share: 0.1 },
    ]);
  });

  test('tells the last functions seen, the macro’s own alone, top first', () => {
    const seen = read([WINDOW]).lastSeen.map(({ functionName, line }) => [functionName, line]);
    assert.deepEqual(seen, [
      ['fill', 2],
      ['(macro)', 1],
    ]);
  });

  test('hides where Corral’s own functions lie', () => {
    const text = JSON.stringify(read([WINDOW]).cpu);
    assert.ok(!text.includes('corral:bridge') && text.includes('(Corral) at'));
  });

  test('of several windows is one profile, with ids of its own and times that fit', () => {
    const { cpu } = read([WINDOW, WINDOW]);
    assert.ok(cpu);
    const ids = new Set(cpu.nodes.map(({ id }) => id));
    assert.equal(ids.size, cpu.nodes.length);
    assert.equal(cpu.samples.length, cpu.timeDeltas.length);
    assert.ok(
      [...cpu.samples, ...cpu.nodes.flatMap(({ children = [] }) => children)].every((id) =>
        ids.has(id),
      ),
    );
    const sum = cpu.timeDeltas.reduce((all, delta) => all + delta, 0);
    assert.equal(cpu.endTime - cpu.startTime, sum);
  });
});

describe('a heap profile', () => {
  test('gives what a built-in or the bridge allocated to the function that called it', () => {
    assert.deepEqual(read([], HEAP).allocationSites, [
      { functionName: 'fill', file: FILE, line: 2, column: 14, bytes: 900, share: 0.9 },
    ]);
  });
});

test('samples of a heap profile name nodes that are there, whatever a worker sends', () => {
  const samples = [2, 99, 4].map((nodeId) => ({ nodeId, size: 1, ordinal: 1 }));
  const { heap } = read([], { ...HEAP, samples });
  assert.deepEqual(
    heap?.samples?.map(({ nodeId }) => nodeId),
    [2, 4],
  );
});

describe('a profile that is none', () => {
  for (const [what, text] of [
    ['no JSON', '{'],
    ['nothing', 'null'],
    ['of another shape', '{"nodes":[{"id":"x"}]}'],
    ['nested without end', `${'{"head":{"children":['.repeat(5_000)}${']}}'.repeat(5_000)}`],
  ] as const)
    test(`is left out: ${what}`, () => {
      const { cpu, heap, hotLines } = readProfiles({ cpu: [text], heap: text }, plan);
      assert.deepEqual([cpu, heap, hotLines], [null, null, []]);
    });

  test('may name nodes that are not there, and go round in circles', () => {
    const circle = [root([2]), { id: 2, callFrame: frame('a'), hitCount: 1, children: [2, 99, 1] }];
    const { cpu, lastSeen } = read([{ ...WINDOW, nodes: circle, samples: [2, 77] }]);
    assert.ok(cpu && lastSeen.length <= 16);
  });
});
