import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import vm from 'node:vm';
import { parse } from 'acorn';
import { BEACON_FUNCTION, plantBeacons } from '../../src/analysis/beacons.ts';
import { parseMacro } from '../../src/analysis/text/parse.ts';

function plant(source: string) {
  const { code, ast, problem } = parseMacro(source, 'js');
  assert.equal(problem, null, `${source}: ${problem?.message}`);
  return plantBeacons({ code, ast });
}

/** Runs a body with `out` collecting, and gives what it did. */
async function outcome(code: string): Promise<string> {
  const out: unknown[] = [];
  const context = vm.createContext({
    out,
    [BEACON_FUNCTION]: (_id: number, value: unknown) => value,
  });
  try {
    const value = await vm.runInContext(`(async function () {${code}\n})()`, context);
    return JSON.stringify([out, value], (_, item) =>
      typeof item === 'bigint' ? `${item}n` : item,
    );
  } catch (error) {
    return JSON.stringify([out, String(error)]);
  }
}

describe('planted code does what the code does', () => {
  const programs = [
    'return [1, 2, 3].fill(0).join("-")',
    'return "a".repeat(3).split("").reverse().join("")',
    'const a = [3, 1, 2]\na.sort()\nreturn a',
    'const a = [3, 1, 2]\n;[1].concat(a).sort()\nreturn a',
    'let x = 1\nlet y = x\n"ab".split("")\nreturn y',
    'const o = { f() { return this.n }, n: 7 }; return [o.f.call(o), o.f.apply(o), o?.f(), o["f"]()]',
    'const o = { a: { fill() { return this.n }, n: 3 } }; return [o.a.fill(), o?.a.fill(), o.a?.fill(), o.b?.fill(), o.b?.c.fill(1)]',
    'const f = null; return f?.(1, ..."ab")',
    'const $corralAt = 5; return [1, 2].fill($corralAt)',
    'const f = ($corralAt) => [1, 2].join($corralAt); return f("-")',
    'return 2n ** 3n * 4n + (2n << 5n)',
    'let b = 2n; b **= 5n; b *= 3n; b <<= 1n; return b',
    'let n = 7; n %= 4; n /= 2; return n * (n, 5) ** 2',
    'return [...[1, 2], 3, ..."ab"]',
    'return Math.max(...[1, 5, 3])',
    'const f = (...a) => a.length; return [f(...[1, 2], 3), f(), f((1, 2)), f((1, 2), (3, 4))]',
    'return await (1, 2)',
    'const g = async () => 5; return await g() + await 3',
    'return (await [1, 2].concat(3)).length',
    'const r = []; for await (const v of [1, Promise.resolve(2)]) r.push(v); return r',
    'return `${"ab".repeat(2)}${[1].join()}`',
    'const tag = (s, ...v) => s.raw.join("|") + v.join(); return tag`a${1}b${"x".repeat(2)}c`',
    'class A { static x = "a".repeat(2); #p = [1].concat(2); get v() { return this.#p.join() } } return A.x + new A().v',
    'class A { toString() { return "A" } } class B extends A { toString() { return super.toString() + "B" } } return new B().toString()',
    'class A { constructor(...a) { this.a = a } } class B extends A { constructor(...a) { super(...a, 1) } } return new B(2, 3).a',
    'function* g() { const x = yield [1].concat(2); yield x } const i = g(); return [i.next().value, i.next("q".repeat(2)).value]',
    'function* g() { yield* [1, 2].concat(3) } return [...g()]',
    'const { a = [1].concat(2), ...rest } = { b: "x".repeat(2) }; return [a, rest]',
    'const f = (a = "x".repeat(2), [b] = [1].concat(2)) => a + b; return f()',
    'outer: for (const a of [1, 2].concat(3)) { for (;;) { if (a === 2) break outer; continue outer } } return 1',
    'if ([1].includes(1)) out.push("yes"); else out.push("no".repeat(2))\nreturn out',
    'if (false) out.push("a".repeat(2)); else [1].fill(2).forEach((x) => out.push(x))\nreturn out',
    'let i = 0; do [i].fill(0), i++; while (i < 3)\nreturn i',
    'for (let i = 0, s = "a".repeat(3); i < s.length; i++) out.push(s.slice(i))\nreturn out',
    'for (const k in Object.assign({}, { a: 1 })) out.push(k); return out',
    'const f = () => ({ a: [1].concat(2) }); return f()',
    'const f = async (x) => await x.toString(); return await f(5)',
    'return (() => [1].fill(9))()[0]',
    'return (function () { return [...arguments].join() })(1, 2)',
    'return typeof "a".repeat(2) + void [1].fill(2) + !"".concat("")',
    'const o = {}; o["a".repeat(2)] = 1; delete o["a".repeat(2)]; return Object.keys(o)',
    'const o = { x: [1] }; delete o.x.concat(2).length0; return o',
    'return new Array(3).fill().map((_, i) => i)',
    'return new (class { v = [1].concat(2) })().v',
    'return new Map([[1, 2]]).size + new Set("aab").size + new Uint8Array([1, 2]).length',
    'try { throw [1].concat(2) } catch ([a, b]) { return a + b } finally { out.push("f".repeat(2)) }',
    'switch ("a".repeat(2)) { case "a".concat("a"): out.push(1); default: "x".repeat(1) } return out',
    'const a = [1, 2], b = a\n[0, 1].concat(3)\nreturn b',
    'return [1, 2, 3].map(String).join() + ["1"].map(Number).concat(2)',
    'return 1 < 2 ? "a".repeat(2) : "b".repeat(2)',
    'return null ?? "a".repeat(2) ?? [1].fill()',
    '"use strict"\n"ab".split("")\nreturn this === undefined',
    'return /a+/.test("caat") && "caat".replace(/a+/, (m) => m.length) + "a1b2".match(/\\d/g).join()',
    'return (a => a.slice(1))([1, 2])',
    'let a = 1; a = [a, a = 2].concat(a); return a',
    'return [[1, [2]], 3].flat(2).indexOf(3)',
    'return eval("1 + 1") + JSON.stringify(JSON.parse("[1]"))',
    'const [a, , ...b] = [1, 2, 3].slice(); return [a, b]',
    'var f = function g(n) { return n ? g(n - 1).concat(n) : [] }; return f(3)',
    'const o = { get x() { return "g".repeat(2) }, set x(v) { out.push(v.repeat(2)) }, ["k".repeat(2)]: 1 }; o.x = "s"; return [o.x, o.kk]',
    'x: { out.push("a".concat("b")); break x } return out',
    'return [1].concat(/* a ) comment */ 2 /* ( */).join(// line )\n"-")',
    'return "a\\u2028b".split("\\u2028").join()\r\n',
    'throw new Error("x".repeat(3))',
    'null.fill(1)',
    'undefined?.fill(1).join(2); return (undefined)?.a.b.c.join()',
    'const s = "abc"; return s.at(-1).repeat(2) + s[1].repeat(2)',
    'await null; return await (async () => { await 1; return "z".repeat(2) })()',
  ];
  for (const source of programs) {
    test(source, async () => {
      const { code } = plant(source);
      assert.equal(
        code.split(/\r\n|[\n\r\u2028\u2029]/).length,
        source.split(/\r\n|[\n\r\u2028\u2029]/).length,
      );
      assert.equal(await outcome(code), await outcome(source));
    });
  }
  test('most of them carry beacons', () => {
    assert.ok(programs.filter((source) => plant(source).beacons.length > 0).length > 55);
  });
});

