import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gatherFacts } from '../../../src/analysis/facts/gather.ts';
import { type Cycle, type CycleEnd, findCycles } from '../../../src/analysis/recursion/cycles.ts';
import { parseMacro } from '../../../src/analysis/text/parse.ts';

function cyclesOf(source: string): Cycle[] {
  const { ast, problem } = parseMacro(source, 'js');
  assert.ok(ast, problem?.message);
  const facts = gatherFacts(ast);
  assert.ok(!('tooDeep' in facts));
  return findCycles(facts, new Set(['chat', 'move']));
}

function way({ steps }: Cycle): string {
  return steps.map(({ callable }) => callable.name).join(' ');
}

/** Each source has one circle: its way round, and how it ends. */
function ends(end: CycleEnd, sources: Record<string, string>): void {
  for (const [source, round] of Object.entries(sources))
    test(source, () => {
      const cycles = cyclesOf(source);
      assert.deepEqual(
        cycles.map((cycle) => [way(cycle), cycle.end, cycle.isOpen]),
        [[round, end, false]],
      );
    });
}

describe('never ends', () => {
  ends('overflows', {
    'function f() { f(); }': 'f',
    'const f = () => f();': 'f',
    'const f = n => n + f(n - 1);': 'f',
    'function a() { b(); } function b() { a(); }': 'a b',
    'function f(n) { if (n) f(n - 1); else f(n + 1); }': 'f',
    'function f(n) { return n > 0 ? f(n - 1) : f(n + 1); }': 'f',
    'function f(n) { for (const x of n) log(x); f(n); }': 'f',
    'function f() { try { log(1); } finally { f(); } }': 'f',
    'function f() { do { f(); } while (input.x); }': 'f',
    'const o = { f() { this.f(); } };': 'f',
    'const o = { f() { o.f(); } };': 'f',
    'const o = { a() { this.b(); }, b() { this.a(); } };': 'a b',
    'const o = { in: { f() { o.in.f(); } } };': 'f',
    'class A { f() { this.f(); } }': 'f',
    'class A { #f() { this.#f(); } }': '#f',
    'class A { static f() { A.f(); } }': 'f',
    'class A { static f() { this.f(); } }': 'f',
    'class A { f = () => this.f(); }': 'f',
    'class A { f() { this.g(); } } class B extends A { h() { super.f(); } } class C { g() { new C().g(); } }':
      'g',
    'class A { f() {} } class B extends A { f() { this.f(); } }': 'f',
    'class A { constructor() { new A(); } }': 'constructor',
    'class A { other = new A(); }': 'new A',
    'class A { b = new B(); } class B { a = new A(); }': 'new A new B',
    'class A extends Object { constructor() { super(); this.x = new A(); } }': 'constructor',
    'class A { constructor() { this.x = new B(); } } class B extends A { constructor() { super(); } }':
      'constructor constructor',
    'const a = new (class A { f() { return a.f(); } })();': 'f',
    'function f() { f.call(null); }': 'f',
    'function f() { f.apply(null, []); }': 'f',
    'function f() { f.bind(null)(); }': 'f',
    'function f() { [1].forEach(() => f()); }': 'f (function)',
    'function f() { [1, 2].map(f); }': 'f',
    'function f() { [2, 1].sort(() => f()); }': 'f (function)',
    'function f() { new Promise(f); }': 'f',
    'function f() { f`x`; }': 'f',
    'function f() { (() => f())(); }': 'f (function)',
    'async function f() { await f(); }': 'f',
    'async function f() { await Promise.resolve(1); return f(); }': 'f',
    'function* f() { yield* f(); }': 'f',
    'const o = { get x() { return this.x; } };': 'x',
    'const o = { get x() { return o.x + 1; } };': 'x',
    'class A { get x() { return this.x; } }': 'x',
    'class A { get x() { return this.y(); } y() { return this.x; } }': 'x y',
    'const o = { toString() { return `${this}`; } };': 'toString',
    "const o = { toString() { return '' + this; } };": 'toString',
    'const o = { valueOf() { return o + 1; } };': 'valueOf',
    'const o = { toJSON() { return JSON.stringify(this); } };': 'toJSON',
    'class A { toString() { return String(this); } }': 'toString',
    'const o = { *[Symbol.iterator]() { yield* this; } };': '[Symbol.iterator]',
    'const o = { [Symbol.iterator]() { return [...o]; } };': '[Symbol.iterator]',
    'const p = new Proxy({}, { get(t, k, r) { return r[k]; } });': 'get',
    'const p = new Proxy({}, { get(t, k) { return p[k]; } });': 'get',
    'const p = new Proxy({}, { set(t, k, v, r) { r[k] = v; } });': 'set',
    'const p = new Proxy({}, { has(t, k) { return k in p; } });': 'has',
  });
  ends('starves', {
    'function f() { queueMicrotask(f); }': 'f',
    'function f() { queueMicrotask(() => f()); }': 'f (function)',
    'function f() { Promise.resolve().then(f); }': 'f',
  });
});

