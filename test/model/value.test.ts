import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  CROSSING_BOUNDS,
  decodeValue,
  encodeValue,
  RESULT_BOUNDS,
  STATE_BOUNDS,
  type ValueBounds,
  ValueError,
} from '../../src/model/value.ts';

const ROOMY: ValueBounds = { depthMax: 1000, nodesMax: 1_000_000, charsMax: 50_000_000 };

function crossed(value: unknown, bounds: ValueBounds = ROOMY): unknown {
  return decodeValue(JSON.stringify(encodeValue(value, bounds)), bounds);
}

/** Everything that comes back as it went, keys named `$` and `__proto__` included. */
const anyValue = fc.anything({
  key: fc.oneof(fc.string(), fc.constantFrom('$', 'v', '__proto__', 'constructor', 'toJSON')),
  values: [
    fc.string({ unit: 'binary' }),
    fc.double(),
    fc.boolean(),
    fc.bigInt(),
    fc.constantFrom(null, undefined, -0, Number.NaN, Number.NEGATIVE_INFINITY),
  ],
  withDate: true,
  withMap: true,
  withSet: true,
  maxDepth: 5,
});

function nodesOf(value: unknown): number {
  if (value === null || typeof value !== 'object' || value instanceof Date) return 1;
  const inner =
    value instanceof Map ? [...value].flat() : value instanceof Set ? [...value] : undefined;
  if (inner) return inner.reduce<number>((sum, item) => sum + nodesOf(item), 1);
  const keys = Object.hasOwn(value, '$') ? Object.keys(value).length : 0;
  return Object.values(value).reduce<number>((sum, item) => sum + nodesOf(item), 1 + keys);
}

describe('a value that crosses', () => {
  test('comes back as it went', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        assert.deepStrictEqual(crossed(value), value);
      }),
    );
  });

  test('comes back as plain data where it was more', () => {
    class Point {
      readonly x = 1;
    }
    assert.deepEqual(crossed(new Point()), { x: 1 });
    assert.deepEqual(crossed(/a+/gi), { source: 'a+', flags: 'gi' });
    assert.deepEqual(crossed(new TypeError('no')), { name: 'TypeError', message: 'no' });
    assert.deepEqual(crossed(new Uint16Array([1, 513])), new Uint8Array([1, 0, 1, 2]));
    assert.deepEqual(crossed(new Uint8Array([1, 2, 3, 4]).subarray(1, 3)), new Uint8Array([2, 3]));
    assert.deepEqual(crossed(new Uint8Array([9]).buffer), new Uint8Array([9]));
    assert.deepEqual(crossed(new Date(Number.NaN)), new Date(Number.NaN));
  });

  test('keeps the holes of an array as undefined', () => {
    // biome-ignore lint/suspicious/noSparseArray: the hole is what is tried
    assert.deepEqual(crossed([1, , 2]), [1, undefined, 2]);
  });

  test('may stand in two places, but not inside itself', () => {
    const shared = { a: 1 };
    assert.deepEqual(crossed([shared, shared]), [shared, shared]);
    const cycle: Record<string, unknown> = {};
    cycle.deep = [cycle];
    assert.throws(() => encodeValue(cycle, ROOMY, 'result'), {
      name: 'ValueError',
      message: 'result.deep[0] refers back to itself (a cycle)',
    });
  });

  test('is not a function or a symbol, and the message says where it stands', () => {
    for (const [value, message] of [
      [{ items: [0, () => 1] }, 'answer.items[1] is a function, which cannot cross'],
      [new Map([['a', Symbol('s')]]), 'answer.value is a symbol, which cannot cross'],
    ] as const)
      assert.throws(() => encodeValue(value, ROOMY, 'answer'), { name: 'ValueError', message });
  });
});

