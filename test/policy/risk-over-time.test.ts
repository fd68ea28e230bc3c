import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { HitNote, LiveRisk, RunNote } from '../../src/model/ledger.ts';
import { KILL_REASONS } from '../../src/model/outcome.ts';
import type { Mark } from '../../src/model/reckoning.ts';
import { isRiskFrom } from '../../src/model/risk.ts';
import {
  addMark,
  CLEAN_EVERY_MS,
  countDown,
  isClean,
  isFaded,
  markOfHit,
  marksOfRun,
  NEAR_LIMIT,
  RISK_WEIGHTS,
  SAME_MAX,
  toLiveRisk,
} from '../../src/policy/risk-over-time.ts';

const DAY = 86_400_000;
const NOW = 1_800_000_000_000;

function run(wishes: Partial<RunNote> = {}): RunNote {
  return {
    at: NOW,
    runId: 'r',
    reason: 'completed',
    staticRisk: 0,
    durationMs: 10,
    cpuMs: 5,
    peakHeap: 1e6,
    commands: 1,
    nearestLimit: 0.1,
    nearestName: 'cpu',
    alone: true,
    interventions: 0,
    unusual: [],
    ...wishes,
  };
}

function hit(wishes: Partial<HitNote> = {}): HitNote {
  const about = { runId: 'r', pattern: 'chat-spam', action: 'pause', effects: [] };
  return { at: NOW, risk: 'high', ...about, ...wishes };
}

type Note = { readonly run: RunNote } | { readonly hit: HitNote };

/** What is left of a history, as a ledger keeps it. */
function remember(notes: readonly Note[]): Mark[] {
  const marks = new Map<string, Mark>();
  for (const note of notes) {
    const seen = 'hit' in note ? [markOfHit(note.hit)] : marksOfRun(note.run);
    for (const mark of seen) marks.set(mark.cause, addMark(marks.get(mark.cause) ?? null, mark));
    if ('run' in note && isClean(note.run))
      for (const mark of marks.values()) marks.set(mark.cause, countDown(mark, note.run.at));
  }
  return [...marks.values()];
}

const riskAfter = (notes: readonly Note[], staticRisk = 0, at = NOW): LiveRisk =>
  toLiveRisk(remember(notes), staticRisk, at);
const sum = ({ parts }: LiveRisk) => parts.reduce((all, { adds }) => all + adds, 0);

