// Owns cutting a batch file into what is to be run, and what was done before; in the order of the file, never all of it at once.

import type { BatchStep } from '../../batches/batch.ts';
import type { Item } from '../../batches/piece.ts';
import { CorralError } from '../../model/errors.ts';
import type { RecordedPieces } from './journal-entries.ts';
import { isProblem, type LineProblem } from './read-items.ts';

/**
 * The steps of a batch.
 * @param size the most items of a piece
 * @param recorded what was done before; null for nothing
 * @throws {CorralError} `bad-input` for a line that has become bad since the file was looked through
 */
export async function* toSteps(
  lines: AsyncIterable<readonly (Item | LineProblem)[]>,
  size: number,
  recorded: RecordedPieces | null,
): AsyncGenerator<BatchStep, void, void> {
  const items = toItems(lines);
  let first = 0;
  let pending: Item[] = [];
  for await (const item of items) {
    const entry = (await recorded?.from(first + pending.length)) ?? null;
    if (entry === null) {
      pending.push(item);
      if (pending.length < size) continue;
    }
    if (pending.length > 0) {
      yield { kind: 'piece', piece: { first, items: pending } };
      first += pending.length;
      pending = [];
    }
    if (entry === null) continue;
    const itsLines = [item.line];
    while (itsLines.length < entry.count) {
      const { value, done } = await items.next();
      if (done) return;
      itsLines.push(value.line);
    }
    yield { kind: 'done', done: { first, lines: itsLines, outcome: entry.outcome } };
    first += entry.count;
  }
  if (pending.length > 0) yield { kind: 'piece', piece: { first, items: pending } };
}

async function* toItems(
  lines: AsyncIterable<readonly (Item | LineProblem)[]>,
): AsyncGenerator<Item, void, void> {
  for await (const some of lines)
    for (const line of some) {
      if (isProblem(line))
        throw new CorralError(
          'bad-input',
          `The batch file was changed while it ran: line ${line.line} is no item any more.`,
        );
      yield line;
    }
}
