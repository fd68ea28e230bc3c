import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GUARD_TABLE } from '../../src/model/guard.ts';
import { type LimitName, mergeLimits } from '../../src/model/limits.ts';
import { KILL_MEANING, KILL_REASONS } from '../../src/model/outcome.ts';
import { toSentence } from '../../src/supervisor/ending.ts';

const { limits } = mergeLimits({
  base: GUARD_TABLE.medium.limits,
  host: { wall: 30_000 },
  caller: { cpu: 500 },
  header: { commands: 20 },
});

function sentence(name: LimitName, measured: number): string {
  return toSentence(
    { reason: 'cpu-limit', message: 'too much', limit: { name, measured } },
    limits,
  );
}

describe('the sentence of an end', () => {
  test('has words for every reason', () => {
    for (const reason of KILL_REASONS)
      assert.equal(
        toSentence({ reason, limit: null, message: null }, limits),
        KILL_MEANING[reason],
      );
  });

  test('takes its own words where there are some', () => {
    const cause = { reason: 'cancelled', limit: null, message: 'Ctrl-C' } as const;
    assert.equal(toSentence(cause, limits), 'Ctrl-C');
  });

  test('names an unknown reason as it is', () => {
    const cause = { reason: 'pattern:chat-spam', limit: null, message: null } as const;
    assert.equal(toSentence(cause, limits), 'pattern:chat-spam');
  });

  test('says what was measured, the limit, and who set it, in units people read', () => {
    assert.equal(
      sentence('cpu', 512.4),
      'too much: 512ms, the cpu limit is 500ms (set by the caller)',
    );
    assert.equal(
      sentence('wall', 30_000),
      'too much: 30s, the wall limit is 30s (set by the host)',
    );
    assert.equal(
      sentence('heap', GUARD_TABLE.medium.limits.heap * 1.5),
      'too much: 192mb, the heap limit is 128mb (set by the guard level)',
    );
    assert.equal(
      sentence('commands', 21),
      "too much: 21, the commands limit is 20 (set by the macro's own header)",
    );
  });

  test('explains what burst means', () => {
    assert.match(sentence('burst', 2001), /2s, the burst \(CPU between two awaits\) limit is 2s/);
  });
});
