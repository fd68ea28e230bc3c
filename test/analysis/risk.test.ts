import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { analyse } from '../../src/analysis/analyse.ts';
import { type RiskGrounds, riskOf } from '../../src/analysis/risk.ts';

const NOTHING: RiskGrounds = { findings: [], verdict: 'admit', loops: [], recursion: [] };
const findings = (...list: string[]) =>
  list.map((each) => {
    const [level, rule] = each.split(' ') as ['info' | 'warning' | 'error', string];
    return { level, rule };
  });
const levelOf = (grounds: Partial<RiskGrounds>) => riskOf({ ...NOTHING, ...grounds }).level;
const risk = (source: string) =>
  riskOf(analyse(source, { file: 'm.js', language: 'js' }).report).risk;

describe('the risk of a macro', () => {
  test('is none when there is nothing to say', () =>
    assert.deepEqual(riskOf(NOTHING), { risk: 0, level: 'safe', parts: [] }));

  test('is critical with one error, medium or so with one warning, low when only not cleared', () => {
    assert.equal(levelOf({ findings: findings('error infinite-loop') }), 'critical');
    assert.equal(levelOf({ findings: findings('warning sync-hog') }), 'medium');
    assert.equal(levelOf({ verdict: 'solo' }), 'low');
    assert.equal(levelOf({ findings: findings('info a', 'info b', 'info c') }), 'safe');
  });

  test('does not rise for a misspelt header line', () =>
    assert.equal(levelOf({ findings: findings('warning header') }), 'safe'));

  test('says what adds how much, the most first, and those parts make the whole', () => {
    const { parts, risk: whole } = riskOf({
      findings: findings('warning sync-hog', 'warning sync-hog', 'info timer-storm'),
      verdict: 'solo',
      loops: [{ verdict: 'unknown' }],
      recursion: [],
      cost: { commands: { min: 0, max: null }, peakPerSecond: { chat: 100, combat: null } },
    });
    assert.deepEqual(parts, [
      { what: '2 warnings of sync-hog', adds: 0.577 },
      { what: 'up to 100 commands a second', adds: 0.15 },
      { what: 'not cleared to share a process', adds: 0.1 },
      { what: 'a loop whose end is not known', adds: 0.04 },
      { what: 'commands at a rate that is not known', adds: 0.03 },
      { what: '1 note of timer-storm', adds: 0.02 },
    ]);
    const left = parts.reduce((rest, { adds }) => rest * (1 - adds), 1);
    assert.ok(Math.abs(whole - (1 - left)) < 0.001);
  });

  test('takes commands without end for many', () => {
    const cost = { commands: { min: 0, max: null }, peakPerSecond: { chat: Infinity } };
    assert.deepEqual(riskOf({ ...NOTHING, cost }).parts, [
      { what: 'endlessly many commands a second', adds: 0.3 },
    ]);
  });

  test('is the same after renaming and reformatting', () => {
    const source =
      'let count = 0; while (true) { if (random() > 0.5) await sleep(5); count += 1; }';
    const other =
      'let n = 0;\n\nwhile (true)\n{\n  if (random() > 0.5)\n    await sleep(5);\n  n += 1;\n}\n// done';
    assert.ok(risk(source) > 0);
    assert.equal(risk(other), risk(source));
  });

  test('lies between 0 and 1, and never falls when a finding is added or raised', () => {
    const rule = fc.constantFrom('infinite-loop', 'header', 'sync-hog', 'x', 'y');
    const level = fc.constantFrom('info' as const, 'warning' as const, 'error' as const);
    const list = fc.array(fc.record({ rule, level }), { maxLength: 20 });
    fc.assert(
      fc.property(list, fc.record({ rule, level }), (before, more) => {
        const less = riskOf({ ...NOTHING, findings: before }).risk;
        const all = riskOf({ ...NOTHING, findings: [...before, more] }).risk;
        assert.ok(less >= 0 && all <= 1 && all >= less);
        const raised = before.map((each) => ({ ...each, level: 'error' as const }));
        assert.ok(riskOf({ ...NOTHING, findings: raised }).risk >= less);
      }),
      { seed: 1 },
    );
  });
});
