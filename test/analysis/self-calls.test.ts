import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { analyse } from '../../src/analysis/analyse.ts';
import { selfCallsOf } from '../../src/analysis/self-calls.ts';

const HEADER = '// ==Macro==\n// @name patrol\n// ==/Macro==\n';
const calls = (source: string) => selfCallsOf(analyse(source, { file: 'm.js', language: 'js' }));

describe('a macro that calls itself', () => {
  test('is found by its own name, and where', () => {
    const source = `${HEADER}await macros.call('patrol', { a: 1 });`;
    const [call] = calls(source);
    assert.deepEqual(call?.path, ['patrol', 'patrol']);
    assert.equal(source.slice(call?.start, call?.end), "macros.call('patrol', { a: 1 })");
  });
  test('is found in a module too', () =>
    assert.equal(
      calls(`${HEADER}export default async (macro) => { await macro.macros.call('patrol'); };`)
        .length,
      1,
    ));
  test('is none when it calls another one, has no name, or does not parse', () => {
    assert.deepEqual(calls(`${HEADER}await macros.call('duel');`), []);
    assert.deepEqual(calls("await macros.call('patrol');"), []);
    assert.deepEqual(calls(`${HEADER}macros.call('patrol'`), []);
  });
});
