// Owns the terminal while `corral top` has it: the other screen, no cursor, keys one by one, only changed lines written. It
// gives the terminal back as it was, however the process ends but by SIGKILL.

import { stripVTControlCharacters } from 'node:util';
import { displayWidth } from '../../model/display-width.ts';
import type { Size } from '../render/top.ts';

const CSI = '\u001b[';
/** The other screen, no cursor, no wrapping. */
const ENTER = `${CSI}?1049h${CSI}?25l${CSI}?7l`;
const LEAVE = `${CSI}?7h${CSI}?25h${CSI}?1049l`;
/** Terminals that know these show what is between them at once. */
const BEGIN = `${CSI}?2026h`;
const END = `${CSI}?2026l`;
const RESET = `${CSI}0m`;

const DEFAULT_SIZE: Size = { columns: 80, rows: 24 };

/** What the screen tells. */
export interface ScreenListener {
  /** What the terminal sent. */
  keys(text: string): void;
  /** All has to be drawn anew. */
  redraw(): void;
}

/** The terminal's screen, taken until it is disposed of. */
export class Screen implements Disposable {
  readonly #out: NodeJS.WriteStream;
  readonly #in: NodeJS.ReadStream;
  readonly #listener: ScreenListener;
  #shown: readonly string[] = [];
  #isTaken = false;
  readonly #atExit = () => this.#giveBack();
  readonly #onKeys = (text: string) => this.#listener.keys(text);
  readonly #onResize = () => this.#drawAnew();
  readonly #onContinue = () => this.#take();

  constructor(out: NodeJS.WriteStream, input: NodeJS.ReadStream, listener: ScreenListener) {
    this.#out = out;
    this.#in = input;
    this.#listener = listener;
    // Also on the way out after an uncaught error: its text then stands on the screen people see.
    process.once('exit', this.#atExit);
    process.on('SIGCONT', this.#onContinue);
    out.on('resize', this.#onResize);
    this.#take();
  }

  /** Its size; what a terminal should have where it does not say. */
  get size(): Size {
    return {
      columns: this.#out.columns || DEFAULT_SIZE.columns,
      rows: this.#out.rows || DEFAULT_SIZE.rows,
    };
  }

  /** Shows lines, from the top; writes only those that have changed. */
  draw(lines: readonly string[]): void {
    if (!this.#isTaken) return;
    const { columns } = this.size;
    const changed = lines.flatMap((line, index) => {
      if (line === this.#shown[index]) return [];
      // After the last column the cursor still stands on it: clearing what is right of it would take a letter away.
      const isFull = displayWidth(stripVTControlCharacters(line)) >= columns;
      return `${CSI}${index + 1};1H${line}${RESET}${isFull ? '' : `${CSI}K`}`;
    });
    if (lines.length < this.#shown.length) changed.push(`${CSI}${lines.length + 1};1H${CSI}J`);
    this.#shown = lines;
    if (changed.length > 0) this.#out.write(`${BEGIN}${changed.join('')}${END}`);
  }

  /** Gives the terminal back and stops the process, as Ctrl-Z does, until it is continued. */
  suspend(): void {
    this.#giveBack();
    // The whole group, as the terminal itself would: a launcher may stand between us and the shell.
    process.kill(0, 'SIGTSTP');
  }

  [Symbol.dispose](): void {
    process.off('exit', this.#atExit);
    process.off('SIGCONT', this.#onContinue);
    this.#out.off('resize', this.#onResize);
    this.#giveBack();
  }

  #take(): void {
    if (this.#isTaken) return;
    this.#isTaken = true;
    if (this.#in.isTTY) {
      this.#in.setRawMode(true);
      this.#in.setEncoding('utf8');
      this.#in.on('data', this.#onKeys);
      this.#in.resume();
    }
    this.#out.write(ENTER);
    this.#drawAnew();
  }

  #giveBack(): void {
    if (!this.#isTaken) return;
    this.#isTaken = false;
    this.#out.write(LEAVE);
    if (!this.#in.isTTY) return;
    this.#in.off('data', this.#onKeys);
    this.#in.setRawMode(false);
    this.#in.pause();
  }

  #drawAnew(): void {
    this.#shown = [];
    this.#out.write(`${CSI}2J`);
    this.#listener.redraw();
  }
}