describe('the live risk of a macro', () => {
  test('that has done nothing is what lint says of its text', () => {
    assert.deepEqual(riskAfter([], 0), { score: 0, parts: [] });
    const { score, parts } = riskAfter([{ run: run() }], 0.351);
    assert.equal(score, 0.351);
    assert.deepEqual(
      parts.map(({ cause, adds }) => [cause, adds]),
      [['static', 0.351]],
    );
  });

  test('that was stopped is that of the kill, and says so', () => {
    const { score, parts } = riskAfter([{ run: run({ reason: 'cpu-limit' }) }]);
    assert.equal(score, RISK_WEIGHTS.kill['cpu-limit'].adds);
    assert.equal(parts[0]?.cause, 'kill:cpu-limit');
    assert.match(parts[0]?.why ?? '', /stopped for cpu-limit/);
  });

  test('that a pattern matched is that of the pattern’s risk', () => {
    for (const risk of ['low', 'medium', 'high', 'critical'] as const)
      assert.equal(riskAfter([{ hit: hit({ risk }) }]).score, RISK_WEIGHTS.hit[risk].adds);
  });

  test('is half as heavy after a half-life, and nothing in the end', () => {
    const notes = [{ run: run({ reason: 'cpu-limit' as const }) }];
    const weight = (at: number) => -Math.log1p(-riskAfter(notes, 0, at).score);
    const half = weight(NOW + RISK_WEIGHTS.kill['cpu-limit'].halfLifeMs) / weight(NOW);
    assert.ok(Math.abs(half - 0.5) < 0.01, `${half}`);
    const [mark] = remember(notes);
    assert.equal(isFaded(mark as Mark, NOW + 3 * DAY), false);
    assert.equal(isFaded(mark as Mark, NOW + 60 * DAY), true);
    assert.deepEqual(riskAfter(notes, 0, NOW + 60 * DAY), { score: 0, parts: [] });
  });

  test('a macro that was killed for what it did runs alone for a day, one for its pauses need not', () => {
    for (const reason of ['stuck', 'heap-limit', 'cpu-limit', 'command-limit'] as const)
      assert.ok(isRiskFrom(riskAfter([{ run: run({ reason }) }], 0, NOW + DAY).score, 'medium'));
    for (const reason of ['wall-limit', 'idle-limit'] as const)
      assert.ok(!isRiskFrom(riskAfter([{ run: run({ reason }) }]).score, 'medium'));
  });

  test('a lost worker counts for one that was alone in it and had begun, for nobody else', () => {
    const lost = (wishes: Partial<RunNote>) =>
      riskAfter([{ run: run({ reason: 'worker-lost', ...wishes }) }]).score;
    assert.equal(lost({}), RISK_WEIGHTS.kill['worker-lost'].adds);
    assert.equal(lost({ alone: false }), 0);
    assert.equal(lost({ durationMs: 0 }), 0);
  });

  test('what the machine or a person did says nothing of the macro', () => {
    for (const reason of ['host-pressure', 'emergency', 'cancelled', 'failed', 'refused'] as const)
      assert.equal(riskAfter([{ run: run({ reason }) }]).score, 0, reason);
  });

  test('a limit counts as neared from its share on, and says which', () => {
    assert.equal(riskAfter([{ run: run({ nearestLimit: NEAR_LIMIT - 0.01 }) }]).score, 0);
    const { score, parts } = riskAfter([
      { run: run({ nearestLimit: 0.931, nearestName: 'heap' }) },
    ]);
    assert.equal(score, RISK_WEIGHTS.nearLimit.adds);
    assert.equal(parts[0]?.why, 'a run used 93 % of its heap');
  });

  test('limits neared, however often, never make a macro run alone', () => {
    const notes = Array.from({ length: 100 }, () => ({ run: run({ nearestLimit: 1 }) }));
    assert.ok(!isRiskFrom(riskAfter(notes).score, 'medium'));
  });

  test('the same thing again adds up to a bound', () => {
    const many = (n: number) => riskAfter(Array.from({ length: n }, () => ({ hit: hit() })));
    assert.ok(many(2).score > many(1).score);
    assert.ok(many(SAME_MAX).score > many(SAME_MAX - 1).score);
    assert.equal(many(SAME_MAX + 1).score, many(SAME_MAX).score);
    assert.match(many(50).parts[0]?.why ?? '', /seen 50 times/);
  });

  test('clean runs count down what was seen, a tenth each, never what the text says', () => {
    const killed = { run: run({ reason: 'cpu-limit' as const }) };
    const clean = (n: number) => ({ run: run({ at: NOW + n * CLEAN_EVERY_MS }) });
    const at = NOW + 100 * CLEAN_EVERY_MS;
    const scores = [0, 1, 5, 100].map(
      (n) =>
        riskAfter([killed, ...Array.from({ length: n }, (_, k) => clean(k + 1))], 0.2, at).score,
    );
    assert.deepEqual(
      scores,
      scores.toSorted((a, b) => b - a),
    );
    assert.equal(scores.at(-1), 0.2);
    const { parts } = riskAfter([killed, clean(1)], 0.2, at);
    assert.ok((parts.find(({ cause }) => cause === 'clean-runs')?.adds ?? 0) < 0);
  });

  test('clean runs within a minute count once: nobody washes a macro clean in a second', () => {
    const killed = { run: run({ reason: 'cpu-limit' as const }) };
    const burst = Array.from({ length: 50 }, (_, n) => ({ run: run({ at: NOW + n * 10 }) }));
    assert.equal(riskAfter([killed, ...burst]).score, riskAfter([killed, { run: run() }]).score);
  });

  test('clean runs before something bad do not excuse it', () => {
    const clean = Array.from({ length: 50 }, (_, n) => ({
      run: run({ at: NOW - n * CLEAN_EVERY_MS }),
    })).reverse();
    const killed = { run: run({ reason: 'stuck' as const }) };
    assert.equal(riskAfter([...clean, killed]).score, riskAfter([killed]).score);
  });

  test('a clock that jumps makes nothing heavier, and holds nothing for ever', () => {
    const [ahead] = remember([{ run: run({ reason: 'stuck', at: NOW + 300 * DAY }) }]);
    assert.equal(toLiveRisk([ahead as Mark], 0, NOW).score, RISK_WEIGHTS.kill.stuck.adds);
    const healed = countDown(ahead as Mark, NOW);
    assert.ok(isFaded(healed, NOW + 100 * DAY));
  });

  test('of the same thing under its name and under its text the heavier counts, not both', () => {
    const [one] = remember([{ hit: hit() }]);
    const [two] = remember([{ hit: hit() }, { hit: hit() }]);
    assert.deepEqual(
      toLiveRisk([one as Mark, two as Mark], 0, NOW),
      toLiveRisk([two as Mark], 0, NOW),
    );
  });
});

