import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { replayLines } from '../../../src/cli/render/replay.ts';
import type { Replay } from '../../../src/corral.ts';
import { toPlain } from '../../../src/dumps/line.ts';
import { sampleDump } from '../../support/dumps.ts';

const dump = sampleDump('cpu-limit');

/** The line that tells how a replay ended, which was at this line. */
function nowLine(line: number, told: Pick<Replay, 'same' | 'place'>): string {
  const end = {
    ...{ type: 'end', at: 1, reason: dump.reason, message: '', value: null, error: null },
    ...{ file: dump.place?.file ?? null, line, durationMs: 1, cpuMs: 1, peakHeap: 1, commands: 1 },
  } as unknown as Replay['end'];
  const replay = { ...told, end, diverged: [], missing: 0, partial: false };
  return /\n {2}now .*/.exec(toPlain(replayLines(dump, replay)))?.[0] ?? '';
}

describe('a replay that ends the same way', () => {
  test('says nothing of the same line', () => {
    assert.match(nowLine(13, { same: true, place: 'same' }), /walk\.js:13$/);
  });

  test('says why another line is the same end', () => {
    assert.match(nowLine(14, { same: true, place: 'near' }), /:14 {2}\(another turn/);
    for (const place of ['different', 'unknown'] as const)
      assert.match(nowLine(7, { same: true, place }), /:7 {2}\(a moment earlier or later: /);
  });

  test('does not explain away an end that is another', () => {
    assert.match(nowLine(7, { same: false, place: 'different' }), /:7$/);
  });
});
