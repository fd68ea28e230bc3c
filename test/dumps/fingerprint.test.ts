// What makes two dumps one trouble, and what does not.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { toFingerprint } from '../../src/dumps/fingerprint.ts';
import type { CrashDump } from '../../src/model/dump.ts';
import { sampleDump } from '../support/dumps.ts';

const id = (changes: Partial<CrashDump> = {}) => toFingerprint(sampleDump('cpu-limit', changes)).id;
const { source, place, macro } = sampleDump('cpu-limit');

describe('the fingerprint of a dump', () => {
  test('is the same wherever the line has moved to, and however it is indented', () => {
    const moved = { ...place, line: (place?.line ?? 0) + 2 } as CrashDump['place'];
    assert.equal(id({ source: `// new\n\n${source}`, place: moved }), id());
    assert.equal(id({ source: source.replace('while (true)', '\t while  (true)') }), id());
    assert.equal(id({ runId: 'another', endedAt: '2030-01-01T00:00:00Z', seed: 7 }), id());
  });

  test('differs by macro, reason, code and function', () => {
    const others = [
      id({ macro: { ...macro, name: 'other' } }),
      id({ reason: 'stuck' }),
      id({ source: source.replace('while (true)', 'while (1)') }),
      id({ stack: [], place: null }),
    ];
    assert.equal(new Set([id(), ...others]).size, 5);
  });

  test('takes a place in a macro that was called as it is: its source is not there', () => {
    const elsewhere = { file: 'other.js', line: 3, column: 1, source: 'stack' as const };
    assert.equal(toFingerprint(sampleDump('cpu-limit', { place: elsewhere })).code, 'other.js:3');
  });

  test('of a failed run is by what kind of error it threw', () => {
    assert.equal(toFingerprint(sampleDump('failed')).reason, 'failed TypeError');
  });
});
