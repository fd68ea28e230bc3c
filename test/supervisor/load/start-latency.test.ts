import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { StartLatency } from '../../../src/supervisor/load/start-latency.ts';

function looked(latency: StartLatency, ...times: readonly number[]) {
  for (const ms of times) latency.note(ms);
  return latency.look();
}

describe('how long starts take', () => {
  test('is told at their median, beside what is usual', () => {
    const latency = new StartLatency();
    assert.deepEqual(looked(latency, 5, 1, 9, 4, 3), { medianMs: 4, usualMs: 4 });
    const later = looked(latency, 200, 400, 300);
    assert.equal(later?.medianMs, 300);
    assert.ok((later?.usualMs ?? 0) < 5, 'what is usual has hardly moved');
  });

  test('is not told of too few, which count for nothing later either', () => {
    const latency = new StartLatency();
    assert.equal(looked(latency, 1000, 2000), null);
    assert.deepEqual(looked(latency, 4, 4, 4), { medianMs: 4, usualMs: 4 });
  });

  test('becomes usual when it stays so', () => {
    const latency = new StartLatency();
    looked(latency, 4, 4, 4);
    for (let at = 0; at < 300; at++) looked(latency, 300, 300, 300);
    assert.equal(looked(latency, 300, 300, 300)?.usualMs, 300);
  });

  test('is kept of a bounded number', () => {
    const latency = new StartLatency();
    const many = looked(latency, ...Array.from({ length: 10_000 }, (_, at) => at));
    assert.ok((many?.medianMs ?? 0) > 0);
  });
});
