import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { adviceFor } from '../../src/dumps/advice.ts';
import { KILL_REASONS } from '../../src/model/outcome.ts';
import { SAMPLES, sampleDump } from '../support/dumps.ts';

describe('what to try', () => {
  for (const reason of [...KILL_REASONS, 'pattern:chat-spam', 'failed', 'cancelled']) {
    test(`there is something for ${reason}, and never more than three things`, () => {
      for (const name of SAMPLES) {
        const advice = adviceFor(sampleDump(name, { reason }));
        assert.ok(advice.length >= 1 && advice.length <= 3);
      }
    });
  }

  test('is nothing for a reason of a newer Corral', () => {
    assert.deepEqual(adviceFor(sampleDump('cpu-limit', { reason: 'toString' })), []);
  });

  test('a long burst wants a pause, CPU of the whole run wants less to do', () => {
    const burst = sampleDump('cpu-limit');
    assert.match(adviceFor(burst)[0] ?? '', /await sleep\(0\)/);
    const cpu = adviceFor({
      ...burst,
      limit: { name: 'cpu', value: 1, measured: 2, setBy: 'host' },
    });
    assert.match(cpu[0] ?? '', /a loop or a recursion/);
  });

  test('begins with the operation it was in', () => {
    const at = (operation: string) => {
      const place = {
        file: 'fill.js',
        line: 1,
        column: 1,
        source: 'operation' as const,
        operation,
      };
      return adviceFor(sampleDump('stuck', { place }))[0] ?? '';
    };
    assert.match(at('fill()'), /A list or buffer this long/);
    assert.match(at('new Array()'), /A list or buffer this long/);
    assert.match(at('repeat()'), /bound the length/);
    assert.match(at('**'), /BigInt/);
    assert.match(at('test()'), /regular expression/);
    assert.match(at('constructor()'), /most often one single operation/);
  });

  test('finds the operation in the source where only the place is known', () => {
    const dump = sampleDump('stuck', {
      reason: 'cpu-limit',
      source: 'const ok = 1;\nreturn /^(a+)+$/.test(text);',
      place: { file: 'fill.js', line: 2, column: 17, source: 'stack' },
    });
    assert.match(adviceFor(dump)[0] ?? '', /regular expression/);
  });

  test('is what fits the case alone, where that is known', () => {
    const diagnosis = [{ text: 'it is so', certain: true, advice: 'Do this.' }];
    assert.deepEqual(adviceFor(sampleDump('cpu-limit', { diagnosis })), ['Do this.']);
  });

  test('blames no operation for what it cannot have done', () => {
    const [first] = adviceFor(sampleDump('stuck', { reason: 'command-limit' }));
    assert.doesNotMatch(first ?? '', /array/);
  });
});
