// What of a macro's values reaches the host and the result, and what is refused with a clear word instead.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { loneCorral } from '../support/lone-corral.ts';

const lone = loneCorral();
after(() => lone.corral.close());

/** A value as the macro writes it, and as the trusted side reads it. */
const CROSSING: Record<string, [source: string, read: unknown]> = {
  undefined: ['undefined', undefined],
  null: ['null', null],
  booleans: ['[true, false]', [true, false]],
  'numbers JSON has no word for': [
    '[NaN, Infinity, -Infinity, -0, 0, 1e300]',
    [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0, 1e300],
  ],
  BigInts: ['[12n, -(2n ** 90n)]', [12n, -(2n ** 90n)]],
  dates: ['[new Date(5), new Date(NaN)]', [new Date(5), new Date(Number.NaN)]],
  maps: [
    "new Map([['a', 1], [{ k: 1 }, new Map()]])",
    new Map<unknown, unknown>([
      ['a', 1],
      [{ k: 1 }, new Map()],
    ]),
  ],
  sets: ["new Set(['a', 2, undefined])", new Set(['a', 2, undefined])],
  'regular expressions, as text': ['/a[b]"/giy', { source: 'a[b]"', flags: 'giy' }],
  'errors, as text': ["new RangeError('too far')", { name: 'RangeError', message: 'too far' }],
  bytes: ['new Uint8Array([1, 2, 254, 255])', new Uint8Array([1, 2, 254, 255])],
  'no bytes': ['new Uint8Array(0)', new Uint8Array(0)],
  'the bytes of a buffer': ['new Uint8Array([9, 8]).buffer', new Uint8Array([9, 8])],
  'the bytes a view shows': [
    'new DataView(new Uint8Array([1, 2, 3]).buffer, 1)',
    new Uint8Array([2, 3]),
  ],
  'the bytes of wider arrays': ['new Uint16Array([1, 256])', new Uint8Array([1, 0, 0, 1])],
  'a key like a tag': ["{ $: 'bigint', v: '1' }", { $: 'bigint', v: '1' }],
  'a key `__proto__`': [
    'JSON.parse(\'{"__proto__": {"x": 1}, "y": 2}\')',
    JSON.parse('{"__proto__":{"x":1},"y":2}'),
  ],
  'objects without prototype': ['Object.assign(Object.create(null), { a: 1 })', { a: 1 }],
  'own enumerable properties of others': [
    'new (class A { x = 1; get y() { return 2; } })()',
    { x: 1 },
  ],
  'arrays with holes': ['[1, , 3]', [1, undefined, 3]],
  'texts with anything in them': ["'\\u0000\\ud800\\u2028\"\\\\'", '\u0000\ud800\u2028"\\'],
  'one object twice': ['(() => { const a = { x: 1 }; return [a, a]; })()', [{ x: 1 }, { x: 1 }]],
};

describe('these cross, as a result and as an argument, and come back the same:', () => {
  for (const [what, [source, read]] of Object.entries(CROSSING)) {
    test(what, async () => {
      lone.seen.length = 0;
      const told = await lone.valueOf(
        `const value = ${source}; await echo.back({ value }); return value`,
      );
      assert.deepEqual(told, read, 'as a result');
      assert.deepEqual(lone.seen, [read], 'as an argument');
    });
  }
});

