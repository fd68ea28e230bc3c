import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Pattern } from '../../../src/model/pattern.ts';
import { LiveRules } from '../../../src/policy/watch/rules.ts';
import { livePattern } from '../../support/live-patterns.ts';

function idsFor(patterns: readonly Pattern[], name: string, privileged = false): string[] {
  const [category = ''] = name.split('.');
  const about = new LiveRules(patterns).about({ name, category, privileged });
  return about.map(({ pattern }) => pattern.id);
}

describe('the rules about a command', () => {
  const patterns = [
    livePattern('chat', { match: { command: { category: 'chat', except: ['chat.heard'] } } }),
    livePattern('two-kinds', { match: { command: { category: ['chat', 'combat'] } } }),
    livePattern('one', { match: { command: { name: 'combat.strike' } } }),
    livePattern('all', { match: { command: {} } }),
    livePattern('privileged', { match: { command: { privileged: true } } }),
  ];

  test('are those of its category, of its name, and of all; but not of those left out', () => {
    assert.deepEqual(idsFor(patterns, 'chat.say'), ['chat', 'two-kinds', 'all']);
    assert.deepEqual(idsFor(patterns, 'chat.heard'), ['two-kinds', 'all']);
    assert.deepEqual(idsFor(patterns, 'combat.strike'), ['two-kinds', 'one', 'all']);
    assert.deepEqual(idsFor(patterns, 'lamp.blink'), ['all']);
  });

  test('ask for privilege where they say so', () => {
    assert.deepEqual(idsFor(patterns, 'lamp.blink', true), ['all', 'privileged']);
    const others = [livePattern('others', { match: { command: { privileged: false } } })];
    assert.deepEqual(idsFor(others, 'lamp.blink'), ['others']);
    assert.deepEqual(idsFor(others, 'lamp.blink', true), []);
  });
});

describe('a pattern has a live part', () => {
  test('when it counts commands in a window, or says what must be measured', () => {
    const { measures, depths, leastDepth } = new LiveRules([
      livePattern('heap', { match: { live: { heapGrowthPerSecondAtLeast: 5 } } }),
      livePattern('deep', { match: { live: { recursionDepthAtLeast: 7 } } }),
      livePattern('deeper', { match: { live: { recursionDepthAtLeast: 9 } } }),
    ]);
    assert.deepEqual([measures.length, depths.length, leastDepth], [1, 2, 7]);
  });

  test('and has none when it only says what the text must be', () => {
    const { timeWindowMs: _, maxOccurrences: __, ...rest } = livePattern('text');
    const text: Pattern = { ...rest, match: { static: { growth: true } } };
    const counted: Pattern = { ...rest, match: { command: {}, static: { countAtLeast: 9 } } };
    const rules = new LiveRules([text, counted]);
    assert.deepEqual(rules.about({ name: 'chat.say', category: 'chat', privileged: false }), []);
    assert.deepEqual([rules.measures, rules.depths, rules.leastDepth], [[], [], Infinity]);
  });
});
