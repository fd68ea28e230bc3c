import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  Batch,
  type BatchEnd,
  type BatchOptions,
  type BatchStep,
} from '../../src/batches/batch.ts';
import type { Judgement } from '../../src/batches/judge.ts';
import type { DonePiece, Item, Piece } from '../../src/batches/piece.ts';

const OPTIONS: BatchOptions = {
  concurrency: 3,
  aheadItems: 1000,
  aheadChars: 1e9,
  failFast: false,
};

/** So many items, item n on line n + 1 with value n. */
function itemsOf(count: number): Item[] {
  return Array.from({ length: count }, (_, n) => ({ line: n + 1, value: n }));
}

/** The items cut into pieces; those that were done before are steps of their own. */
async function* steps(
  items: readonly Item[],
  size: number,
  before: ReadonlyMap<number, DonePiece> = new Map(),
): AsyncGenerator<BatchStep> {
  for (let first = 0; first < items.length; ) {
    const done = before.get(first);
    if (done) {
      yield { kind: 'done', done };
      first += done.lines.length;
      continue;
    }
    const nextDone = [...before.keys()].filter((each) => each > first).sort((a, b) => a - b)[0];
    const piece = {
      first,
      items: items.slice(first, Math.min(first + size, nextDone ?? Infinity)),
    };
    yield { kind: 'piece', piece };
    first += piece.items.length;
  }
}

/** What a batch did. */
interface Seen {
  readonly end: BatchEnd;
  /** Lines in the order they were handed out. */
  readonly emitted: readonly DonePiece[];
  readonly recorded: readonly DonePiece[];
  readonly ran: readonly Piece[];
  readonly activeMax: number;
}

async function runBatch(
  source: AsyncIterable<BatchStep>,
  run: (piece: Piece, batch: Batch) => Promise<Judgement> | Judgement,
  options: Partial<BatchOptions> = {},
): Promise<Seen> {
  const emitted: DonePiece[] = [];
  const recorded: DonePiece[] = [];
  const ran: Piece[] = [];
  let active = 0;
  let activeMax = 0;
  const batch: Batch = new Batch(
    source,
    {
      async run(piece) {
        ran.push(piece);
        activeMax = Math.max(activeMax, ++active);
        const judgement = await run(piece, batch);
        active -= 1;
        return judgement;
      },
      record: (done) => recorded.push(done),
      emit: (done) => {
        emitted.push(done);
      },
    },
    { ...OPTIONS, ...options },
  );
  return { end: await batch.run(), emitted, recorded, ran, activeMax };
}

const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};
const each = ({ items }: Piece): Judgement => ({
  next: 'record',
  outcome: { kind: 'each', values: items.map(({ value }) => value as number) },
});
const linesOf = (pieces: readonly DonePiece[]) => pieces.flatMap(({ lines }) => lines);
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n + 1);
const failed = (reason: string): Judgement => ({
  next: 'record',
  outcome: { kind: 'error', reason, message: 'no', dump: null },
});

