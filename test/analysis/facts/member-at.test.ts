import assert from 'node:assert/strict';
import { test } from 'node:test';
import { functionAt } from '../../../src/analysis/facts/function-at.ts';
import { memberAt } from '../../../src/analysis/facts/member-at.ts';
import { parseMacro } from '../../../src/analysis/text/parse.ts';

/** The object of the member at the mark `^`, which is taken out first. */
function objectAt(marked: string): string | null {
  const source = marked.replace('^', '');
  const { ast } = parseMacro(source, 'js');
  assert.ok(ast);
  const member = memberAt(marked.indexOf('^'), ast);
  return member && source.slice(member.object.start, member.object.end);
}

test('the object of a property is found by where the property stands', () => {
  assert.equal(objectAt('return foe.at.^x;'), 'foe.at');
  assert.equal(objectAt('return foe.^at.x;'), 'foe');
  assert.equal(objectAt('return list[^i].name;'), 'list');
  assert.equal(objectAt('f(a.b, c.d[e.^f])'), 'e');
  assert.equal(objectAt('best.score ^= 1;'), 'best');
  assert.equal(objectAt('best.score = other.^size;'), 'other');
  assert.equal(objectAt('best ^= 1;'), null);
  assert.equal(objectAt('return ^foe.at.x;'), null);
});

test('a place stands in a function, or at the top level', () => {
  const isInside = (marked: string) => {
    const { ast } = parseMacro(marked.replace('^', ''), 'js');
    assert.ok(ast);
    return functionAt(marked.indexOf('^'), ast) !== null;
  };
  assert.equal(isInside('for (;;) ^f();'), false);
  assert.equal(isInside('[1].sort(() => { ^f(); });'), true);
  assert.equal(isInside('class A { m() { ^f(); } }'), true);
  assert.equal(isInside('class A { static { ^f(); } }'), true);
  assert.equal(isInside('function a() {}\n^a();'), false);
});
