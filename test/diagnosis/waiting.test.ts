// What is said of a run that was too long: how much it waited for at the end.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { diagnose } from '../../src/diagnosis/diagnose.ts';
import type { CrashDump } from '../../src/model/dump.ts';
import { sampleDump } from '../support/dumps.ts';

const limit = { name: 'wall', value: 8000, measured: 8000, setBy: 'header' };

function waitedFor(pending: CrashDump['pending'], pendingTotal?: number): string {
  const dump = sampleDump('heap-limit', { reason: 'wall-limit', limit, pending, pendingTotal });
  const said = diagnose(dump).map(({ text }) => text);
  return said.find((text) => text.startsWith('at the end it waited for ')) ?? '';
}

const open = (name: string, count: number, sinceMs: number): CrashDump['pending'] =>
  Array.from({ length: count }, (_, index) => ({
    kind: 'command',
    name,
    sinceMs: sinceMs - index,
  }));

describe('what a run waited for at the end', () => {
  test('is one thing, or a few', () => {
    assert.equal(waitedFor(open('a.b', 1, 2000)), 'at the end it waited for `a.b` for 2s');
    assert.equal(
      waitedFor([...open('a.b', 1, 2000), ...open('c.d', 1, 3000)]),
      'at the end it waited for `c.d` for 3s, `a.b` for 2s',
    );
  });

  test('is told once where it is the same many times, with all that the dump does not hold', () => {
    assert.equal(
      waitedFor(open('a.b', 20, 4300), 4994),
      'at the end it waited for 20 × `a.b` (up to 4.3s) and 4,974 more',
    );
    assert.equal(
      waitedFor(open('a.b', 20, 4300)),
      'at the end it waited for 20 × `a.b` (up to 4.3s)',
    );
  });
});