test('a module keeps its form', () => {
  const { code } = plant('export default async ({ input }) => "a".repeat(input.n);');
  parse(code, { ecmaVersion: 2025, sourceType: 'module' });
  assert.match(code, /\$corralAt\(0,input\.n\/\*\$corralAt\*\/\)/);
});

test('the beacon names operation and place', () => {
  const { beacons } = plant(
    'log(1);\nconst a = new Array(5)\n  .fill(0);\nawait sleep(1);\nreturn 2n ** 3n',
  );
  assert.deepEqual(
    beacons.map(({ line, operation }) => [line, operation]),
    [
      [3, 'fill()'],
      [2, 'new Array()'],
      [4, 'await'],
      [5, '**'],
    ],
  );
});

test('arithmetic needs beacons only where a BigInt can come from', () => {
  assert.equal(
    plant('let x = input.n; for (;;) x = (x * 3) % 7').code.includes(BEACON_FUNCTION),
    false,
  );
  for (const source of [
    'return input.a * 0xffn',
    'return BigInt(input.a) ** input.b',
    'const b = 1n; return b % input.c',
  ])
    assert.ok(
      plant(source).beacons.some(({ operation }) => ['*', '**', '%'].includes(operation)),
      source,
    );
});

test('what needs no beacon comes back as it is', () => {
  assert.equal(plant('return 1 + 1').code, 'return 1 + 1');
  assert.equal(plantBeacons({ code: '}{', ast: null }).code, '}{');
});

