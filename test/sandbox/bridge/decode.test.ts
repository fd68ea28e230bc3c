// What a macro gets of the values that come in: its input, answers of commands, what it keeps.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { loneCorral } from '../support/lone-corral.ts';

const lone = loneCorral();
after(() => lone.corral.close());

describe('the macro gets values of its own realm', () => {
  test('of every kind', async () => {
    const source = `const sent = { u: undefined, n: [NaN, -0], b: 12n, d: new Date(5), bad: new Date(NaN),
        m: new Map([[{ k: 1 }, 2]]), s: new Set([1]), bytes: new Uint8Array([1, 2, 255]), tag: { $: 1, v: 2 } };
      const got = await echo.back({ value: sent });
      return [
        'u' in got && got.u === undefined, Object.is(got.n[0], NaN), Object.is(got.n[1], -0), got.b === 12n,
        got.d instanceof Date && got.d.getTime() === 5, Number.isNaN(got.bad.getTime()),
        got.m instanceof Map && [...got.m.keys()][0].k === 1, got.s instanceof Set && got.s.has(1),
        got.bytes instanceof Uint8Array && got.bytes[2] === 255, got.tag.$ === 1 && got.tag.v === 2,
        Object.getPrototypeOf(got) === Object.prototype, Array.isArray(got.n),
      ]`;
    const told = (await lone.valueOf(source)) as boolean[];
    assert.deepEqual(
      told,
      told.map(() => true),
    );
  });

  test('as input too', async () => {
    const input = { when: new Date(9), many: new Set(['a']), raw: new Uint8Array([7]) };
    const source =
      'return [input.when instanceof Date, input.many.has("a"), input.raw[0], Object.isFrozen(input)]';
    assert.deepEqual(await lone.valueOf(source, { input }), [true, true, 7, false]);
  });

  test('errors and regular expressions as the objects they were', async () => {
    const input = { error: new RangeError('far'), pattern: /a+/g };
    const source = `const { error, pattern } = input;
      return [error instanceof Error, error.name, error.message, pattern instanceof RegExp, pattern.test('aa')]`;
    assert.deepEqual(await lone.valueOf(source, { input }), [
      true,
      'RangeError',
      'far',
      true,
      true,
    ]);
  });
});

describe('a key is data, whatever it says:', () => {
  const names = ['__proto__', 'constructor', 'toString', '$', 'then', ''];
  for (const name of names) {
    test(JSON.stringify(name), async () => {
      const input = JSON.parse(`{"plain": {${JSON.stringify(name)}: {"x": 1}}}`);
      const source = `const { plain } = input;
        return [Object.keys(plain), Object.getPrototypeOf(plain) === Object.prototype, plain.x === undefined]`;
      assert.deepEqual(await lone.valueOf(source, { input }), [[name], true, true]);
    });
  }
});
