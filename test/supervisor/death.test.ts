import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Bereaved, toCauseOfDeath } from '../../src/supervisor/death.ts';
import type { WorkerExit } from '../../src/supervisor/worker-process.ts';

const MB = 1024 * 1024;
const exit = (changes: Partial<WorkerExit>): WorkerExit => ({
  exitCode: null,
  signal: 'SIGKILL',
  stderr: '',
  why: null,
  outOfMemory: null,
  ...changes,
});
const run = (changes: Partial<Bereaved>): Bereaved => ({
  heapBytes: 64 * MB,
  lastHeapBytes: 2 * MB,
  peakHeapBytes: 3 * MB,
  restBytes: 90 * MB,
  isAlone: true,
  ...changes,
});
const V8_SAYS = 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory';
const killed = (of: 'worker' | 'machine') => ({ of, peakBytes: 400 * MB });

describe('the death of a worker', () => {
  const cases: [string, Partial<WorkerExit>, Partial<Bereaved>, string][] = [
    ['that nobody explains is a loss', {}, {}, 'worker-lost'],
    [
      'that was killed for what no run did is a loss, however full it was',
      { why: 'recycled' },
      { lastHeapBytes: 60 * MB },
      'worker-lost',
    ],
    ['of which V8 says that it was memory', { stderr: V8_SAYS }, {}, 'heap-limit'],
    ['by the kernel, for its own limit', { outOfMemory: killed('worker') }, {}, 'heap-limit'],
    ['by the kernel, for the machine', { outOfMemory: killed('machine') }, {}, 'worker-lost'],
    ['while its heap was nearly full', {}, { lastHeapBytes: 60 * MB }, 'heap-limit'],
    [
      'of memory, among others, is a loss to one that held little',
      { outOfMemory: killed('worker'), stderr: V8_SAYS },
      { isAlone: false },
      'worker-lost',
    ],
    [
      'of memory, among others, is told to the one that held much',
      { outOfMemory: killed('worker') },
      { isAlone: false, lastHeapBytes: 60 * MB },
      'heap-limit',
    ],
    [
      'by somebody else, among others, is nobody’s own, however full',
      {},
      { isAlone: false, lastHeapBytes: 60 * MB },
      'worker-lost',
    ],
  ];
  for (const [what, exited, bereaved, reason] of cases)
    test(what, () => assert.equal(toCauseOfDeath(exit(exited), run(bereaved)).reason, reason));

  test('by the kernel is told with what the process had grown by', () => {
    const { limit } = toCauseOfDeath(exit({ outOfMemory: killed('worker') }), run({}));
    assert.deepEqual(limit, { name: 'heap', measured: 310 * MB });
  });

  test('is said in words that tell the three apart', () => {
    const said = (changes: Partial<WorkerExit>) =>
      toCauseOfDeath(exit(changes), run({ isAlone: false })).message;
    assert.match(said({}) ?? '', /died \(SIGKILL\)/);
    assert.match(said({ signal: null, exitCode: 7 }) ?? '', /died \(exit code 7\)/);
    assert.match(said({ outOfMemory: killed('machine') }) ?? '', /machine ran out of memory/);
    assert.match(said({ outOfMemory: killed('worker') }) ?? '', /held too much memory/);
  });
});
