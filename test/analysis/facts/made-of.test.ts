import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'acorn';
import { namesMadeOf } from '../../../src/analysis/facts/made-of.ts';

test('the names that what stands at a place goes into', () => {
  const cases: [string, string[]][] = [
    ['const a = (await f()).n', ['a']],
    ['const { a, b: [c = 1, ...d], ...e } = await f()', ['a', 'c', 'd', 'e']],
    ['let a; a = 1 + (await f())', ['a']],
    ['let a, b; const c = (b = await f()) + 1', ['c', 'b']],
    ['o.p = await f()', []],
    ['await f(); const a = 1', []],
    ['const a = async () => { const b = await f(); }', ['b']],
    ['const a = [1].map(async () => await f())', []],
  ];
  for (const [source, names] of cases) {
    const program = parse(source, { ecmaVersion: 'latest', allowAwaitOutsideFunction: true });
    assert.deepEqual(namesMadeOf(source.indexOf('await'), program), names, source);
  }
});
