// The loops around a place, for people.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loopAt, loopsAround } from '../../../src/analysis/loops/loop-at.ts';
import { readText, type Text } from '../../../src/analysis/read-text.ts';

const SOURCE = `for (const a of list) {
  while (a.size  >
      limit[i]) { here(); break; }
  for (;;) now();
}`;
const text = readText(SOURCE, 'js') as Text;
const at = (what: string) => SOURCE.indexOf(what);

test('the innermost comes first, each with its condition and the names in it', () => {
  const [inner, outer, ...more] = loopsAround(at('here'), text);
  assert.deepEqual(inner, {
    line: 2,
    column: 3,
    hasExit: true,
    condition: 'a.size > limit[i]',
    names: ['a', 'limit', 'i'],
    over: null,
    endLine: 3,
    course: null,
    owner: '',
  });
  assert.deepEqual([outer?.line, outer?.condition, more.length], [1, null, 0]);
});

test('one without a condition has none, a place outside no loop', () => {
  assert.deepEqual(loopAt(at('now'), text)?.condition, null);
  assert.equal(loopAt(SOURCE.length + 5, text), null);
});
