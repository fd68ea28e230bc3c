// Owns whether a batch begins or goes on: its journal and its lock, and that what goes on is the same batch still.

import { createHash } from 'node:crypto';
import { CorralError } from '../../model/errors.ts';
import { safeText } from '../../model/safe-text.ts';
import type { RunFlags } from '../run/flags.ts';
import { anySeed } from '../run/opening.ts';
import { DEFAULT_BATCH_DIR, Journal, journalPath, makeJournalFolder } from './journal.ts';
import {
  type JournalHeader,
  type JournalSummary,
  RecordedPieces,
  readJournal,
} from './journal-entries.ts';
import { takeLock } from './lock.ts';
import type { BatchPlan } from './plan.ts';

/** What is kept of a batch. Disposing of it leaves the journal to be gone on with. */
export interface Keeping extends Disposable {
  readonly journal: Journal;
  /** What was done before; null for a batch that begins. */
  readonly recorded: RecordedPieces | null;
  /** Items done before. */
  readonly before: number;
  readonly seed: number;
}

/**
 * Begins a batch, or goes on with one.
 * @throws {CorralError} `bad-usage` when it is not the same batch, is being run, or was begun and not gone on with;
 *   `bad-input` for a damaged journal, `unwritable-file`
 */
export async function openKeeping(plan: BatchPlan, flags: RunFlags): Promise<Keeping> {
  const dir = flags.batchDir ?? DEFAULT_BATCH_DIR;
  makeJournalFolder(dir);
  const path = journalPath(dir, plan.source.file, plan.file);
  const lock = takeLock(path);
  try {
    const found = flags.restart ? null : await readJournal(path);
    if (found && found.items > 0 && !flags.resume) throw begunBefore(found, plan);
    const isGoingOn = found !== null && flags.resume === true;
    const seed = flags.seed ?? (isGoingOn ? found.header.seed : anySeed());
    const header = toHeader(plan, seed);
    const journal = isGoingOn
      ? goOn(path, found, header, flags.force === true)
      : Journal.begin(path, header);
    return {
      journal,
      recorded: isGoingOn ? new RecordedPieces(path, found) : null,
      before: isGoingOn ? found.items : 0,
      seed,
      [Symbol.dispose]() {
        journal[Symbol.dispose]();
        lock[Symbol.dispose]();
      },
    };
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

function goOn(
  path: string,
  { header: then, wholeBytes }: JournalSummary,
  now: JournalHeader,
  isForced: boolean,
): Journal {
  const changed = [
    ...(then.macro.digest === now.macro.digest ? [] : ['the macro']),
    ...(then.batch.digest === now.batch.digest ? [] : ['the batch file']),
    ...(then.input === now.input ? [] : ['--input']),
    ...(then.size === now.size ? [] : [`--batch-size (it was ${then.size})`]),
  ];
  if (changed.length > 0 && !isForced)
    throw new CorralError(
      'bad-usage',
      `This is not the batch that was begun: ${changed.join(', ')} ${changed.length === 1 ? 'has' : 'have'} changed. Put it back, begin anew with --restart, or go on all the same with --resume --force.`,
    );
  return Journal.goOn(path, wholeBytes, changed.length > 0 ? now : null);
}

function begunBefore({ header, items }: JournalSummary, { file }: BatchPlan): CorralError {
  return new CorralError(
    'bad-usage',
    `${safeText(file)} was begun on ${safeText(header.startedAt)} and stopped after ${items} of ${header.batch.items} items: go on with --resume, or begin anew with --restart.`,
  );
}

function toHeader(plan: BatchPlan, seed: number): JournalHeader {
  const { source, file, checked, size, base, aheadItems } = plan;
  return {
    format: 'corral-batch',
    version: 1,
    startedAt: new Date().toISOString(),
    macro: { file: source.file, digest: sha256(source.text) },
    batch: { file, digest: checked.digest, items: checked.items },
    size,
    input: sha256(JSON.stringify(base)),
    seed,
    aheadItems,
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
