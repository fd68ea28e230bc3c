// Owns the one line that shows how far a long lint is: on a terminal only, and gone when it is done.

import { displayWidth } from '../../model/display-width.ts';
import { safeText } from '../../model/safe-text.ts';
import { type Paint, paintFor } from '../style.ts';

/** Fewer files than this are looked at before anybody could read it. */
const FILES_MIN = 20;
const EVERY_MS = 80;

/** Draws over itself; writes nothing where there is no terminal. */
export class Progress implements Disposable {
  readonly #stream: NodeJS.WriteStream;
  readonly #paint: Paint;
  readonly #total: number;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #isShown = false;

  constructor(total: number, stream: NodeJS.WriteStream = process.stderr) {
    this.#total = total;
    this.#stream = stream;
    this.#paint = paintFor(stream);
  }

  /** Says that so many files are done and which one is next. */
  at(done: number, file: string): void {
    if (!this.#stream.isTTY || this.#total < FILES_MIN) return;
    const now = performance.now();
    if (now - this.#drawnAt < EVERY_MS) return;
    this.#drawnAt = now;
    const head = `${String(done).padStart(String(this.#total).length)}/${this.#total}`;
    const room = Math.max(10, (this.#stream.columns || 80) - head.length - 2);
    const shown = endOf(safeText(file), room);
    this.#stream.write(`\r\u001b[2K${this.#paint('cyan', head)} ${this.#paint('dim', shown)}`);
    this.#isShown = true;
  }

  /** Takes the line away. */
  [Symbol.dispose](): void {
    if (this.#isShown) this.#stream.write('\r\u001b[2K');
    this.#isShown = false;
  }
}

/** The end of a name tells more than its beginning. */
function endOf(name: string, room: number): string {
  const columns = displayWidth(name);
  if (columns <= room) return name;
  // Where letters are wide, half as many have room for sure.
  const kept = columns > name.length ? Math.floor(room / 2) : room;
  return `…${name.slice(1 - kept)}`;
}
