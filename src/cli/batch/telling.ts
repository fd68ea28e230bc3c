// Owns everything a batch says: results to stdout, the rest to stderr in words, or all of it to stdout as events.

import type { BatchEnd } from '../../batches/batch.ts';
import type { DonePiece, Piece } from '../../batches/piece.ts';
import type { Corral } from '../../corral.ts';
import type { EndEvent } from '../../model/events.ts';
import { formatBytes, formatDuration } from '../../model/limits.ts';
import { safeText } from '../../model/safe-text.ts';
import { exitAs } from '../output.ts';
import { BatchRate, count } from '../render/batch-progress.ts';
import { renderFindings } from '../render/findings.ts';
import { isLintedOut, renderEnd } from '../render/run-end.ts';
import type { RunFlags } from '../run/flags.ts';
import { INTERRUPTED } from '../run/signals.ts';
import { paintFor, terminalColumns } from '../style.ts';
import type { BatchSignal } from './interrupts.ts';
import { failureText, ObjectWriter, toOutput } from './output.ts';
import type { BatchPlan } from './plan.ts';
import { BatchProgress } from './progress.ts';

/** How far it is: items done since it began, all that failed, runs under way. */
export type Counts = () => {
  readonly done: number;
  readonly failed: number;
  readonly active: number;
};

/** So many failures are told in words; stdout has all of them. */
const FAILURES_TOLD_MAX = 20;
/** A wait is told so often at most (ms). */
const WAIT_EVERY_MS = 10_000;
/** A smaller file is looked through before anybody could read that it is. */
const CHECKING_FROM_BYTES = 64 * 1024 * 1024;

/** Why a batch stops before its end: a signal, or that its results cannot be written. */
export type StopCause = BatchSignal | 'output';

/** What a batch says. */
export class BatchTelling implements Disposable {
  /** Called when the results cannot be written any more. */
  onLost: () => void = () => undefined;
  /** True once they cannot. */
  isLost = false;
  readonly isQuiet: boolean;
  readonly #isJson: boolean;
  readonly #paint = paintFor(process.stderr);
  readonly #writer: ObjectWriter;
  readonly #startedAt = performance.now();
  #progress: BatchProgress | null = null;
  #failuresTold = 0;
  #waitedAt = Number.NEGATIVE_INFINITY;
  #checkedBytes = 0;

