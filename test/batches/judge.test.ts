import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judge } from '../../src/batches/judge.ts';
import type { EndEvent, RefusalCode } from '../../src/model/events.ts';
import { toStatus } from '../../src/model/outcome.ts';

/** The end of a run for this reason. */
function end(reason: EndEvent['reason'], other: Partial<EndEvent> = {}): EndEvent {
  return {
    type: 'end',
    runId: 'r',
    macro: 'm',
    status: toStatus(reason),
    reason,
    message: 'so it was',
    value: null,
    error: null,
    line: null,
    column: null,
    file: 'm.js',
    limit: null,
    durationMs: 5,
    cpuMs: 1,
    peakHeap: 1,
    commands: 0,
    refusal: null,
    attempts: 1,
    dump: null,
    ...other,
  };
}

function refused(code: RefusalCode, retryAfterMs: number | null): EndEvent {
  return end('refused', { refusal: { code, retryAfterMs } });
}

describe('the end of a run means for its piece', () => {
  test('a result for each item where there are as many, else one for all of them', () => {
    const judged = (value: EndEvent['value'], count: number) =>
      judge(end('completed', { value }), count, false);
    assert.deepEqual(judged([1, 2], 2), {
      next: 'record',
      outcome: { kind: 'each', values: [1, 2] },
    });
    assert.deepEqual(judged([1], 1), { next: 'record', outcome: { kind: 'each', values: [1] } });
    for (const [value, count] of [
      [[1, 2], 3],
      [[1, 2, 3], 2],
      [{ length: 2 }, 2],
      ['ab', 2],
      [7, 1],
      [null, 1],
    ] as const)
      assert.deepEqual(judged(value as never, count), {
        next: 'record',
        outcome: { kind: 'whole', value },
      });
  });

  test('two halves when it ran out of memory, a culprit when it was one item', () => {
    assert.deepEqual(judge(end('heap-limit'), 2, false), { next: 'halve' });
    assert.deepEqual(judge(end('heap-limit', { dump: 'd.json' }), 1, false), {
      next: 'record',
      outcome: { kind: 'culprit', reason: 'heap-limit', message: 'so it was', dump: 'd.json' },
    });
  });

  test('an error for its items when it came to another end', () => {
    for (const reason of [
      'failed',
      'cpu-limit',
      'stuck',
      'worker-lost',
      'pattern:x',
      'cancelled',
    ] as const)
      assert.deepEqual(judge(end(reason), 3, false), {
        next: 'record',
        outcome: { kind: 'error', reason, message: 'so it was', dump: null },
      });
    const error = { name: 'TypeError', message: 'no such thing', stack: '' };
    const judged = judge(end('failed', { error }), 1, false);
    assert.equal(
      judged.next === 'record' && 'message' in judged.outcome && judged.outcome.message,
      'TypeError: no such thing',
    );
  });

  test('nothing at all when it was stopped because the batch was', () => {
    assert.deepEqual(judge(end('cancelled'), 3, true), { next: 'leave' });
    assert.equal(judge(end('completed'), 3, true).next, 'record', 'one that ended first counts');
  });

  test('another try later when it was not let in for now', () => {
    assert.deepEqual(judge(refused('queue-full', 800), 3, false), {
      next: 'wait',
      ms: 800,
      why: 'so it was',
    });
  });

  test('the end of the batch when no run of it can be let in, or none started', () => {
    for (const over of [
      refused('lint', null),
      refused('quarantined', null),
      end('emergency'),
      end('worker-lost', { durationMs: 0 }),
    ])
      assert.deepEqual(judge(over, 3, false), { next: 'give-up', end: over });
  });
});
