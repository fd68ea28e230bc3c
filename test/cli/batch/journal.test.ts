import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { DonePiece, Item } from '../../../src/batches/piece.ts';
import { Journal, journalPath } from '../../../src/cli/batch/journal.ts';
import {
  type JournalHeader,
  RecordedPieces,
  readJournal,
} from '../../../src/cli/batch/journal-entries.ts';
import { toSteps } from '../../../src/cli/batch/steps.ts';
import { tempDir } from '../../support/temp.ts';

const temp = tempDir();
after(() => temp[Symbol.dispose]());
let files = 0;
const fresh = () => join(temp.path, `journal-${++files}.ndjson`);

const HEADER: JournalHeader = {
  format: 'corral-batch',
  version: 1,
  startedAt: '2026-11-28T00:00:00.000Z',
  macro: { file: 'm.js', digest: 'a'.repeat(64) },
  batch: { file: 'b.ndjson', digest: 'b'.repeat(64), items: 20 },
  size: 2,
  input: 'c'.repeat(64),
  seed: 7,
  aheadItems: 4,
};

/** So many items from one on, each with its place as its result. */
function done(first: number, count: number): DonePiece {
  const lines = Array.from({ length: count }, (_, n) => first + n + 1);
  return { first, lines, outcome: { kind: 'each', values: lines.map((line) => line - 1) } };
}

function written(path: string, pieces: readonly DonePiece[]): void {
  using journal = Journal.begin(path, HEADER);
  for (const piece of pieces) journal.record(piece);
}

async function summaryOf(path: string) {
  const summary = await readJournal(path);
  assert.ok(summary);
  return summary;
}

/** What is still to be run, and what was done, of twenty items: `run 3-4`, `done 5-6`. */
async function stepsOf(path: string, size: number): Promise<string[]> {
  const items: Item[] = Array.from({ length: 20 }, (_, n) => ({ line: n + 1, value: n }));
  const recorded = new RecordedPieces(path, await summaryOf(path));
  const steps: string[] = [];
  async function* lines() {
    yield items.slice(0, 7);
    yield items.slice(7);
  }
  for await (const step of toSteps(lines(), size, recorded)) {
    const its = step.kind === 'done' ? step.done.lines : step.piece.items.map(({ line }) => line);
    steps.push(`${step.kind === 'done' ? 'done' : 'run'} ${its[0]}-${its.at(-1)}`);
  }
  return steps;
}

describe('the journal of a batch', () => {
  test('is its owner’s alone, and gone when the batch is', () => {
    const path = fresh();
    const journal = Journal.begin(path, HEADER);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    journal.finish();
    assert.equal(existsSync(path), false);
  });

  test('holds what was done, out of order too, and the gaps are what is left', async () => {
    const path = fresh();
    written(path, [done(2, 2), done(0, 2), done(6, 1), done(4, 2)]);
    assert.equal((await summaryOf(path)).items, 7);
    assert.deepEqual(await stepsOf(path, 2), [
      'done 1-2',
      'done 3-4',
      'done 5-6',
      'done 7-7',
      ...[8, 10, 12, 14, 16, 18].map((line) => `run ${line}-${line + 1}`),
      'run 20-20',
    ]);
    assert.deepEqual((await stepsOf(path, 100)).at(-1), 'run 8-20', 'by another size too');
  });

  test('with a half last line, as of a killed process, goes on behind the last whole one', async () => {
    const path = fresh();
    written(path, [done(0, 2), done(2, 2)]);
    const whole = statSync(path).size;
    appendFileSync(path, '{"first":4,"count":2,"outc');
    const summary = await summaryOf(path);
    assert.deepEqual([summary.items, summary.wholeBytes], [4, whole]);
    {
      using journal = Journal.goOn(path, summary.wholeBytes, null);
      journal.record(done(4, 2));
    }
    assert.equal((await summaryOf(path)).items, 6);
    assert.deepEqual((await stepsOf(path, 20)).slice(-2), ['done 5-6', 'run 7-20']);
  });

  test('cut off anywhere at all is read up to its last whole line', async () => {
    const path = fresh();
    written(path, [done(0, 2), done(2, 2), done(4, 2)]);
    const text = readFileSync(path);
    for (let bytes = 0; bytes < text.length; bytes += 11) {
      writeFileSync(path, text.subarray(0, bytes));
      const summary = await readJournal(path);
      const lines = text.subarray(0, bytes).toString().split('\n').length - 1;
      assert.equal(summary?.items ?? 0, Math.max(0, lines - 1) * 2);
      assert.equal(summary === null, lines === 0);
    }
  });

  test('damaged in the middle is refused with the line, not guessed at', async () => {
    for (const bad of ['nonsense', '{"first":-1,"count":1}', '[]', '{"format":"other"}']) {
      const path = fresh();
      written(path, [done(0, 2)]);
      appendFileSync(path, `${bad}\n`);
      await assert.rejects(readJournal(path), /is damaged after line 2; begin anew with --restart/);
    }
    assert.equal(await readJournal(join(temp.path, 'none')), null);
  });

  test('gone on with by force remembers what the batch is now', async () => {
    const path = fresh();
    written(path, [done(0, 2)]);
    const { wholeBytes } = await summaryOf(path);
    Journal.goOn(path, wholeBytes, { ...HEADER, size: 5 })[Symbol.dispose]();
    const { header, items } = await summaryOf(path);
    assert.deepEqual([header.size, items], [5, 2]);
  });

  test('is another for another macro or batch file, wherever it is called from', () => {
    const path = journalPath('d', 'm.js', 'my batch!.ndjson');
    assert.match(path, /^d\/my-batch--[0-9a-f]{12}\.ndjson$/);
    assert.equal(journalPath('d', join(process.cwd(), 'm.js'), './my batch!.ndjson'), path);
    assert.notEqual(journalPath('d', 'n.js', 'my batch!.ndjson'), path);
  });

  test('that cannot be written is an error, not silence', () => {
    assert.throws(
      () => Journal.begin(join(temp.path, 'nowhere', 'x'), HEADER),
      /Cannot write the batch's journal .*: there is no such file or folder/,
    );
  });
});
