// Owns telling how far a batch is while it runs, and everything else it says on stderr meanwhile.

import { type BatchFigures, barText, progressText } from '../render/batch-progress.ts';
import { type Paint, paintFor } from '../style.ts';

/** How it is told. */
export interface ProgressOptions {
  /** `events` hands figures to {@link ProgressOptions.onFigures}; `none` says nothing. */
  readonly mode: 'words' | 'events' | 'none';
  figures(): BatchFigures;
  onFigures(figures: BatchFigures): void;
}

/** How often a bar is drawn, an event told, a line written (ms). */
const BAR_MS = 100;
const EVENT_MS = 1_000;
const LINE_MS = 10_000;

/** What a batch says on stderr. */
export class BatchProgress implements Disposable {
  readonly #stream = process.stderr;
  readonly #paint: Paint = paintFor(process.stderr);
  readonly #options: ProgressOptions;
  readonly #timer: NodeJS.Timeout | null;
  readonly #atExit = () => this.#clear();
  #isShown = false;

  constructor(options: ProgressOptions) {
    this.#options = options;
    const isBar = this.#stream.isTTY;
    const everyMs = options.mode === 'events' ? EVENT_MS : isBar ? BAR_MS : LINE_MS;
    this.#timer = options.mode === 'none' ? null : setInterval(() => this.#tell(), everyMs).unref();
    process.once('exit', this.#atExit);
  }

  /** Writes a line, above the bar where there is one. */
  say(line: string): void {
    this.#clear();
    this.#stream.write(`${line}\n`);
  }

  [Symbol.dispose](): void {
    if (this.#timer) clearInterval(this.#timer);
    process.off('exit', this.#atExit);
    this.#clear();
  }

  #tell(): void {
    const figures = this.#options.figures();
    if (this.#options.mode === 'events') this.#options.onFigures(figures);
    else if (!this.#stream.isTTY) this.say(progressText(figures));
    else {
      // Room for the ^C that a terminal writes behind it.
      const line = barText(figures, (this.#stream.columns || 80) - 3, this.#paint);
      this.#stream.write(`\r\u001b[2K${line}`);
      this.#isShown = true;
    }
  }

  #clear(): void {
    if (this.#isShown) this.#stream.write('\r\u001b[2K');
    this.#isShown = false;
  }
}
