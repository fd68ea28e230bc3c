// What two dumps of a macro are told to differ in.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compareDumps } from '../../src/dumps/compare.ts';
import { sampleDump } from '../support/dumps.ts';

const before = sampleDump('cpu-limit');
const later = { endedAt: '2099-01-01T00:00:00.000Z' };

describe('two dumps', () => {
  test('of the same end differ in nothing', () => {
    const same = compareDumps(before, sampleDump('cpu-limit', later));
    assert.ok(same.isSameMacro && same.isSameTrouble);
    assert.deepEqual([same.limits, same.variables, same.source], [[], [], []]);
    assert.ok(same.statistics.every((each) => each.before === each.after));
  });

  test('are put in the order of their ends', () => {
    const after = sampleDump('cpu-limit', { ...later, reason: 'stuck' });
    assert.equal(compareDumps(after, before).after.reason, 'stuck');
    assert.equal(compareDumps(before, after).after.reason, 'stuck');
  });

  test('differ in limits with who set them, in numbers, in variables and in code', () => {
    const after = sampleDump('cpu-limit', {
      ...later,
      limits: { ...before.limits, cpu: { value: 7, setBy: 'header' } },
      statistics: { ...before.statistics, commandsByName: { 'chat.say': 3 } },
      stack: before.stack.map((frame) => ({
        ...frame,
        locals: frame.locals.map((each) =>
          each.name === 'step' ? { ...each, preview: '9' } : each,
        ),
      })),
      source: `${before.source}\n// more`,
    });
    const told = compareDumps(before, after);
    assert.equal(told.limits[0]?.after, '7ms (header)');
    assert.deepEqual(told.variables, [{ name: 'step', before: '1', after: '9' }]);
    assert.equal(told.commands.find(({ name }) => name === 'chat.say')?.after, 3);
    assert.ok(told.source.includes('+// more'));
  });

  test('of sources that have nothing in common are told within bounds', () => {
    const text = (word: string) =>
      Array.from({ length: 3000 }, (_, n) => `${word} ${n * 7}`).join('\n');
    const told = compareDumps(
      sampleDump('cpu-limit', { source: text('a') }),
      sampleDump('cpu-limit', { ...later, source: text('b') }),
    );
    assert.ok(told.source.length > 0);
  });
});
