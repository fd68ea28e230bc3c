// What the evaluator must find out about closed programs, and where it must say that it does not know.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { evaluate } from '../../../src/analysis/evaluate/evaluate.ts';
import { gatherFacts } from '../../../src/analysis/facts/gather.ts';
import { parseMacro } from '../../../src/analysis/text/parse.ts';

const CATEGORIES = new Set(['chat']);

function evaluated(source: string) {
  const { ast } = parseMacro(source, 'js');
  assert.ok(ast, `does not parse: ${source}`);
  const facts = gatherFacts(ast);
  assert.ok('functions' in facts);
  return evaluate(facts, CATEGORIES);
}

/** The most turns of any loop, in programs that end. */
const ENDING: readonly (readonly [source: string, turns: number])[] = [
  ['let i = 0; while (i < 10) i++;', 10],
  ['for (let i = 0; i < 1e9; i++) {}', 1e9],
  ['for (let i = 0; i !== 12; i += 3) {}', 4],
  ['let x = 1; while (x) x /= 2;', 1075],
  ['let a = [1, 2, 3]; while (a.length) a.pop();', 3],
  ['let n = 27; while (n !== 1) n = n % 2 ? 3 * n + 1 : n / 2;', 111],
  ['let n = 0; do { n++ } while (n < 5)', 5],
  ['const o = { n: 0, get v() { return this.n++ } }; while (o.v < 5) {}', 5],
  [
    'function* g() { let i = 0; while (true) yield i++; } for (const x of g()) if (x > 10) break;',
    12,
  ],
  [
    'function* g() { let i = 0; while (true) yield i++; } const [a, b, c] = g(); return a + b + c',
    3,
  ],
  ["let s = ''; while (s.length < 100) s += 'ab';", 50],
  ['class A { #n = 0; next() { return this.#n++ < 5 } } const a = new A(); while (a.next());', 5],
  ['let i = 0; const inc = () => { i++ }; while (i < 5) inc();', 5],
  ['outer: for (;;) for (let j = 0; j < 3; j++) if (j === 2) break outer;', 3],
  ['let i = 0n; while (i < 10n) i++;', 10],
  [
    'const f = []; for (let i = 0; i < 3; i++) f.push(() => i); let t = 0; for (const g of f) t += g(); while (t < 3) {}',
    3,
  ],
  [
    'const q = [1]; while (q.length) { const x = q.shift(); if (x < 5) { q.push(x + 1); q.push(x + 1); } }',
    31,
  ],
  ["let i = 0; while (i < 5) { await sleep(10); await chat.say({ text: 'x' }); i++; }", 5],
  ['let a = 0, b = 1; while (b < 1000) [a, b] = [b, a + b];', 16],
  ['let n = 0; while (true) { n++; if (n > 5) throw new Error("x"); }', 6],
  ['let x = 10; while (x--);', 10],
  ['const f = (n) => (n < 2 ? n : f(n - 1) + f(n - 2)); let i = 0; while (i < f(7)) i++;', 13],
  [
    'class P { v = 2; get w() { return this.v } } class Q extends P { up() { return this.w + 1 } } const q = new Q(); let n = 0; while (n < q.up()) n++;',
    3,
  ],
  ['const m = new Map([["a", 3]]); let n = 0; for (const [k, v] of m) while (n < v) n++;', 3],
  [
    'let n = 0; try { while (true) { n++; if (n === 4) throw n } } catch (e) { while (n < e + 2) n++ }',
    4,
  ],
  ['const { a, ...rest } = { a: 1, b: 2, c: 3 }; let n = 0; for (const k in rest) n++;', 2],
  [
    'export default async (macro) => { for (let i = 0; i < 7; i++) await macro.chat.say({ text: `${i}` }); }',
    7,
  ],
  [
    'const f = async () => { for (let i = 0; i < 3; i++) await sleep(1); return 6 }; const n = await f(); for (let i = 0; i < n; i++);',
    6,
  ],
];

