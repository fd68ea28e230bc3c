// What a text does to one thing it holds.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { handsOn } from '../../../src/analysis/memory/hands.ts';
import { readText } from '../../../src/analysis/read-text.ts';

/** `adds / takes / leaves`, each as `line how` and the loop's line. */
function told(source: string, name: string): string | null {
  const text = readText(source, 'js');
  const hands = text && handsOn(name, text);
  if (!hands) return null;
  return [hands.adds, hands.takes, hands.leaves]
    .map((list) =>
      list
        .map(
          ({ line, how, loopLine }) => `${line} ${how}${loopLine === null ? '' : `@${loopLine}`}`,
        )
        .join(', '),
    )
    .join(' / ');
}

const CASES: readonly (readonly [source: string, name: string, hands: string | null])[] = [
  ['const a = [];\nfor (;;)\n  a.push(1);', 'a', '3 push@2 /  / '],
  ['const a = []; a[a.length] = 1; a.length = 0;', 'a', '1 […] = / 1 length = / '],
  ['let s = ""; s += "x"; s = "";', 's', '1 += / 1 = / '],
  ['let s = "";\nfor (;;) s = s + "#" + input.n;', 's', '2 = … + …@2 /  / '],
  ['let s = "";\nfor (;;) s = `${s}#`;', 's', '2 = `…`@2 /  / '],
  ['let a = [];\nfor (;;) a = [...a, 1];', 'a', '2 = [...]@2 /  / '],
  ['let a = [];\nfor (;;) a = a.concat([1]);', 'a', '2 = concat@2 /  / '],
  ['let o = {};\nfor (;;) o = { ...o, [input.k]: 1 };', 'o', '2 = {...}@2 /  / '],
  ['let a = [1]; a = a.slice(1); a = [];', 'a', ' / 1 =, 1 = / '],
  ['let a = [1]; a = input.list;', 'a', '1 = / 1 = / '],
  ['const a = [1]; const b = a.concat([2]);', 'a', ' /  / '],
  [
    'class C {\n constructor() { this.text = ""; }\n add(t) { this.text = this.text + t; }\n}\nconst c = new C();',
    'c.text',
    '3 = … + … /  / ',
  ],
  ['const o = {};\n(o[input.k] ??= []).push(1);', 'o.list', '2 push /  / '],
  ['const o = {}; o[input.k].push(1); delete o[input.k];', 'o.list', '1 push / 1 delete / '],
  ['const o = {}; o[input.k] ??= 1;', 'o', '1 […] ??= /  / '],
  ['const a = []; a.splice(0, 0, 1);', 'a', '1 splice /  / '],
  ['const a = []; a.splice(0, 1);', 'a', ' / 1 splice / '],
  ['const a = []; a.splice(0, 1, 2);', 'a', '1 splice / 1 splice / '],
  ['const m = new Map(); m.set(1, 2); m.delete(1);', 'm', '1 set / 1 delete / '],
  ['const o = {}; o[input.k] = 1; delete o.x;', 'o', '1 […] = / 1 delete / '],
  ['const a = []; a.push(1); keep(a);', 'a', '1 push /  / 1 passed'],
  ['const a = []; a.push(1); return a;', 'a', '1 push /  / 1 kept'],
  ['const a = []; a.push(1); const b = a;', 'a', '1 push /  / 1 ='],
  ['const a = []; a.push(1); log(a.length);', 'a', '1 push /  / '],
  ['const a = []; a[input.how](1);', 'a', '1 […] / 1 […] / '],
  ['function add(list) { list.push(1); }', 'list', '1 push /  / 1 parameter'],
  ['const o = { list: [] }; o.list.push(1);', 'o.list', '1 push /  / '],
  [
    'class C {\n constructor() { this.items = new Map(); }\n add(i) { this.items.set(i, 1); }\n}\nconst c = new C();',
    'c.items',
    '3 set /  / ',
  ],
  ['const o = { l: [] }; o.l.push(1); const { l } = o;', 'o.l', '1 push /  / '],
];

describe('what a text does to', () => {
  for (const [source, name, hands] of CASES)
    test(`\`${name}\` in ${JSON.stringify(source)}`, () => assert.equal(told(source, name), hands));
});

describe('nothing is said', () => {
  test('of a name that two variables have, of one that is none, of one too deep', () => {
    assert.equal(told('const a = []; function f() { const a = []; a.push(1); }', 'a'), null);
    assert.equal(told('const a = [];', 'b'), null);
    assert.equal(told('const a = { b: { c: [] } };', 'a.b.c'), null);
  });

  test('of a text that does not parse, or in which names may mean anything', () => {
    assert.equal(told('const a = [', 'a'), null);
    assert.equal(told('const a = []; eval(input.x);', 'a'), null);
  });
});
