import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { timelinePart } from '../../../src/cli/render/timeline.ts';
import { toPlain } from '../../../src/dumps/line.ts';
import type { CrashDump } from '../../../src/model/dump.ts';
import { sampleDump } from '../../support/dumps.ts';

/** A run of 2 s with commands at these times; `given` may be more than came back. */
function timeline(times: readonly number[], given: number): string {
  const dump = sampleDump('heap-limit');
  const commands: CrashDump['commands'] = times.map((at) => ({
    at,
    name: 'chat.say',
    args: {},
    result: null,
    line: 1,
  }));
  const statistics = {
    ...dump.statistics,
    durationMs: 2000,
    commands: given,
    commandsByName: { 'chat.say': times.length },
  };
  return toPlain(timelinePart({ ...dump, commands, statistics, samples: [] }, 80));
}

describe('the timeline of commands', () => {
  test('tells a pause as one without commands only where every command came back', () => {
    assert.match(timeline([10, 20, 30, 40], 4), /2s without a command, from chat\.say at 40ms/);
    assert.match(
      timeline([10, 20, 30, 40], 4000),
      /2s without a command that came back, from chat\.say at 40ms/,
    );
    assert.match(timeline([10, 20, 30, 40], 4000), /\n4 of 4,000 commands came back · /);
  });

  test('begins at the first, in whatever order the answers came', () => {
    const text = timeline([500, 10, 30, 20, 490], 5);
    assert.match(text, /\n +10ms ─+ 2s\n/);
    assert.match(text, /1\.5s without a command, from chat\.say at 500ms to the end/);
  });

  test('says so where nothing came back', () => {
    assert.equal(timeline([], 0), 'no command was given\n');
    assert.equal(timeline([], 5), '0 of 5 commands came back\n');
  });
});
