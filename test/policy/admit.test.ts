import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { analyse } from '../../src/analysis/analyse.ts';
import { GUARD_LEVELS } from '../../src/model/limits.ts';
import { ADMISSION, admit } from '../../src/policy/admit.ts';

const verdict = (source: string, level: (typeof GUARD_LEVELS)[number] = 'medium', lint = true) =>
  admit(analyse(source, { file: 'm.js', language: 'js' }).report, { lint, level }).verdict;

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
    const { verdict: refused, why } = admit(report, { lint: true, level: 'medium' });
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
  test('there is a row for each level', () =>
    assert.deepEqual(Object.keys(ADMISSION), [...GUARD_LEVELS]));
});
