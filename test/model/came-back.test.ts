import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cameBackWords } from '../../src/model/came-back.ts';
import { sampleDump } from '../support/dumps.ts';

/** What is said of a run that gave so many commands, of which so many came back and so many are kept. */
function words(given: number, back: number, kept: number): string {
  const dump = sampleDump('heap-limit');
  const [command] = dump.commands;
  assert.ok(command);
  return cameBackWords({
    ...dump,
    commands: Array.from({ length: kept }, () => command),
    statistics: { ...dump.statistics, commands: given, commandsByName: { 'chat.say': back } },
  });
}

describe('what the commands of a dump are of all that were given', () => {
  test('all of them', () => {
    assert.equal(words(27, 27, 27), 'all 27 commands');
    assert.equal(words(1, 1, 1), 'all 1 command');
  });

  test('the last of them', () => {
    assert.equal(words(5000, 5000, 50), 'the last 50 of 5,000 commands');
  });

  test('those that came back, which need not be the last', () => {
    assert.equal(words(5001, 7, 7), '7 of 5,001 commands came back');
    assert.equal(words(1070, 447, 50), '447 of 1,070 commands came back; the last 50 of those');
    assert.equal(words(3, 1, 1), '1 of 3 commands came back');
    assert.equal(words(3, 0, 0), '0 of 3 commands came back');
  });

  test('those it holds, where the counts are missing', () => {
    assert.equal(words(9, 0, 4), '4 of 9 commands came back');
  });
});
