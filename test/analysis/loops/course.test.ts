// Which way a loop goes, by its text.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { courseOf } from '../../../src/analysis/loops/course.ts';
import { readText } from '../../../src/analysis/read-text.ts';

/** The course of the first loop, in a word. */
function told(source: string): string | null {
  const text = readText(source, 'js');
  const [loop] = text?.facts.loops ?? [];
  const course = text && loop ? courseOf(loop, text.facts) : null;
  if (!course) return null;
  if (course.kind === 'clock') return 'clock';
  const bound = course.bound ? `${course.bound.name}${course.bound.isSize ? '.size' : ''}` : '?';
  return course.kind === 'over'
    ? `over ${bound}`
    : `${course.isUp ? '+' : '-'}${course.by} ${bound}`;
}

const CASES: readonly (readonly [source: string, course: string | null])[] = [
  ['const a = input; for (let i = 0; i < a.length; i++) log(i);', '+1 a.size'],
  ['const a = input; for (let i = 0; a.box.length > i; i += 2) log(i);', '+2 a.box.size'],
  ['let i = input.n; while (i >= 0) { log(i); i--; }', '-1 ?'],
  ['let i = 0; const n = input.n; while (i < n && log(i)) { i = i + 3; }', '+3 n'],
  ['for (const a of list) log(a);', 'over list.size'],
  ['for (const a of input.list) log(a);', 'over input.list.size'],
  ['while (Date.now() < input.until) {}', 'clock'],
  ['const end = now() + 5; while (now() < end) {}', 'clock'],
  // What waits does no harm.
  ['const end = now() + 5; while (now() < end) { await sleep(1); }', null],
  // Not each turn, the wrong way, there and back, by another function, not at all.
  ['let i = 0; while (i < input.n) { if (input.x) i++; }', null],
  ['let i = 0; while (i < input.n) { i--; }', null],
  ['let i = 0; while (i < input.n) { i++; if (input.x) i--; }', null],
  ['let i = 0; function back() { i = 0; } while (i < input.n) { i++; back(); }', null],
  ['let i = 0; while (i < i + 1) { i++; }', null],
  ['let i = 0; while (i < input.n) { log(i); }', null],
  ['for (;;) {}', null],
];

describe('the course of', () => {
  for (const [source, course] of CASES) test(source, () => assert.equal(told(source), course));
});
