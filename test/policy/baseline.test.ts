import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Baseline, BaselineMeasure, RunNote } from '../../src/model/ledger.ts';
import type { CleanRun } from '../../src/model/reckoning.ts';
import {
  BASELINE_RUNS_MAX,
  BASELINE_RUNS_MIN,
  isFarOutside,
  isNormal,
  NO_MATTER,
  TIMES_MIN,
  toBaseline,
  toUnusualMessage,
} from '../../src/policy/baseline.ts';

const MB = 1024 * 1024;

function used(wishes: Partial<CleanRun> = {}): CleanRun {
  return { text: 'a', peakHeap: 0, cpuMs: 0, commands: 0, durationMs: 0, ...wishes };
}

const runs = (count: number, each: (n: number) => Partial<CleanRun> = () => ({})) =>
  Array.from({ length: count }, (_, n) => used(each(n)));

function range(values: readonly number[], measure: BaselineMeasure = 'durationMs') {
  const baseline = toBaseline(values.map((value) => used({ [measure]: value })));
  assert.ok(baseline);
  return baseline.measures[measure];
}

describe('what is normal for a macro', () => {
  test('is not said before it has run often enough', () => {
    assert.equal(toBaseline([]), null);
    assert.equal(toBaseline(runs(BASELINE_RUNS_MIN - 1)), null);
    assert.equal(toBaseline(runs(BASELINE_RUNS_MIN))?.runs, BASELINE_RUNS_MIN);
  });

  test('is where its clean runs lie', () => {
    const { median, from, to } = range(Array.from({ length: 41 }, (_, n) => 1000 + n));
    assert.deepEqual([median, from, to], [1020, 1002, 1038]);
  });

  test('is of its last runs only', () => {
    const old = runs(300, () => ({ durationMs: 50_000 }));
    const fresh = runs(BASELINE_RUNS_MAX, () => ({ durationMs: 10 }));
    const { measures, runs: count } = toBaseline([...old, ...fresh]) ?? assert.fail();
    assert.deepEqual([measures.durationMs.to, count], [10, BASELINE_RUNS_MAX]);
  });

  test('is of its last text alone as soon as that has run often enough', () => {
    const before = runs(50, () => ({ durationMs: 10 }));
    const after = (n: number) => runs(n, () => ({ text: 'b', durationMs: 60_000 }));
    const median = (n: number) =>
      toBaseline([...before, ...after(n)])?.measures.durationMs.median ?? Number.NaN;
    assert.equal(median(BASELINE_RUNS_MIN - 1), 10);
    assert.equal(median(BASELINE_RUNS_MIN), 60_000);
  });

  test('is hardly moved by a few odd runs among many', () => {
    const calm = Array.from({ length: 60 }, (_, n) => 10_000 + n * 10);
    const before = range(calm);
    const after = range([...calm, 5e6]);
    assert.ok(after.median - before.median < 20);
    assert.ok(after.high < before.high * 1.1, `${before.high} → ${after.high}`);
  });
});

describe('far outside', () => {
  test('begins at twice the usual and an amount that matters, for a macro that always does the same', () => {
    for (const [measure, noMatter] of Object.entries(NO_MATTER) as [BaselineMeasure, number][]) {
      const usual = noMatter * 10;
      const { high } = range(new Array(40).fill(usual), measure);
      assert.ok(Math.abs(high - (TIMES_MIN * usual + noMatter)) < 1e-6 * usual, `${high}`);
    }
  });

  test('is not what differs by an amount that matters to nobody', () => {
    const baseline = toBaseline(runs(40, () => ({ durationMs: 1, cpuMs: 1, commands: 1 })));
    assert.ok(baseline);
    for (const [measure, value] of [
      ['durationMs', 900],
      ['cpuMs', 90],
      ['commands', 5],
      ['peakHeap', 7 * MB],
    ] as const)
      assert.equal(isFarOutside(baseline, measure, value), false, measure);
  });

  test('begins the further out the more the macro varies', () => {
    const tight = range(Array.from({ length: 50 }, (_, n) => 20_000 * 1.01 ** (n - 25)));
    const wide = range(Array.from({ length: 50 }, (_, n) => 20_000 * 1.1 ** (n - 25)));
    assert.ok(wide.high > 3 * tight.high, `${tight.high} ${wide.high}`);
  });

  test('a macro with two habits is at home in both', () => {
    const { high } = range(Array.from({ length: 60 }, (_, n) => (n % 10 === 0 ? 90_000 : 2_000)));
    assert.ok(high > 90_000);
    assert.ok(high < 130_000);
  });

  test('what happened once is told again, what happens again and again is not', () => {
    const calm = new Array<number>(60).fill(2_000);
    assert.ok(range([...calm, 90_000]).high < 90_000);
    assert.ok(range([...calm, 90_000, 90_000]).high > 90_000);
  });

  test('is said with the numbers', () => {
    const heap = (n: number) => ({ peakHeap: (8 + (n % 5)) * MB, commands: 3 });
    const baseline = toBaseline(runs(40, heap)) ?? assert.fail();
    assert.equal(
      toUnusualMessage(baseline, 'peakHeap', 61 * MB),
      'this is unusual for it: it has used 61mb of heap; nine in ten of its last 40 clean runs used 8mb to 12mb, and far outside begins above 28mb',
    );
    assert.match(
      toUnusualMessage(baseline, 'commands', 1500),
      /it has given 1,500 commands; nine in ten of its last 40 clean runs gave 3, .* above 11$/,
    );
    assert.match(
      toUnusualMessage(baseline, 'cpuMs', 2500),
      /it has used 2\.5s of CPU; .* used 0ms/,
    );
    assert.match(toUnusualMessage(baseline, 'durationMs', 90_000), /it has run for 1m30s; .* took/);
  });
});

