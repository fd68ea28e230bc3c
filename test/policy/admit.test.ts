import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { analyse } from '../../src/analysis/analyse.ts';
import { GUARD_LEVELS, GUARD_TABLE, toGuard } from '../../src/model/guard.ts';
import { admit } from '../../src/policy/admit.ts';

const verdict = (source: string, level: (typeof GUARD_LEVELS)[number] = 'medium', lint = true) =>
  admit(analyse(source, { file: 'm.js', language: 'js' }).report, { lint, guard: toGuard(level) })
    .verdict;

describe('admission', () => {
  test('calm macros share a process, unless the level gives each its own', () => {
    assert.equal(verdict('return 1'), 'admit');
    assert.equal(verdict('return 1', 'low'), 'admit');
    assert.equal(verdict('return 1', 'high'), 'solo');
    assert.equal(verdict('return 1', 'maximum'), 'solo');
  });
  test('what is not cleared runs alone', () =>
    assert.equal(verdict('return new Map().size'), 'solo'));
  test('what never ends is refused, and says where', () => {
    const { report } = analyse('\nfor (;;) {}', { file: 'm.js', language: 'js' });
    const { verdict: refused, why } = admit(report, { lint: true, guard: toGuard('medium') });
    assert.equal(refused, 'refuse');
    assert.match(why ?? '', /^line 2: this loop can never end/);
  });
  test('without lint it runs alone', () =>
    assert.equal(verdict('for (;;) {}', 'medium', false), 'solo'));
  test('what cannot run is refused with or without lint', () => {
    for (const source of [
      'const = 1',
      "import 'fs'; export default 1",
      '// ==Macro==\n// @limit cpu=x\n// ==/Macro==\n',
    ])
      assert.equal(verdict(source, 'low', false), 'refuse');
  });
  test('at maximum a warning is enough', () => {
    const warned = 'while (true) { if (random() > 0.5) await sleep(5); }';
    assert.equal(verdict(warned), 'solo');
    assert.equal(verdict(warned, 'maximum'), 'refuse');
  });
  test('a risk that is high enough is refused where the level says so, and the reason names it', () => {
    const { report } = analyse('return 1', { file: 'm.js', language: 'js' });
    const at = (risk: number, level: (typeof GUARD_LEVELS)[number], lint = true) =>
      admit({ ...report, risk }, { lint, guard: toGuard(level) });
    for (const level of GUARD_LEVELS) assert.notEqual(at(0.59, level).verdict, 'refuse');
    assert.equal(at(0.99, 'low').verdict, 'solo');
    assert.equal(at(0.99, 'medium').verdict, 'solo');
    assert.equal(at(0.84, 'high').verdict, 'solo');
    assert.equal(at(0.85, 'high').verdict, 'refuse');
    assert.equal(at(0.6, 'maximum').verdict, 'refuse');
    assert.equal(at(0.99, 'maximum', false).verdict, 'solo');
    assert.match(
      at(0.91, 'high').why ?? '',
      /^its risk is 0\.91 \(critical\), and guard level high/,
    );
  });
  test('a calm macro shares a process only while its risk is small', () => {
    const { report } = analyse('return 1', { file: 'm.js', language: 'js' });
    const at = (risk: number, level: 'low' | 'medium') =>
      admit({ ...report, risk }, { lint: true, guard: toGuard(level) }).verdict;
    assert.deepEqual([at(0.29, 'medium'), at(0.3, 'medium')], ['admit', 'solo']);
    assert.deepEqual([at(0.59, 'low'), at(0.6, 'low')], ['admit', 'solo']);
  });
  test('a stricter level never lets through what a laxer one holds back', () => {
    const order = ['admit', 'solo', 'refuse'];
    for (const source of ['return 1', 'return new Map().size', 'for (;;) {}', 'const ='])
      for (const risk of [0, 0.2, 0.4, 0.7, 0.9]) {
        const { report } = analyse(source, { file: 'm.js', language: 'js' });
        const strictness = GUARD_LEVELS.map((level) =>
          order.indexOf(admit({ ...report, risk }, { lint: true, guard: toGuard(level) }).verdict),
        );
        assert.deepEqual(strictness, strictness.toSorted(), `${source} at ${risk}`);
      }
  });
  test('there is a row for each level', () =>
    assert.deepEqual(Object.keys(GUARD_TABLE), [...GUARD_LEVELS]));
});
