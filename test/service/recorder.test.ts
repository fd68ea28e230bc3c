import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EndEvent, Run } from '../../src/corral.ts';
import { record } from '../../src/service/recorder.ts';
import { History } from '../../src/store/history/history.ts';

const END = {
  ...{ type: 'end', runId: 'a', macro: 'm', status: 'completed', reason: 'completed' },
  ...{ message: 'it completed', value: 1, error: null, line: null, column: null, file: 'm.js' },
  ...{ limit: null, durationMs: 1, cpuMs: 1, peakHeap: 1, commands: 0, refusal: null },
  ...{ attempts: 1, dump: null },
} as const satisfies EndEvent;

/** A run that has ended as soon as it is looked at. */
const RUN = {
  id: 'a',
  on: () => () => undefined,
  result: Promise.resolve<EndEvent>(END),
} as unknown as Run;

function add(history: History): void {
  history.runs.add({
    ...{ id: 'a', owner: 'ann', macro: 'm', digest: '', version: null, source: '', options: '{}' },
    ...{ at: 1, server: 's' },
  });
}

describe('the end of a run', () => {
  test('that the disk refuses is written once it takes it again', async (context) => {
    const failures: unknown[] = [];
    await using history = new History({ dir: null, onFailed: (error) => failures.push(error) });
    add(history);
    const { end } = history.runs;
    let calls = 0;
    context.mock.method(history.runs, 'end', (...args: Parameters<typeof end>) => {
      calls += 1;
      if (calls === 1) throw new Error('database or disk is full');
      return end.apply(history.runs, args);
    });
    assert.deepEqual(await record(RUN, history, new AbortController().signal), END);
    assert.equal(calls, 2);
    assert.equal(failures.length, 1);
    assert.equal(history.runs.get('a')?.status, 'completed');
  });

  test('keeps no server from ending where the disk refuses it for good', async (context) => {
    await using history = new History({ dir: null, onFailed: () => undefined });
    add(history);
    context.mock.method(history.runs, 'end', () => {
      throw new Error('database or disk is full');
    });
    const over = new AbortController();
    const recorded = record(RUN, history, over.signal);
    over.abort();
    assert.deepEqual(await recorded, END);
  });
});