/** A history in the order of time: kills, hits, limits neared and clean runs, hours apart or seconds. */
const anyNote = (at: number): fc.Arbitrary<Note> =>
  fc.oneof(
    fc.constantFrom(...KILL_REASONS, 'pattern:chat-spam' as const).map((reason) => ({
      run: run({ at, reason }),
    })),
    fc.constantFrom('low', 'medium', 'high', 'critical').map((risk) => ({
      hit: hit({ at, risk: risk as HitNote['risk'], pattern: risk }),
    })),
    fc.double({ min: 0, max: 1, noNaN: true }).map((nearestLimit) => ({
      run: run({ at, nearestLimit }),
    })),
    fc.constant({ run: run({ at }) }),
  );
const anyHistory = fc
  .array(fc.oneof(fc.nat({ max: 5000 }), fc.nat({ max: 5 * 3_600_000 })), { maxLength: 40 })
  .chain((gaps) => {
    let at = NOW - 10 * DAY;
    return fc.tuple(
      ...gaps.map((gap) => {
        at += gap;
        return anyNote(at);
      }),
    );
  });
const anyStatic = fc.integer({ min: 0, max: 1000 }).map((steps) => steps / 1000);
const timeOf = (note: Note) => ('run' in note ? note.run.at : note.hit.at);
const isBad = (note: Note) => !('run' in note && isClean(note.run));

describe('whatever a macro has done, its live risk', () => {
  test('is within 0 and 1, not below what its text says, and the sum of its parts', () => {
    fc.assert(
      fc.property(anyHistory, anyStatic, fc.nat({ max: 20 * DAY }), (notes, text, later) => {
        const risk = riskAfter(notes, text, NOW - 8 * DAY + later);
        assert.ok(risk.score >= text && risk.score <= 1, `${risk.score}`);
        assert.ok(Math.abs(sum(risk) - risk.score) < 1e-9, JSON.stringify(risk));
        for (const { cause, adds, why } of risk.parts) {
          assert.ok(cause === 'clean-runs' ? adds < 0 : adds > 0, `${cause} ${adds}`);
          assert.ok(why !== '');
        }
      }),
    );
  });

  test('never falls by something bad more, wherever it came', () => {
    fc.assert(
      fc.property(anyHistory, anyStatic, fc.nat(), (notes, text, pick) => {
        const bad = notes.filter(isBad);
        const gone = bad[pick % Math.max(1, bad.length)];
        if (!gone) return;
        const at = timeOf(notes.at(-1) as Note);
        const without = riskAfter(
          notes.filter((note) => note !== gone),
          text,
          at,
        );
        const risk = riskAfter(notes, text, at);
        assert.ok(risk.score >= without.score, `${without.score} → ${risk.score}`);
      }),
    );
  });

  test('never rises by a text that is less risky, a clean run more, or by waiting', () => {
    fc.assert(
      fc.property(anyHistory, anyStatic, anyStatic, (notes, one, two) => {
        const at = Math.max(NOW - 10 * DAY, ...notes.map(timeOf));
        const [less, more] = [Math.min(one, two), Math.max(one, two)];
        const risk = riskAfter(notes, more, at).score;
        assert.ok(riskAfter(notes, less, at).score <= risk);
        assert.ok(riskAfter([...notes, { run: run({ at }) }], more, at).score <= risk);
        assert.ok(riskAfter(notes, more, at + DAY).score <= risk);
      }),
    );
  });
});
