import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { analyse } from '../../src/analysis/analyse.ts';
import { macroCirclesOf } from '../../src/analysis/macro-calls.ts';

const HEADER = '// ==Macro==\n// @name patrol\n// ==/Macro==\n';
const analysed = (source: string) => analyse(source, { file: 'm.js', language: 'js' });
const calls = (source: string) => macroCirclesOf(analysed(source));

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

describe('a circle of macros', () => {
  const others = new Map([
    ['duel', ['rest', 'heal']],
    ['rest', ['sleep', 'patrol']],
    ['heal', ['heal']],
  ]);
  const circles = (source: string) => macroCirclesOf(analysed(`${HEADER}${source}`), others);

  test('is told with the whole way, from the call that leads into it', () => {
    const [circle] = circles("await macros.call('duel');");
    assert.deepEqual(circle?.path, ['patrol', 'duel', 'rest', 'patrol']);
  });
  test('is the shortest by each call', () =>
    assert.deepEqual(
      circles("await macros.call('duel'); await macros.call('rest');").map(
        ({ path }) => path.length,
      ),
      [4, 3],
    ));
  test('is none when it does not come back here', () =>
    assert.deepEqual(circles("await macros.call('heal'); await macros.call('nobody');"), []));
});
