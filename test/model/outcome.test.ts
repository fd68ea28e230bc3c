import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  type EndReason,
  isEndReason,
  KILL_MEANING,
  KILL_REASONS,
  RUN_STATES,
  RUN_TRANSITIONS,
  type RunState,
  type RunStep,
  toStatus,
} from '../../src/model/outcome.ts';

const STEPS = Object.keys(RUN_TRANSITIONS.queued) as RunStep[];

function reachableFrom(start: RunState): Set<RunState> {
  const seen = new Set<RunState>([start]);
  for (const state of seen)
    for (const next of Object.values(RUN_TRANSITIONS[state])) if (next) seen.add(next);
  return seen;
}

describe('the reasons a run ends for', () => {
  test('are killed, but for the four that are their own status', () => {
    for (const reason of ['completed', 'failed', 'refused', 'cancelled'] as const)
      assert.equal(toStatus(reason), reason);
    for (const reason of KILL_REASONS) assert.equal(toStatus(reason), 'killed');
    assert.equal(toStatus('pattern:chat-spam'), 'killed');
  });

  test('are told from any other text', () => {
    const own: EndReason[] = ['completed', 'failed', 'refused', 'cancelled', ...KILL_REASONS];
    for (const reason of [...own, 'pattern:chat-spam', `pattern:${'a'.repeat(64)}`])
      assert.equal(isEndReason(reason), true, reason);
    for (const text of [
      '',
      'killed',
      'Completed',
      'cpu-limit ',
      'constructor',
      'pattern:',
      'pattern:Chat Spam',
      'pattern:chat-spam\n',
      'pattern:../x',
      `pattern:${'a'.repeat(65)}`,
    ])
      assert.equal(isEndReason(text), false, JSON.stringify(text));
  });

  test('each have a meaning that goes on after "it was stopped because"', () => {
    assert.deepEqual(Object.keys(KILL_MEANING).sort(), [...KILL_REASONS].sort());
    for (const meaning of Object.values(KILL_MEANING)) assert.match(meaning, /^(it|the) .*[^.]$/);
  });
});

describe('the states of a run', () => {
  test('all come after queued', () => {
    assert.deepEqual([...reachableFrom('queued')].sort(), [...RUN_STATES].sort());
  });

  test('can all end at once, whatever happens', () => {
    for (const state of RUN_STATES.filter((state) => state !== 'ended'))
      assert.equal(RUN_TRANSITIONS[state].end, 'ended', state);
  });

  test('can all be stopped until they end, and then no more', () => {
    for (const state of ['queued', 'starting', 'running', 'paused'] as const)
      assert.equal(RUN_TRANSITIONS[state].stop, 'ending', state);
    assert.equal(RUN_TRANSITIONS.ending.stop, null);
  });

  test('end with ended, from which nothing leads', () => {
    assert.deepEqual([...reachableFrom('ended')], ['ended']);
  });

  test('have no step to where they are', () => {
    for (const state of RUN_STATES)
      assert.ok(!Object.values(RUN_TRANSITIONS[state]).includes(state), state);
  });

  test('let only a paused run resume and only a running one pause', () => {
    const where = (step: RunStep) => RUN_STATES.filter((state) => RUN_TRANSITIONS[state][step]);
    assert.deepEqual(where('pause'), ['running']);
    assert.deepEqual(where('resume'), ['paused']);
    assert.deepEqual(where('start'), ['queued']);
    assert.deepEqual(where('ready'), ['starting']);
    assert.equal(RUN_TRANSITIONS.running.pause, 'paused');
    assert.equal(RUN_TRANSITIONS.paused.resume, 'running');
  });

  test('leave ending only to end or to be tried again, in any order of steps', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...STEPS)), (steps) => {
        const life: RunState[] = ['queued'];
        for (const step of steps) {
          const next = RUN_TRANSITIONS[life.at(-1) ?? 'queued'][step];
          if (next) life.push(next);
        }
        for (const [at, state] of life.entries())
          if (state === 'ending')
            assert.ok(['ended', 'queued', undefined].includes(life[at + 1]), life.join(' '));
        assert.equal(life.includes('ended'), life.at(-1) === 'ended');
      }),
    );
  });
});
