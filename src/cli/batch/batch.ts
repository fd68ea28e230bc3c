// Owns `corral run --batch` from its files to its exit code: begins or goes on, runs, tells, and says how to go on.

import { Batch, type BatchEnd } from '../../batches/batch.ts';
import type { DonePiece } from '../../batches/piece.ts';
import type { Corral } from '../../corral.ts';
import type { RunFlags } from '../run/flags.ts';
import { openCorral, reloadOn, tellWhatIsMissing } from '../run/opening.ts';
import { INTERRUPTED } from '../run/signals.ts';
import { Interrupts } from './interrupts.ts';
import { type Keeping, openKeeping } from './keeping.ts';
import { assertUnchanged, type BatchPlan, planBatch } from './plan.ts';
import { readItems } from './read-items.ts';
import { PieceRunner } from './runner.ts';
import { toSteps } from './steps.ts';
import { BatchTelling, type StopCause } from './telling.ts';

/** No run is begun while results of so many characters wait for one before them. */
const AHEAD_CHARS = 64 * 1024 * 1024;

/** Runs a macro for every item of a file and gives the exit code. */
export async function runBatch(path: string, file: string, flags: RunFlags): Promise<number> {
  const asked = new AbortController();
  const underWay: Carrying[] = [];
  using interrupts = new Interrupts({
    stop(signal) {
      asked.abort();
      for (const each of underWay) each.stop(signal);
    },
    cancel() {
      for (const each of underWay) each.cancel();
    },
  });
  using telling = new BatchTelling(flags);
  const plan = await planBatch(path, file, flags, {
    onBytes: (bytes) => telling.checking(bytes),
    signal: asked.signal,
  }).catch((error: unknown) => {
    if (asked.signal.aborted) return null;
    throw error;
  });
  if (plan === null) return INTERRUPTED;
  await using _file = plan.handle;
  using keeping = await openKeeping(plan, flags);
  const { concurrency } = plan;
  const opened = await openCorral(flags, {
    seed: keeping.seed,
    concurrency,
    print: (line) => telling.say(line),
  });
  await using carrying = new Carrying(plan, { keeping, telling, flags, corral: opened.corral });
  using _reload = reloadOn(opened, flags, {
    concurrency,
    tell: (line) => telling.say(line),
    hangUp: () => interrupts.ask(),
  });
  await carrying.announce();
  underWay.push(carrying);
  if (interrupts.askedBy !== null) carrying.stop(interrupts.askedBy);
  const end = await carrying.run();
  telling.ended(end, plan);
  if (end.isWhole && !telling.isLost) {
    await assertUnchanged(plan);
    keeping.journal.finish();
  }
  return toExitCode(end, interrupts.askedBy !== null);
}

function toExitCode({ isWhole, failed, gaveUp }: BatchEnd, isInterrupted: boolean): number {
  if (gaveUp?.reason === 'worker-lost') return 3;
  if (!isWhole && gaveUp === null && isInterrupted) return INTERRUPTED;
  return failed > 0 || !isWhole ? 1 : 0;
}

/** What a batch under way works with. */
interface CarryingParts {
  readonly keeping: Keeping;
  readonly telling: BatchTelling;
  readonly flags: RunFlags;
  /** Closed with it. */
  readonly corral: Corral;
}

/** A batch under way. */
class Carrying implements AsyncDisposable {
  readonly #telling: BatchTelling;
  readonly #plan: BatchPlan;
  readonly #keeping: Keeping;
  readonly #corral: Corral;
  readonly #runner: PieceRunner;
  readonly #batch: Batch;
  /** Items that were done since it began. */
  #done = 0;

  constructor(plan: BatchPlan, { keeping, telling, flags, corral }: CarryingParts) {
    const { source, base, size, concurrency, aheadItems, handle } = plan;
    const { seed, recorded, journal } = keeping;
    this.#plan = plan;
    this.#keeping = keeping;
    this.#telling = telling;
    this.#corral = corral;
    this.#runner = new PieceRunner(this.#corral, { source, base, seed, lint: flags.lint });
    this.#batch = new Batch(
      toSteps(readItems(handle), size, recorded),
      {
        run: (piece) => this.#runner.run(piece),
        record: (done) => this.#record(done, () => journal.record(done)),
        emit: (done) => telling.done(done),
        failed: (done) => telling.failed(done),
        halved: (piece) => telling.halved(piece),
        waits: (ms, why) => telling.waits(ms, why),
      },
      { concurrency, aheadItems, aheadChars: AHEAD_CHARS, failFast: flags.failFast === true },
    );
  }

  /** Says what is missing on this machine, and what is about to be done. */
  async announce(): Promise<void> {
    if (!this.#telling.isQuiet) await tellWhatIsMissing(this.#corral);
    this.#telling.begins(this.#plan, this.#keeping.before, () => {
      const { failed, active } = this.#batch.counts;
      return { done: this.#done, failed, active };
    });
    this.#telling.onLost = () => {
      this.stop('output');
      this.cancel();
    };
  }

  /** Runs it. */
  async run(): Promise<BatchEnd> {
    const end = await this.#batch.run();
    if (end.gaveUp) this.#telling.gaveUp(end.gaveUp, this.#plan, this.#corral);
    return end;
  }

  /** Begins nothing more. */
  stop(cause: StopCause): void {
    const { active } = this.#batch.counts;
    this.#batch.stop();
    this.#telling.stopping(active, cause);
  }

  /** Stops what is under way. */
  cancel(): void {
    this.#runner.cancel();
  }

  #record({ lines }: DonePiece, record: () => number): number {
    const chars = record();
    this.#done += lines.length;
    return chars;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#corral.close();
  }
}
