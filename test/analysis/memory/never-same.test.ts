// Questions that can only be answered with no.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { neverSame } from '../../../src/analysis/memory/never-same.ts';
import { readText } from '../../../src/analysis/read-text.ts';

function told(source: string): string {
  const text = readText(source, 'js');
  assert.ok(text);
  return neverSame(text)
    .map(({ name, line, what }) => `${name}:${line} ${what}`)
    .join(', ');
}

const TODO = 'const seen = new Set();\nconst todo = [[0, 0]];\nconst at = todo.shift();\n';

const CASES: readonly (readonly [source: string, said: string])[] = [
  ['const seen = new Set();\nif (seen.has([1, 2])) log(1);', 'seen:2 list'],
  ['const by = new Map();\nlog(by.get({ x: 1 }));', 'by:2 object'],
  [`${TODO}if (!seen.has(at)) todo.push([1, 1]);`, 'seen:4 list'],
  // What comes from elsewhere, or is put in again, may be there already.
  [`${TODO}if (!seen.has(at)) todo.push(at);`, ''],
  [`${TODO}if (!seen.has(at)) fill(todo);`, ''],
  ['const seen = new Set(); const at = input.at; log(seen.has(at));', ''],
  ['const seen = new Set(); log(seen.has(`${input.x}`));', ''],
  ['const seen = input.seen; log(seen.has([1]));', ''],
];

describe('nothing is ever found by', () => {
  for (const [source, said] of CASES)
    test(JSON.stringify(source), () => assert.equal(told(source), said));
});
