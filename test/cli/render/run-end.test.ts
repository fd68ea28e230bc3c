import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { renderEnd } from '../../../src/cli/render/run-end.ts';
import type { EndEvent } from '../../../src/model/events.ts';

const END: EndEvent = {
  type: 'end',
  runId: 'r',
  macro: 'patrol',
  status: 'completed',
  reason: 'completed',
  message: 'it completed',
  value: null,
  error: null,
  line: null,
  column: null,
  file: 'patrol.js',
  limit: null,
  durationMs: 20,
  cpuMs: 1,
  peakHeap: 0,
  commands: 0,
  refusal: null,
  attempts: 1,
  dump: null,
};
const render = (end: Partial<EndEvent>) =>
  renderEnd(
    { ...END, ...end },
    { file: 'patrol.js', source: 'return 1', limits: null },
    (_, text) => text,
  );

describe('the block that closes a run', () => {
  const refused = { status: 'refused', reason: 'refused' } as const;

  test('says why one was not let in, and what to do', () => {
    const message = 'memory is short; start it again in 5s';
    const refusal = { code: 'brake', retryAfterMs: 5000 } as const;
    assert.equal(
      render({ ...refused, message, refusal }),
      `✖ patrol was refused (brake): ${message}\n`,
    );
  });

  test('leaves what lint found to who shows it with its place', () => {
    const refusal = { code: 'lint', retryAfterMs: null } as const;
    assert.equal(render({ ...refused, message: 'line 1: x', refusal }), '✖ patrol was refused\n');
  });

  test('says how often it was tried, where that was more than once', () => {
    assert.equal(render({}), '✔ patrol completed in 20ms\n');
    assert.equal(render({ attempts: 3 }), '✔ patrol completed in 20ms (try 3)\n');
    const failed = { status: 'failed', reason: 'failed', attempts: 2 } as const;
    assert.equal(render(failed), '✖ patrol failed after 20ms (try 2)\n');
  });
});