const ENDLESS: readonly string[] = [
  'let i = 0; while (i < 10) i--;',
  'for (let i = 0; i != 10; i += 3) {}',
  'let x = 1; while (x > 0) x *= 2;',
  'let a = [1]; for (const x of a) a.push(x);',
  'let a = [1, 2, 3]; while (a.length) { a.pop(); a.push(1); }',
  'let i = 0; while (true) { if (i % 2 === 1 && i > 5000000) break; i += 2; }',
  'let i = 0; while (true) { if (i % 7 === 3) break; i += 7; }',
  'const o = { n: 0, get v() { return this.n } }; while (o.v < 5) {}',
  'function* g() { let i = 0; while (true) yield i++; } let s = 0; for (const x of g()) s += x;',
  'function* g() { while (true) yield 1; } return [...g()].length',
  'let s = "x"; while (s.length > 0) s += "ab";',
  'for (;;) { try { break; } finally { continue; } }',
  'let x = 0.1; while (x != 1) x += 0.1;',
  'let i = 0n; while (i >= 0n) i++;',
  'let lo = 0, hi = 9; while (lo < hi) { const mid = (lo + hi) >> 1; if (mid < 5) lo = mid; else hi = mid; }',
  'const a = { next: null }; const b = { next: a }; a.next = b; let p = a; while (p) p = p.next;',
  'let i = 2 ** 53; while (i < 2 ** 53 + 10) i++;',
  'let i = 0; while (i < 100) { i++; if (i === 50) i = 40; }',
  'let n = 0; while (true) { try { n++; if (n > 5) throw 1; } catch {} }',
  'const it = { [Symbol.iterator]() { let n = 0; return { next: () => ({ done: false, value: n++ }) } } }; let s = 0; for (const x of it) s += x;',
  'let x = 10.5; while (x--);',
  'let on = true; while (on) { on = !on; on = !on; }',
  'const f = () => { let k = 0; while (k < 5) { const g = () => k; if (g() > 9) k++; } }; f();',
];

/** What it does not know, or cannot know. */
const UNKNOWN: readonly string[] = [
  'let n = 0; while (n < input.rounds) n++;',
  'let n = 0; while (random() < 0.5) n++;',
  'let n = 0; while (n < 3) { n++; elsewhere(); }',
  'eval("1"); while (true);',
  'let n = 3; while (n !== 1) n = (n * 7 + 5) % 1000003;',
];

describe('a closed program that ends', () => {
  for (const [source, turns] of ENDING) {
    test(source, () => {
      const found = evaluated(source);
      assert.equal(found.reason, null);
      assert.equal(Math.max(...found.turns.values()), turns);
    });
  }
});

describe('a closed program that never ends is known by one of its loops', () => {
  for (const source of ENDLESS) test(source, () => assert.ok(evaluated(source).endless));
});

describe('nothing is said of', () => {
  for (const source of UNKNOWN) {
    test(source, () => {
      const { endless, isComplete } = evaluated(source);
      assert.deepEqual([endless, isComplete], [null, false]);
    });
  }
});

describe('more than any macro needs is told apart from what is not known', () => {
  for (const [source, what] of [
    ['Array.from({ length: 1e12 });', /array of more than/],
    ['new Array(1e9).fill(0);', /array of more than/],
    ["'x'.repeat(5e8);", /text of more than/],
    ['2n ** (2n ** 40n);', /BigInt of more than/],
    ['const f = () => f(); f();', /calls itself more than/],
    ['const o = { valueOf() { return +this } }; o + 1;', /calls itself more than/],
    ['const o = { toJSON() { return JSON.stringify(o) } }; JSON.stringify(o);', /calls itself/],
    ['[3, 1, 2].sort(function c(a, b) { return [a, b].sort(c)[0] });', /calls itself more than/],
    ['const p = new Proxy({}, { get(t, k, r) { return r[k] } }); p.x;', /calls itself more than/],
    ['const f = () => Promise.resolve().then(f); f();', /more steps/],
  ] as const) {
    test(source, () => assert.match(evaluated(source).excess?.what ?? '', what));
  }

  test('elsewhere(); is no excess', () => assert.equal(evaluated('elsewhere();').excess, null));
});

test('fuel is counted in steps: the same program gives the same answer each time', () => {
  const source = 'let n = 1; while (n > 0) n = (n * 48271) % 2147483647;';
  const reasons = Array.from({ length: 3 }, () => evaluated(source).reason);
  assert.deepEqual(reasons, Array(3).fill('takes more steps than could be followed'));
});