/** A value that cannot cross, and the word for it. */
const REFUSED: Record<string, [source: string, word: RegExp]> = {
  'a function': ['() => 1', /is a function, which cannot cross/],
  'a symbol, inside': ['{ a: [Symbol()] }', /\.a\[0\] is a symbol, which cannot cross/],
  'a cycle': [
    '(() => { const a = []; a.push(a); return { a }; })()',
    /refers back to itself \(a cycle\)/,
  ],
  'a map with a function': ["new Map([['f', () => 1]])", /\.value is a function/],
  'a set with a function': ['new Set([() => 1])', /\.item is a function/],
  'a value too deep': [
    '(() => { let a = 1; for (let i = 0; i < 1e5; i++) a = [a]; return a; })()',
    /nested deeper than \d+ levels/,
  ],
  'an array of a million': [
    'new Array(1e6).fill(0)',
    /has 1000000 items, and at most \d+ values at once can cross/,
  ],
  'an array that is all length': ['new Array(2 ** 32 - 1)', /has 4294967295 items/],
  'a BigInt of a million digits': ['2n ** 3000000n', /is a BigInt too large to cross/],
  'a buffer that was given away': [
    '(() => { const b = new ArrayBuffer(8); const d = new DataView(b); b.transfer(); return d; })()',
    /has no bytes any more/,
  ],
  'a getter that throws': ["{ get x() { throw new Error('mine'); } }", /^mine$/],
  'a proxy that throws': ["new Proxy({}, { ownKeys() { throw new Error('mine'); } })", /^mine$/],
  'an array proxy with a strange length': [
    "new Proxy([], { get: (t, k) => k === 'length' ? { valueOf() { return 1e9; } } : 1 })",
    /has no length/,
  ],
  'a proxy that is given up': [
    '(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return { proxy }; })()',
    /revoked/,
  ],
  'a getter that goes ever deeper': [
    '(() => { const make = () => ({ get x() { return make(); } }); return make(); })()',
    /nested deeper/,
  ],
};

describe('these are refused, as a result and as an argument:', () => {
  for (const [what, [source, word]] of Object.entries(REFUSED)) {
    test(what, async () => {
      const { end } = await lone.run(`return ${source}`);
      assert.equal(end.reason, 'failed');
      assert.match(end.error?.message ?? '', word);
      const caught = `try { await echo.back({ value: ${source} }); return 'sent'; } catch (error) { return error.message; }`;
      assert.match(String(await lone.valueOf(caught)), word);
    });
  }
});

describe('what is longer than it may be', () => {
  test('is an error for an argument', async () => {
    const source =
      "try { await echo.back({ value: 'x'.repeat(300_000) }); } catch (error) { return error.message; }";
    assert.match(String(await lone.valueOf(source)), /echo\.back is longer than 262144 characters/);
  });

  test('is the output limit for a result', async () => {
    const { end } = await lone.run("return 'x'.repeat(2_000_000)");
    assert.equal(end.reason, 'output-limit');
  });

  test('is counted as written, escapes and all', async () => {
    const source =
      "try { await echo.back({ value: '\\u0000'.repeat(50_000) }); } catch (error) { return error.message; }";
    assert.match(String(await lone.valueOf(source)), /longer than 262144/);
    const { end } = await lone.run("return '\\u0000'.repeat(200_000)");
    assert.equal(end.reason, 'output-limit');
  });

  test('is counted on, whatever stands before it', async () => {
    const source = `const buffer = new ArrayBuffer(8); const view = new DataView(buffer); buffer.transfer();
      return [new Map([[view, 1]]), 'x'.repeat(2_000_000)]`;
    const { end } = await lone.run(source);
    assert.match(end.error?.message ?? '', /no bytes any more/);
  });

  test('ends even where a map grows while it is read', async () => {
    const source = `const map = new Map(); map.set(0, { get x() { map.set(map.size, this); return 1; } });
      map.set(1, map.get(0)); return map`;
    const { end } = await lone.run(source);
    assert.match(end.error?.message ?? '', /more than 200000 values/);
  });
});

describe('a result that only looks like a value:', () => {
  test('a thenable is awaited like any other', async () => {
    assert.equal(await lone.valueOf('return { then(resolve) { resolve(7); } }'), 7);
  });

  test('a thenable that never settles waits for nothing', async () => {
    const { end } = await lone.run('return { then() {} }', { limits: { idle: 50 } });
    assert.equal(end.reason, 'idle-limit');
  });

  test('a thenable argument is a plain object with a function in it', async () => {
    const source =
      'try { await echo.back({ value: { then() {} } }); } catch (error) { return error.message; }';
    assert.match(String(await lone.valueOf(source)), /\.then is a function/);
  });

  test('toJSON is nobody to ask', async () => {
    const source =
      "Object.defineProperty(Object.prototype, 'toJSON', { value: () => 'replaced' }); return { a: 1 }";
    assert.deepEqual(await lone.valueOf(source), { a: 1 });
  });
});