describe('the bounds of a value', () => {
  const bounds = { depthMax: 3, nodesMax: 5, charsMax: 40 };

  test('hold for depth, values and characters, both ways', () => {
    for (const [value, message] of [
      [[[[[1]]]], /nested deeper than 3 levels/],
      [[1, 2, 3, 4, 5], /more than 5 values/],
      ['x'.repeat(39), /more than 40 characters/],
    ] as const) {
      assert.throws(() => encodeValue(value, bounds), { name: 'ValueError', message });
      assert.throws(() => decodeValue(JSON.stringify(value), bounds), {
        name: 'ValueError',
        message,
      });
    }
    assert.deepEqual(crossed([[[1]]], bounds), [[[1]]]);
    assert.deepEqual(crossed([1, 2, 3, 4], bounds), [1, 2, 3, 4]);
    assert.equal(crossed('x'.repeat(38), bounds), 'x'.repeat(38));
  });

  test('in characters are those of the encoded text, exactly: what encodes decodes', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const charsMax = JSON.stringify(encodeValue(value, ROOMY)).length;
        crossed(value, { ...ROOMY, charsMax });
        assert.throws(() => encodeValue(value, { ...ROOMY, charsMax: charsMax - 1 }), ValueError);
      }),
    );
    for (const value of [
      /"\//gu,
      new RangeError('"\n"'),
      Buffer.from('ab'),
      new Date(Number.NaN),
    ]) {
      const charsMax = JSON.stringify(encodeValue(value, ROOMY)).length;
      crossed(value, { ...ROOMY, charsMax });
      assert.throws(() => encodeValue(value, { ...ROOMY, charsMax: charsMax - 1 }), ValueError);
    }
  });

  test('in values are the same on both sides', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const nodesMax = nodesOf(value);
        const text = JSON.stringify(encodeValue(value, { ...ROOMY, nodesMax }));
        decodeValue(text, { ...ROOMY, nodesMax });
        const tight = { ...ROOMY, nodesMax: nodesMax - 1 };
        assert.throws(() => encodeValue(value, tight), ValueError);
        assert.throws(() => decodeValue(text, tight), ValueError);
      }),
    );
  });

  test('count what escapes make of a text', () => {
    const quotes = '"'.repeat(STATE_BOUNDS.charsMax - 100);
    assert.throws(() => encodeValue(quotes, STATE_BOUNDS), ValueError);
  });

  test('refuse giants before any work is done on them', () => {
    const giants = [
      new Array(2 ** 32 - 1),
      1n << 20_000_000n,
      -1n << 20_000_000n,
      new Uint8Array(64 * 1024 * 1024),
      new Error('x'.repeat(RESULT_BOUNDS.charsMax)),
      new Map(Array.from({ length: RESULT_BOUNDS.nodesMax }, (_, key) => [key, 0])),
    ];
    for (const giant of giants) assert.throws(() => encodeValue(giant, RESULT_BOUNDS), ValueError);
  });

  test('let the largest BigInt that encodes be read back', () => {
    const largest = (1n << 331_999n) - 1n;
    assert.equal(crossed(largest, RESULT_BOUNDS), largest);
    assert.throws(() => encodeValue(largest + 1n, RESULT_BOUNDS), /BigInt too large/);
  });
});

describe("a text from a macro's side", () => {
  test('gives a value or a ValueError, whatever it is', () => {
    const tagged = fc.letrec((tie) => ({
      json: fc.oneof(
        { depthSize: 'small' },
        fc.jsonValue({ maxDepth: 2 }),
        fc.record({ $: tie('tag'), v: tie('json') }, { requiredKeys: ['$'] }),
        fc.array(fc.array(tie('json'), { maxLength: 3 }), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom('toString', 'valueOf', 'length', '__proto__'), tie('json')),
      ),
      tag: fc.oneof(
        fc.constantFrom('undefined', 'number', 'bigint', 'date', 'map', 'set', 'regexp'),
        fc.constantFrom('error', 'bytes', 'object', 'function', '__proto__', 'toString'),
        tie('json'),
      ),
    })).json;
    const texts = fc.oneof(
      tagged.map((json) => JSON.stringify(json)),
      fc.json(),
      fc.string(),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          decodeValue(text, CROSSING_BOUNDS);
        } catch (error) {
          assert.ok(error instanceof ValueError, String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });

  for (const text of [
    '',
    '{',
    'undefined',
    '[1,]',
    '{"$":"nothing"}',
    '{"$":null}',
    '{"$":{"toString":null}}',
    `{"$":${'['.repeat(5000)}${']'.repeat(5000)}}`,
    '{"$":"number","v":"1"}',
    '{"$":"bigint","v":"1e3"}',
    '{"$":"bigint","v":12}',
    `{"$":"bigint","v":"${'9'.repeat(100_001)}"}`,
    '{"$":"date","v":"now"}',
    '{"$":"map","v":[[1]]}',
    '{"$":"map","v":{"length":1}}',
    '{"$":"set","v":"abc"}',
    '{"$":"regexp","v":["("]}',
    '{"$":"error"}',
    '{"$":"bytes","v":[1]}',
    '{"$":"object","v":[[{"toString":null},1]]}',
    '{"$":"object","v":[[1,1]]}',
    '['.repeat(100_000),
    '['.repeat(100_000) + ']'.repeat(100_000),
  ]) {
    test(`is refused when it is ${text.length > 50 ? `${text.slice(0, 30)}…` : `«${text}»`}`, () => {
      assert.throws(() => decodeValue(text, CROSSING_BOUNDS), ValueError);
    });
  }

  test('never reaches a prototype', () => {
    const value = decodeValue('{"__proto__":{"polluted":1}}', CROSSING_BOUNDS) as object;
    assert.equal(Object.getPrototypeOf(value), Object.prototype);
    assert.deepEqual(Object.keys(value), ['__proto__']);
    assert.equal('polluted' in {}, false);
    const tagged = '{"$":"object","v":[["__proto__",{"polluted":1}]]}';
    assert.equal(Object.getPrototypeOf(decodeValue(tagged, CROSSING_BOUNDS)), Object.prototype);
  });

  test('never becomes a live pattern or error', () => {
    assert.deepEqual(decodeValue('{"$":"regexp","v":["(","zz"]}', CROSSING_BOUNDS), {
      source: '(',
      flags: 'zz',
    });
    assert.deepEqual(decodeValue('{"$":"error","v":["<b>","m"]}', CROSSING_BOUNDS), {
      name: '<b>',
      message: 'm',
    });
  });
});