describe('never ends, but waits each time', () => {
  ends('waits', {
    'async function f() { await sleep(10); await f(); }': 'f',
    "async function f() { await chat.say('x'); f(); }": 'f',
    'async function a() { await sleep(1); b(); } async function b() { a(); }': 'a b',
  });
});

describe('does not end once it has begun', () => {
  ends('stuck', {
    'function f(n) { if (n <= 0) return 0; return f(n); }': 'f',
    'function f(n) { if (n <= 0) return 0; return f(n + 1); }': 'f',
    'const f = n => n <= 0 ? 0 : f(n + 1);': 'f',
    'function f(n) { if (n > 100) return; f(n - 1); }': 'f',
    'function f(n, most) { if (n >= most) return; f(n - 1, most); }': 'f',
    'function f(n) { if (n > 0) { log(n); f(n); } }': 'f',
    'function f(n, all) { if (n === 0) return all; return f(n, [...all, n]); }': 'f',
    'function f(a, b) { if (a && b > 1) f(a, b + 2); }': 'f',
    'function f(n) { return n > 0 && f(n + 1); }': 'f',
  });
});

describe('makes progress', () => {
  ends('progresses', {
    'function f(n) { if (n <= 0) return 0; return f(n - 1); }': 'f',
    'function f(n) { return n < 2 ? n : f(n - 1) + f(n - 2); }': 'f',
    'function f(list) { if (!list.length) return; f(list.slice(1)); }': 'f',
    'function f(node) { if (!node) return; f(node.left); f(node.right); }': 'f',
    'function f(node) { for (const child of node.children) f(child); }': 'f',
    'function f(node) { node.children.forEach(f); }': 'f',
    'function f(node) { return node.children.map((each) => f(each)); }': 'f (function)',
    'function f([head, ...tail]) { if (head) f(tail); }': 'f',
    'async function f(n) { if (n > 0) { await sleep(10); await f(n); } else return; }': 'f',
    'async function f() { if (input.on) { await sleep(10); f(); } }': 'f',
    'function even(n) { return n === 0 || odd(n - 1); } function odd(n) { return n !== 0 && even(n - 1); }':
      'even odd',
    'const o = { walk(node) { if (node) this.walk(node.next); } };': 'walk',
  });
});

describe('is not known', () => {
  ends('unknown', {
    'function f() { if (input.x) f(); }': 'f',
    'function f(n) { if (n === 0) return; f(g(n)); } const g = (n) => n;': 'f',
    'function f() { try { f(); } catch {} }': 'f',
    'let f = () => f(); f = () => 1;': 'f',
    'function f() { return input.x || f(); }': 'f',
    'const f = () => (input.x ??= f());': 'f',
    'const f = (n = f()) => n;': 'f',
    "const o = { get x() { Object.defineProperty(this, 'x', { value: 1 }); return this.x; } };":
      'x',
    'const f = () => input.x?.(f());': 'f',
    'const o = { f() { this.f(); } }; o.f = () => 1;': 'f',
    'class A { f() { this.f(); } } class B extends A { f() {} }': 'f',
    'function* f() { yield 1; yield* f(); }': 'f',
  });
});

describe('is no circle', () => {
  for (const source of [
    'function f() { g(); } function g() {}',
    'function f() { return f; }',
    'function f() { setTimeout(f, 1000); }',
    'function f() { every(1000, f); }',
    "function f() { on('x', f); }",
    'class A { make() { return this.f; } f() {} }',
    'class A { get x() { return this._x; } set x(v) { this._x = v; } }',
    'const o = { get x() { return this.y; }, y: 1 };',
    'class Store { get(k) { return this.map.get(k); } }',
    'const p = new Proxy({}, { get(t, k) { return t[k]; } });',
    'class A { static made = new A(); }',
    'const o = { toString() { return this.name + "!"; } };',
    'const o = { *[Symbol.iterator]() { yield* this.items; } };',
  ])
    test(source, () => assert.deepEqual(cyclesOf(source).map(way), []));
});

describe('only an error would end it', () => {
  for (const source of [
    'function f() { check(); f(); }',
    'function f(node) { log(node.name); f(node.next); }',
    'function f(list) { f(list.shift().next); }',
    'function f(node) { f(node?.next); }',
  ])
    test(source, () => {
      const [cycle] = cyclesOf(source);
      assert.deepEqual([cycle?.end, cycle?.isOpen, cycle?.verdict], ['overflows', true, 'unknown']);
    });
});

test('each step tells where it calls the next', () => {
  const source = 'function a() { b(); }\nfunction b() { a(); }';
  const [cycle] = cyclesOf(source);
  assert.deepEqual(
    cycle?.steps.map(({ node }) => source.slice(node.start, node.end)),
    ['b()', 'a()'],
  );
});

test('100,000 functions in a chain, and as many in one circle', () => {
  const chain = (last: string) =>
    Array.from(
      { length: 100_000 },
      (_, n) => `function f${n}() { ${n < 99_999 ? `f${n + 1}` : last}(); }`,
    ).join('\n');
  assert.deepEqual(cyclesOf(chain('log')), []);
  const [cycle] = cyclesOf(chain('f0'));
  assert.equal(cycle?.steps.length, 100_000);
});