describe('what counts as normal', () => {
  const note: RunNote = {
    at: 0,
    runId: 'r',
    reason: 'completed',
    staticRisk: 0,
    durationMs: 1,
    cpuMs: 1,
    peakHeap: 1,
    commands: 1,
    nearestLimit: 0,
    nearestName: null,
    alone: true,
    interventions: 0,
    unusual: [],
  };
  test('is a run that completed without anything stepping in', () => {
    assert.equal(isNormal(note), true);
    assert.equal(isNormal({ ...note, interventions: 1 }), false);
    for (const reason of ['failed', 'cancelled', 'cpu-limit'] as const)
      assert.equal(isNormal({ ...note, reason }), false);
  });
  test('is a run that was unusual too, so that a lasting change becomes normal', () => {
    const unusual = [{ measure: 'cpuMs' as const, value: 1, message: 'x' }];
    assert.equal(isNormal({ ...note, unusual }), true);
  });
});

/** Mulberry32: the same numbers for the same seed, on every machine. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const normal = (random: () => number) =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

describe('false alarms of a macro that goes on as ever', () => {
  const MACROS = 40;
  const RUNS = 200;
  /** How many of these a macro does, and at most so many alarms in a thousand runs. */
  const cases: [string, (random: () => number) => number, number][] = [
    ['always the same', () => 5_000, 0],
    ['varying a little (lognormal, σ 0.1)', (r) => 5_000 * Math.exp(0.1 * normal(r)), 0],
    ['varying much (lognormal, σ 0.5)', (r) => 50_000 * Math.exp(0.5 * normal(r)), 0.3],
    ['varying wildly (lognormal, σ 1)', (r) => 50_000 * Math.exp(normal(r)), 1],
    ['doing one of two things (half and half)', (r) => (r() < 0.5 ? 10_000 : 100_000), 0],
    ['doing something else one time in ten', (r) => (r() < 0.1 ? 100_000 : 10_000), 5],
    ['doing something else one time in fifty', (r) => (r() < 0.02 ? 100_000 : 10_000), 15],
    ['waiting for chance (exponential)', (r) => -50_000 * Math.log(1 - r()), 0.3],
  ];
  for (const [habit, next, perMille] of cases)
    test(`${habit}: at most ${perMille} in a thousand runs`, () => {
      let alarms = 0;
      let looked = 0;
      for (let macro = 1; macro <= MACROS; macro++) {
        const random = seeded(macro * 7919);
        const seen: CleanRun[] = [];
        let baseline: Baseline | null = null;
        for (let n = 0; n < RUNS; n++) {
          const durationMs = next(random);
          // Reckoned again every tenth run, as the ledger does.
          if (n % 10 === 0) baseline = toBaseline(seen);
          if (baseline) {
            looked += 1;
            if (isFarOutside(baseline, 'durationMs', durationMs)) alarms += 1;
          }
          seen.push(used({ durationMs }));
          if (seen.length > BASELINE_RUNS_MAX) seen.shift();
        }
      }
      assert.ok(looked > MACROS * (RUNS - BASELINE_RUNS_MIN - 1));
      const rate = (alarms / looked) * 1000;
      assert.ok(rate <= perMille, `${rate.toFixed(2)} in a thousand`);
    });

  test('and one that takes ten times as much is told of each time, while that is new', () => {
    let told = 0;
    for (let macro = 1; macro <= MACROS; macro++) {
      const random = seeded(macro);
      const habit = () => 50_000 * Math.exp(0.3 * normal(random));
      const baseline = toBaseline(runs(60, () => ({ durationMs: habit() }))) ?? assert.fail();
      if (isFarOutside(baseline, 'durationMs', habit() * 10)) told += 1;
    }
    assert.ok(told >= MACROS * 0.9, `${told} of ${MACROS}`);
  });
});