describe('places in planted code', () => {
  const source =
    'const t = "ab".repeat(3).split("").join(","); throw new Error(t)\nfail("x".repeat(2), here)';
  const { code, toOriginal } = plant(source);
  const column = (text: string, part: string, line: number) =>
    (text.split('\n')[line - 1] ?? '').indexOf(part) + 1;
  for (const [line, part] of [
    [1, 'const'],
    [1, 'throw'],
    [1, 'Error'],
    [2, 'fail'],
    [2, 'here'],
  ] as const) {
    test(part, () =>
      assert.deepEqual(toOriginal(line, column(code, part, line)), {
        line,
        column: column(source, part, line),
      }),
    );
  }
  test('inside a beacon: what it marks', () => {
    assert.deepEqual(toOriginal(2, column(code, 'corralAt(', 2)), {
      line: 2,
      column: column(source, '2)', 2),
    });
  });
  test('a line that is not there', () =>
    assert.deepEqual(toOriginal(99, 5), { line: 99, column: 5 }));
});

test('time grows with the length', () => {
  const time = (n: number) => {
    const parsed = parseMacro(`return [${'"a".repeat(2),'.repeat(n)}]`, 'js');
    const from = performance.now();
    plantBeacons(parsed);
    return performance.now() - from;
  };
  time(1000);
  const small = Math.min(time(2000), time(2000));
  const large = Math.min(time(16_000), time(16_000));
  assert.ok(large < small * 20 + 50, `${small} ms for 2,000, ${large} ms for 16,000`);
});

describe('where a debugger must not stop', () => {
  const entriesOf = (source: string) => {
    const { code, keepingEntries } = plant(source);
    return [...new Set(keepingEntries)].map((at) => code.slice(at).split('$corralAt')[0]);
  };

  test('is where a function begins that has another one in it, wherever the beacons moved it', () => {
    const source = 'const a = [1].concat(2); const f = function (x) { return (y) => x; }; f(1);';
    assert.deepEqual(entriesOf(source), [
      'function (x) { return (y) => x; }; f(1);',
      '(x) { return (y) => x; }; f(1);',
      'x) { return (y) => x; }; f(1);',
    ]);
    assert.deepEqual(entriesOf('[1].map(x => () => x)'), ['x => () => x)']);
  });

  test('is nowhere in functions that keep nothing', () => {
    assert.deepEqual(entriesOf('function f(a) { for (;;) a++; } const g = (b) => b; f(g(1));'), []);
  });

  test('is not known where the code is not', () => {
    assert.equal(plantBeacons({ code: 'x', ast: null }).keepingEntries, null);
  });
});
