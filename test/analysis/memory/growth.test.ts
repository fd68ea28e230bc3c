// What grows without end, and what may be cut back and is not told.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { analyse } from '../../../src/analysis/analyse.ts';

function grown(source: string): string[] {
  return analyse(source, { file: 'macro.js', language: 'js' }).growth.map(({ name }) => name);
}

/** Each stands in `while (true) { …; await sleep(10); }`, below what it needs. */
const GROWS: readonly (readonly [before: string, turn: string, name: string])[] = [
  ['const a = [];', 'a.push(1)', 'a'],
  ['const a = [];', 'a.unshift(await radar.scan())', 'a'],
  ['const a = [];', 'a[a.length] = 1', 'a'],
  ['const a = []; let i = 0;', 'a[i++] = 1', 'a'],
  ['let a = [];', 'a = [...a, 1]', 'a'],
  ['let a = [];', 'a = a.concat([1])', 'a'],
  ['const a = [];', 'for (let i = 0; i < 3; i++) a.push(i)', 'a'],
  ['const a = [];', 'try { a.push(1) } catch {}', 'a'],
  ['const a = [];', '{ log(a.length); a.push(1) }', 'a'],
  ["let s = '';", "s += 'x'", 's'],
  ["let s = '';", "s = s + 'x'", 's'],
  ["let s = '';", 's = `${s}x`', 's'],
  ['const m = new Map();', 'm.set({}, 1)', 'm'],
  ['const m = new Map(); let i = 0;', 'm.set(`k${i}`, 1), i++', 'm'],
  ['const m = new Set();', 'm.add(Math.random())', 'm'],
  ['const o = {};', 'o[now()] = 1', 'o'],
  ['let head = null;', 'head = { next: head }', 'head'],
  ['const o = { list: [], n: 0 };', 'o.list.push(o.n)', 'o.list'],
  ['const a = []; function keep(x) { a.push(x) }', 'keep(1)', 'a'],
];

const STAYS: readonly (readonly [before: string, turn: string])[] = [
  ['const a = [];', 'a.push(1), a.shift()'],
  ['const a = [];', 'if (a.length < 9) a.push(1)'],
  ['const a = [];', 'if (input.x) a.push(1)'],
  ['const a = [];', 'input.x && a.push(1)'],
  ['const a = [];', '{ if (input.x) continue; a.push(1) }'],
  ['const a = [];', 'a.push(1), a.length = 0'],
  ['let a = [];', '{ a.push(1); if (input.x) a = [] }'],
  ['const a = [];', '{ a.push(1); drain(a) }'],
  ['const a = [];', '{ const b = a; b.pop(); a.push(1) }'],
  ['const a = []; every(9, () => a.pop());', 'a.push(1)'],
  ['', '{ const a = []; a.push(1) }'],
  ['const router = makeRouter();', 'router.push(1)'],
  ["let s = '';", "{ s += 'x'; if (s.length > 9) s = '' }"],
  ["let s = '';", "s += ''"],
  ['let n = 0;', 'n += 1'],
  ['const m = new Map();', "m.set('k', 1)"],
  ['const m = new Map();', 'm.set(input.k, 1)'],
  ['const o = {}; let i = 0;', '{ o[i] = 1; i = (i + 1) % 9 }'],
  ['const o = {};', 'for (let i = 0; i < 9; i++) o[i] = 1'],
  ['const o = {};', '{ o[now()] = 1; delete o[input.k] }'],
  ['let last = null;', 'last = { at: now() }'],
  ['const o = { list: [] };', '{ o.list.push(1); o.list = [] }'],
  ['const o = { list: [] };', '{ o.list.push(1); tidy(o) }'],
  ['const a = []; function keep(x) { if (x) return; a.push(x) }', 'keep(1)'],
];

const inLoop = (before: string, turn: string) =>
  `${before} while (true) { ${turn}; await sleep(10); }`;

describe('grows with each turn', () => {
  for (const [before, turn, name] of GROWS)
    test(`${before} ${turn}`, () => assert.deepEqual(grown(inLoop(before, turn)), [name]));
});

describe('may stay small', () => {
  for (const [before, turn] of STAYS)
    test(`${before} ${turn}`, () => assert.deepEqual(grown(inLoop(before, turn)), []));
});

test('only what never ends counts', () => {
  assert.deepEqual(grown('const a = []; for (let i = 0; i < 9; i++) a.push(i);'), []);
  assert.deepEqual(grown('const a = []; while (input.x) a.push(1);'), []);
});

describe('a timer', () => {
  test('that nobody stops', () => {
    assert.deepEqual(grown('const a = []; every(10, () => { a.push(1); });'), ['a']);
  });
  test('that is kept may be stopped', () => {
    assert.deepEqual(grown('const a = []; const t = every(10, () => { a.push(1); });'), []);
  });
  test('beside which somebody else has the data', () => {
    assert.deepEqual(grown('const a = []; every(10, () => { a.push(1); }); drain(a);'), []);
  });
});

test('names that may be any are not judged', () => {
  assert.deepEqual(grown("const a = []; eval(''); while (true) { a.push(1); }"), []);
});
