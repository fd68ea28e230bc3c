// Which iterables never end: said only when something in the text makes it so.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gatherFacts } from '../../../src/analysis/facts/gather.ts';
import { EndlessIterables } from '../../../src/analysis/loops/endless-iterables.ts';
import { parseMacro } from '../../../src/analysis/text/parse.ts';

function judge(source: string) {
  const { ast } = parseMacro(source, 'js');
  assert.ok(ast);
  const facts = gatherFacts(ast);
  assert.ok(!('tooDeep' in facts));
  const statement = ast.body.at(-1);
  assert.ok(statement?.type === 'ExpressionStatement');
  return new EndlessIterables(facts, null).of(statement.expression);
}

const G = 'function* g() { for (;;) yield 1 }';

for (const [source, expected] of [
  [`${G} g()`, 'surely'],
  [`${G} const it = g(); it`, 'surely'],
  [`${G} g().map(x => x).filter(x => x)`, 'surely'],
  [`${G} function make() { return g() } make()`, 'surely'],
  [`${G} function* h() { yield 0; yield* g() } h()`, 'surely'],
  [`${G} function* h() { for (const x of g()) yield x }  h()`, 'surely'],
  [`${G} g()[Symbol.iterator]()`, 'surely'],
  ['function* g() { do { yield 1 } while (1) } g()', 'surely'],
  ['const o = { *m() { while (true) yield 1 } }; o.m()', 'surely'],
  ['class E { *[Symbol.iterator]() { while (1) yield 1 } } new E()', 'surely'],
  ['function* g() { for (;;) yield ask() } g()', 'maybe'],
  [`${G} g().take(3)`, null],
  ['function* g() { yield 1 } g()', null],
  ['function* g() { for (;;) { yield 1; break } } g()', null],
  ['function* g() { for (;;) { if (x) return; yield 1 } } g()', null],
  ['function* g() { for (;;) { if (x) throw 1; yield 1 } } g()', null],
  ['function* g(n) { while (n--) yield n } g(3)', null],
  ['function* g() { if (x) for (;;) yield 1 } g()', null],
  ['function* g() { let i = 0; for (; i < Infinity; i++) { i = Infinity; yield 1 } } g()', null],
  ['function* g() { yield* g() } g()', null],
  ['let g = function* () { for (;;) yield 1 }; g = other; g()', null],
  ['const o = { [Symbol.iterator]: () => ({ next: () => ({ done: x }) }) }; o', null],
] as const)
  test(`${source} → ${expected}`, () => assert.equal(judge(source), expected));

describe('hostile texts', () => {
  test('generators that hand on to each other in a circle', () => {
    const many = Array.from(
      { length: 500 },
      (_, i) => `function* g${i}() { yield* g${(i + 1) % 500}() }`,
    );
    assert.equal(judge(`${many.join('\n')}\ng0()`), null);
  });
});