  constructor({ json = false, quiet = false }: RunFlags) {
    this.#isJson = json;
    this.isQuiet = quiet;
    this.#writer = new ObjectWriter(process.stdout, (error) => {
      this.isLost = true;
      // Whoever read the results has gone; anything else is told by whoever watches the output.
      if (error.code === 'EPIPE') exitAs(INTERRUPTED);
      this.onLost();
    });
  }

  [Symbol.dispose](): void {
    this.#progress?.[Symbol.dispose]();
  }

  /** So many bytes of the batch file were looked through. */
  checking(bytes: number): void {
    if (bytes - this.#checkedBytes < CHECKING_FROM_BYTES) return;
    this.#checkedBytes = bytes;
    this.#words(this.#paint('dim', `${formatBytes(bytes)} of the batch file looked through …`));
  }

  /** It begins, or goes on after some items. */
  begins(plan: BatchPlan, before: number, counts: Counts): void {
    const { checked, size, concurrency } = plan;
    const total = checked.items;
    const rate = new BatchRate({ total, before }, performance.now());
    const on = before > 0 ? `, ${count(before)} of them done before` : '';
    const pieces = size === 1 ? '' : `, ${count(size)} a run`;
    this.#words(
      this.#paint('dim', `${count(total)} items${on}${pieces}, ${concurrency} runs at once`),
    );
    this.#event({ type: 'batch', items: total, done: before, size, concurrency });
    const figures = () => {
      const { done, failed } = counts();
      return rate.at(done, failed, performance.now());
    };
    this.#progress = new BatchProgress({
      mode: this.#isJson ? 'events' : this.isQuiet ? 'none' : 'words',
      figures,
      onFigures: (now) => this.#event({ type: 'progress', ...now }),
    });
  }

  /** A line of a host's. */
  say(line: string): void {
    this.#words(line);
  }

  /** Items have failed: told at once, the first of them. */
  failed(done: DonePiece): void {
    this.#failuresTold += 1;
    if (this.#failuresTold > FAILURES_TOLD_MAX) return;
    const text = safeText(failureText(done) ?? '', { charsMax: 600 });
    this.#words(`${this.#paint('red', '✖')} ${text}`);
    if (this.#failuresTold === FAILURES_TOLD_MAX)
      this.#words(this.#paint('dim', 'what else fails is told on stdout only'));
  }

  /** What came of a piece, in the order of the input. */
  async done(done: DonePiece): Promise<void> {
    await this.#writer.write(toOutput(done));
  }

  /** A piece ran out of memory, and is cut in two. */
  halved({ items }: Piece): void {
    const [line, lastLine] = [items[0]?.line, items.at(-1)?.line];
    this.#words(
      this.#paint('yellow', `lines ${line} to ${lastLine} ran out of memory together: cut in two`),
    );
    this.#event({ type: 'halved', line, lastLine, items: items.length });
  }

  /** A run is not let in just now. */
  waits(ms: number, why: string): void {
    const now = performance.now();
    if (now - this.#waitedAt < WAIT_EVERY_MS) return;
    this.#waitedAt = now;
    this.#words(this.#paint('yellow', `waiting ${formatDuration(ms)}: ${safeText(why)}`));
    this.#event({ type: 'waits', ms, why });
  }

  /** It is to stop, with so many runs under way, and by what. */
  stopping(active: number, cause: StopCause): void {
    const runs = active === 1 ? 'the run' : `the ${active} runs`;
    if (cause === 'output')
      this.#words(
        `nobody reads the results any more; stopping${active === 0 ? '' : ` ${runs} under way`}`,
      );
    else if (active > 0)
      this.#words(
        cause === 'SIGINT'
          ? `finishing ${runs} under way; Ctrl-C again stops them`
          : `told to end (${cause}): ${cause === 'SIGTERM' ? 'stopping' : 'finishing'} ${runs} under way`,
      );
  }

  /** The macro cannot be run at all. */
  gaveUp(end: EndEvent, { source }: BatchPlan, corral: Corral): void {
    if (this.#isJson) return;
    if (end.refusal?.code === 'lint') {
      const columns = terminalColumns() ?? null;
      const report = corral.lint(source.text, source);
      this.#words(renderFindings(source.text, report, { paint: this.#paint, columns }), true);
    }
    const about = { file: source.file, source: source.text, limits: null };
    const text = renderEnd(end, about, this.#paint).trimEnd();
    // A refusal says nothing of why; what lint found stands above it.
    const why = end.reason === 'refused' && isLintedOut(end) ? `: ${safeText(end.message)}` : '';
    this.#words(`${text}${why}`, true);
  }

  /** It is over. */
  ended(end: BatchEnd, { checked }: BatchPlan): void {
    this.#progress?.[Symbol.dispose]();
    this.#progress = null;
    const { isWhole, succeeded, failed, gaveUp, failedFast } = end;
    const durationMs = performance.now() - this.#startedAt;
    const reason = isWhole ? 'completed' : (gaveUp?.reason ?? 'stopped');
    // Results before it may be missing, and then it is not among what was printed.
    const because = failedFast && { failure: toOutput(failedFast)[0] };
    const items = checked.items;
    this.#event({ type: 'end', reason, items, succeeded, failed, durationMs, ...because });
    const done = succeeded + failed;
    const failures = failed === 0 ? '' : `, ${this.#paint('red', `${count(failed)} failed`)}`;
    if (isWhole) {
      const mark = failed === 0 ? this.#paint('green', '✔') : this.#paint('red', '✖');
      this.#words(`${mark} ${count(done)} items in ${formatDuration(durationMs)}${failures}`);
    } else
      this.#words(
        `${this.#paint('yellow', '■')} stopped after ${count(done)} of ${count(checked.items)} items${failures}; the same command with --resume goes on`,
        true,
      );
  }

  /** Says something in words; even `--quiet` hears why it did not come to its end. */
  #words(text: string, isImportant = false): void {
    if (this.#isJson || (this.isQuiet && !isImportant)) return;
    if (this.#progress) this.#progress.say(text);
    else process.stderr.write(`${text}\n`);
  }

  #event(event: object): void {
    // Figures and notes may be a little late where the reader is slow: what waits is bounded by how seldom they are.
    if (this.#isJson) void this.#writer.write([event]);
  }
}
