// Random values over every border there is, and random programs that do whatever they like at it.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import { isEndReason } from '../../src/model/outcome.ts';
import { loneCorral } from '../sandbox/support/lone-corral.ts';

const SEED = 20_261_124;
const lone = loneCorral({ limits: { cpu: 2000, heap: '32mb', wall: '10s', idle: 100 } });
after(() => lone.corral.close());

/** Names that mean something to somebody. */
const name = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'then', 'toJSON', '$', 'v', 'length', '', '\ud800'),
  fc.string({ maxLength: 6 }),
);
const text = fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom('\u2028', '\ud800x', '{"$":1}'));

/** Expressions for values of every kind that may cross. */
const { value: expression } = fc.letrec<{ value: string; leaf: string }>((tie) => ({
  leaf: fc.oneof(
    fc.constantFrom('null', 'undefined', 'true', 'NaN', '-0', 'Infinity', '-1e308', '[]', '{}'),
    fc.double().map((number) => (Object.is(number, -0) ? '-0' : String(number))),
    fc.bigInt().map((number) => `(${number}n)`),
    text.map((each) => JSON.stringify(each)),
    fc.constantFrom('new Date(0)', 'new Date(NaN)', '/a+/gi', 'new Uint8Array([1, 2, 255])'),
    fc.constantFrom('new TypeError("no")', 'new Float64Array([1.5]).subarray(0)', 'Object(1n)'),
  ),
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('leaf'),
    fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join(', ')}]`),
    fc
      .array(fc.tuple(name, tie('value')), { maxLength: 4 })
      .map(
        (all) => `({${all.map(([key, item]) => `[${JSON.stringify(key)}]: ${item}`).join(', ')}})`,
      ),
    fc
      .array(fc.tuple(tie('leaf'), tie('value')), { maxLength: 3 })
      .map((all) => `new Map([${all.map(([key, item]) => `[${key}, ${item}]`).join(', ')}])`),
    fc.array(tie('leaf'), { maxLength: 3 }).map((items) => `new Set([${items.join(', ')}])`),
    tie('value').map((item) => `Object.assign(Object.create({ inherited: 1 }), { own: ${item} })`),
    tie('value').map((item) => `new Proxy(${item === 'null' ? '[]' : `[${item}]`}, {})`),
  ),
}));

test('what leaves as an argument, as an answer, as state and as a result is one and the same', async () => {
  const expressions = fc.sample(expression, { seed: SEED, numRuns: 150 });
  for (const each of expressions) {
    lone.seen.length = 0;
    const told = await lone.valueOf(`const value = ${each};
      const answer = await echo.back({ value });
      await state.set('value', value);
      return [value, answer, await state.get('value', null), await echo.back({ value: answer })];`);
    const [value, answer, kept, again] = told as unknown[];
    assert.deepStrictEqual([answer, again, ...lone.seen], [value, value, value, value], each);
    // \`get\` gives its second argument for what is undefined.
    assert.deepStrictEqual(kept, value === undefined ? null : value, each);
  }
  assert.deepEqual(Object.keys(Object.prototype), []);
});

describe('programs of random steps at the border', () => {
  const steps = [
    'echo.back({ value: all })',
    'echo.later({ text: "x" }).then((answer) => all.push(answer))',
    'all.push(all.length)',
    'log(all)',
    'await sleep(1)',
    'every(10, () => all.push(1)).stop()',
    'state.incr("n").then((n) => all.push(n), (error) => all.push(error.code))',
    'Object.prototype.then = (resolve) => resolve(1)',
    'delete Object.prototype.then',
    'Promise.prototype.then = null',
    'Promise = function () { throw all }',
    'globalThis.JSON = { stringify: () => "{", parse: () => all }',
    'Array.prototype[Symbol.iterator] = null',
    'Object.defineProperty(Object.prototype, "0", { get() { return all }, set() {}, configurable: true })',
    'Error.prepareStackTrace = (error, frames) => { all.push(frames.length); throw frames }',
    'signal.addEventListener("abort", () => { throw all })',
    'all = new Proxy(all, { get() { throw new Error("no") } })',
    'all.self = all',
    'throw all',
    'return all',
    'for (const each of [1, 2, 3]) await echo.back({ value: each })',
    'queueMicrotask?.(() => { throw all })',
    'Promise.reject(all)',
    '(function deep() { deep() })()',
    'await { then(resolve) { resolve({ then: resolve }) } }',
    'new Function("return this")().all = all',
    'eval("var all = [2]")',
  ];
  const program = fc
    .array(fc.record({ step: fc.constantFrom(...steps), isTried: fc.boolean() }), {
      minLength: 2,
      maxLength: 14,
    })
    .map((all) =>
      all.map(({ step, isTried }) => (isTried ? `try { ${step} } catch {}` : step)).join(';\n'),
    );

  test('each ends in a word we know, and the next one runs as ever', async () => {
    const programs = fc.sample(program, { seed: SEED, numRuns: 200 });
    const reasons = new Map<string, number>();
    for (const each of programs) {
      const { end } = await lone.run(`let all = [];\n${each}`);
      assert.ok(isEndReason(end.reason), each);
      assert.notEqual(end.reason, 'worker-lost', each);
      assert.notEqual(end.reason, 'refused', each);
      reasons.set(end.reason, (reasons.get(end.reason) ?? 0) + 1);
      assert.equal(await lone.valueOf('return [6 * 7].map((n) => n)[0]'), 42, `after ${each}`);
    }
    assert.ok(reasons.has('completed') && reasons.has('failed'), [...reasons].join(' '));
    assert.deepEqual(Object.keys(Object.prototype), []);
  });
});
