// How what a macro throws and logs becomes text: always some text, never too much, and never another error.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { loneCorral } from '../support/lone-corral.ts';

const lone = loneCorral();
after(() => lone.corral.close());

describe('a thrown', () => {
  const cases: Record<string, [source: string, name: string, message: RegExp]> = {
    error: ["new TypeError('no')", 'TypeError', /^no$/],
    text: ["'just so'", 'thrown', /^just so$/],
    number: ['42', 'thrown', /^42$/],
    undefined: ['undefined', 'thrown', /^undefined$/],
    null: ['null', 'thrown', /^null$/],
    symbol: ["Symbol('s')", 'thrown', /^Symbol\(s\)$/],
    BigInt: ['2n ** 3000000n', 'thrown', /^\(a huge BigInt\)$/],
    function: ['function go() {}', 'thrown', /^\[function go\]$/],
    object: ['{ a: [1, { b: 2 }] }', 'thrown', /^\{ a: \[…\] \}$|^\{ a: \[1, \{…\}\] \}$/],
    'object with a message': ["{ name: 'Mine', message: 'own' }", 'Mine', /^own$/],
    'getter that throws': ['{ get x() { throw 1; } }', 'thrown', /^\{ x: \[unreadable\] \}$/],
    'proxy that throws at everything': [
      'new Proxy({}, new Proxy({}, { get() { throw 1; } }))',
      'thrown',
      /^\[unreadable\]$/,
    ],
    'error whose every property throws': [
      "Object.defineProperties(new Error('x'), { message: { get() { throw 1; } }, stack: { get() { throw 1; } }, name: { get() { throw 1; } } })",
      'Error',
      /^$/,
    ],
    'error with a message that is none': [
      "Object.assign(new Error('x'), { message: {}, name: 5 })",
      'Error',
      /^$/,
    ],
    'error with causes': [
      "new Error('the round failed', { cause: new TypeError('no foe', { cause: 'fog' }) })",
      'Error',
      /^the round failed \(caused by TypeError: no foe\) \(caused by thrown: fog\)$/,
    ],
    'error that is its own cause': [
      "(() => { const e = new Error('x'); e.cause = e; return e; })()",
      'Error',
      /^x(?: \(caused by Error: x\)){4}$/,
    ],
    'error of several': [
      "await Promise.any([Promise.reject(new RangeError('far')), Promise.reject('away')]).catch((e) => e)",
      'AggregateError',
      /^All promises were rejected \(1\. RangeError: far\) \(2\. thrown: away\)$/,
    ],
    'error whose cause cannot be read': [
      "Object.defineProperty(new Error('x'), 'cause', { get() { throw 1; } })",
      'Error',
      /^x$/,
    ],
    cycle: ['(() => { const a = {}; a.a = a; return a; })()', 'thrown', /circular/],
    'text of millions': ["'x'.repeat(5_000_000)", 'thrown', /^x{8192}$/],
    'error with a message of millions': ["new Error('x'.repeat(5_000_000))", 'Error', /^x{8192}$/],
    'array of millions': ['new Array(3_000_000).fill(1)', 'thrown', /more\]$/],
  };
  for (const [what, [source, name, message]] of Object.entries(cases)) {
    test(`${what} fails the run with its words`, async () => {
      const { end } = await lone.run(`throw ${source}`);
      assert.equal(end.reason, 'failed');
      assert.equal(end.error?.name, name);
      assert.match(end.error?.message ?? '', message);
    });
  }
});

test('errors that are gathered without a place have that of the first of them', async () => {
  const { end } = await lone.run(
    "const bad = async () => {\n  throw new Error('broken');\n};\nawait Promise.any([bad()]);",
  );
  assert.equal(end.line, 2);
});

describe('a log line shows', () => {
  const cases: Record<string, [source: string, text: string | RegExp]> = {
    'texts bare, and quoted inside': ["'a', ['b']", 'a ["b"]'],
    'numbers and words': ['1, -0.5, true, null, undefined, 5n', '1 -0.5 true null undefined 5n'],
    'objects to a depth': ['{ a: { b: { c: { d: 1 } } } }', '{ a: { b: { c: {…} } } }'],
    'empty ones': ['{}, []', '{} []'],
    'a hundred items': ['new Array(150).fill(7)', /^\[(?:7, ){99}7, … 50 more\]$/],
    dates: ['new Date(0), new Date(NaN)', '1970-01-01T00:00:00.000Z Invalid Date'],
    'maps and sets by their size': ['new Map([[1, 2]]), new Set([1, 2])', 'Map(1) {} Set(2) {}'],
    'errors with their stack': ["new Error('oh')", /^Error: oh\n {4}at /],
    cycles: ['(() => { const a = []; a.push(a); return a; })()', '[[circular]]'],
    functions: ['() => 1, function f() {}', '[function ] [function f]'],
    'getters that throw': ['{ get x() { throw 1; }, y: 2 }', '{ x: [unreadable], y: 2 }'],
    'proxies that throw': ['new Proxy({}, { ownKeys() { throw 1; } }), 1', '[unreadable] 1'],
    'array proxies without a length': ["new Proxy([], { get() { return 'x'; } })", '[]'],
    nothing: ['', ''],
  };
  for (const [what, [source, text]] of Object.entries(cases)) {
    test(what, async () => {
      const { logs, end } = await lone.run(`log(${source})`);
      assert.equal(end.reason, 'completed', end.message);
      assert.equal(logs.length, 1);
      if (typeof text === 'string') assert.equal(logs[0], text);
      else assert.match(logs[0] ?? '', text);
    });
  }

  test('at most so many characters', async () => {
    const { logs } = await lone.run("log('x'.repeat(1e6), ['y'.repeat(1e6)], 'z'.repeat(1e6))");
    assert.equal(logs[0]?.length, 16_384);
  });

  test('and takes a hundred thousand values without building what it cannot show', async () => {
    const { logs, end } = await lone.run("log(...new Array(1e5).fill('x'.repeat(8192)))");
    assert.equal(end.reason, 'completed', end.message);
    assert.equal(logs[0]?.length, 16_384);
  });
});