describe('a batch', () => {
  test('hands results out in the order of the input, whatever order they come in', async () => {
    const { end, emitted, recorded, activeMax } = await runBatch(
      steps(itemsOf(40), 3),
      async (piece) => {
        await turns((piece.first * 7) % 11);
        return each(piece);
      },
    );
    assert.deepEqual(linesOf(emitted), upTo(40));
    assert.notDeepEqual(linesOf(recorded), upTo(40), 'they did come in another order');
    assert.deepEqual(end, {
      isWhole: true,
      succeeded: 40,
      failed: 0,
      gaveUp: null,
      failedFast: null,
    });
    assert.equal(activeMax, 3);
  });

  test('never has more under way than it may, and begins nothing too far ahead', async () => {
    const slow = Promise.withResolvers<void>();
    const begun: number[] = [];
    const seen = runBatch(
      steps(itemsOf(100), 1),
      async (piece) => {
        begun.push(piece.first);
        if (piece.first === 0) await slow.promise;
        return each(piece);
      },
      { aheadItems: 10 },
    );
    await turns(50);
    assert.deepEqual(
      begun,
      upTo(10).map((n) => n - 1),
      'the first one holds up all others',
    );
    slow.resolve();
    assert.deepEqual(linesOf((await seen).emitted), upTo(100));
  });

  test('begins nothing while too much waits for what is before it', async () => {
    const slow = Promise.withResolvers<void>();
    const begun: number[] = [];
    const seen = runBatch(
      steps(itemsOf(100), 1),
      async (piece) => {
        begun.push(piece.first);
        if (piece.first === 0) await slow.promise;
        return each(piece);
      },
      // Each takes as many characters as there are recorded: 1, 2, 3 …
      { aheadChars: 20 },
    );
    await turns(50);
    assert.ok(begun.length < 12, `${begun.length} were begun`);
    slow.resolve();
    assert.equal((await seen).end.succeeded, 100);
  });

  test('halves what runs out of memory, down to the culprits, and keeps all else', async () => {
    const culprits = new Set([5, 6, 17]);
    const { end, emitted, ran } = await runBatch(steps(itemsOf(20), 8), (piece) => {
      if (!piece.items.some(({ value }) => culprits.has(value as number))) return each(piece);
      if (piece.items.length > 1) return { next: 'halve' };
      const outcome = { kind: 'culprit', reason: 'heap-limit', message: 'm', dump: 'd' } as const;
      return { next: 'record', outcome };
    });
    assert.deepEqual(linesOf(emitted), upTo(20));
    const found = emitted.filter(({ outcome }) => outcome.kind === 'culprit');
    assert.deepEqual(linesOf(found), [6, 7, 18]);
    assert.deepEqual([end.succeeded, end.failed, end.isWhole], [17, 3, true]);
    assert.ok(ran.length < 20, `${ran.length} runs: fewer than one for each`);
  });

  test('gives the items of any other end that end, and goes on', async () => {
    const { end, emitted } = await runBatch(steps(itemsOf(9), 3), (piece) =>
      piece.first === 3 ? failed('cpu-limit') : each(piece),
    );
    assert.deepEqual([end.succeeded, end.failed, end.isWhole], [6, 3, true]);
    assert.deepEqual(emitted[1]?.lines, [4, 5, 6]);
  });

  test('that is to fail fast begins nothing more, and does not keep what failed', async () => {
    const { end, recorded, ran } = await runBatch(
      steps(itemsOf(100), 1),
      async (piece) => {
        await turns(1);
        return piece.first === 5 ? failed('failed') : each(piece);
      },
      { failFast: true },
    );
    assert.equal(end.isWhole, false);
    assert.deepEqual(end.failedFast?.lines, [6]);
    assert.ok(ran.length < 10);
    assert.equal(linesOf(recorded).includes(6), false);
    assert.equal(recorded.length, end.succeeded, 'what was under way was kept');
  });

  test('that is stopped lets what is under way end, and keeps that', async () => {
    const { end, recorded, emitted } = await runBatch(
      steps(itemsOf(100), 1),
      async (piece, batch) => {
        if (piece.first === 10) batch.stop();
        await turns(2);
        return each(piece);
      },
    );
    assert.equal(end.isWhole, false);
    assert.ok(recorded.length >= 11 && recorded.length < 20);
    assert.deepEqual(linesOf(emitted), upTo(recorded.length));
  });

  test('waits where a run is not let in, and runs it then', async () => {
    let asked = 0;
    const { end, ran } = await runBatch(steps(itemsOf(1), 1), (piece) =>
      ++asked < 3 ? { next: 'wait', ms: 1, why: 'busy' } : each(piece),
    );
    assert.deepEqual([end.isWhole, ran.length], [true, 3]);
    const stopped = await runBatch(steps(itemsOf(1), 1), (_piece, batch) => {
      setImmediate(() => batch.stop());
      return { next: 'wait', ms: 100_000, why: 'busy' };
    });
    assert.deepEqual([stopped.end.isWhole, stopped.ran.length], [false, 1]);
  });

  test('ends when the macro cannot be run at all, with why', async () => {
    const refused = { reason: 'refused' } as never;
    const { end, ran } = await runBatch(steps(itemsOf(50), 1), async () => {
      await turns(1);
      return { next: 'give-up', end: refused };
    });
    assert.deepEqual([end.gaveUp, end.isWhole, ran.length], [refused, false, 3]);
  });

  test('throws what its work throws at once, though nobody waits for it just then', async () => {
    // Of what is begun together, some has ended before anybody looks. Whatever is not caught fails this file.
    const over = runBatch(steps(itemsOf(40), 1), () => {
      throw new Error('wrong input');
    });
    await assert.rejects(over, /wrong input/);
    await turns(2);
  });

  test('throws what its work throws, once nothing is under way any more', async () => {
    let active = 0;
    const over = runBatch(steps(itemsOf(50), 1), async (piece) => {
      active += 1;
      await turns(piece.first);
      active -= 1;
      if (piece.first === 1) throw new Error('the disk is full');
      return each(piece);
    });
    await assert.rejects(over, /the disk is full/);
    assert.equal(active, 0);
  });

  test('stopped anywhere and gone on with comes to what it would have come to at once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          weights: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 60 }),
          size: fc.integer({ min: 1, max: 9 }),
          concurrency: fc.integer({ min: 1, max: 5 }),
          aheadItems: fc.integer({ min: 1, max: 40 }),
          stops: fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 3 }),
        }),
        async ({ weights, size, concurrency, aheadItems, stops }) => {
          const items = weights.map((value, n) => ({ line: n + 1, value }));
          // Twelve is what fits; above seven a single one does not.
          const run = async (piece: Piece): Promise<Judgement> => {
            await turns(piece.first % 3);
            const sum = piece.items.reduce((all, { value }) => all + (value as number), 0);
            const [only] = piece.items;
            if (sum <= 12 && !piece.items.some(({ value }) => (value as number) > 7))
              return each(piece);
            if (piece.items.length > 1) return { next: 'halve' };
            const outcome = {
              kind: 'culprit',
              reason: 'heap-limit',
              message: `${only?.line}`,
              dump: null,
            } as const;
            return { next: 'record', outcome };
          };
          const options = { concurrency, aheadItems };
          const kept = new Map<number, DonePiece>();
          for (const stop of [...stops, Infinity]) {
            let runs = 0;
            const seen = await runBatch(
              steps(items, size, kept),
              async (piece, batch) => {
                if (++runs > stop) batch.stop();
                return await run(piece);
              },
              options,
            );
            for (const done of seen.recorded) {
              assert.equal(kept.has(done.first), false, 'nothing is done twice');
              kept.set(done.first, done);
            }
            if (stop !== Infinity) continue;
            assert.equal(seen.end.isWhole, true);
            assert.deepEqual(
              linesOf(seen.emitted),
              items.map(({ line }) => line),
            );
            const results = seen.emitted.flatMap(({ lines, outcome }) =>
              outcome.kind === 'each' ? outcome.values : lines.map(() => 'culprit'),
            );
            assert.deepEqual(
              results,
              weights.map((value) => (value > 7 ? 'culprit' : value)),
            );
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
