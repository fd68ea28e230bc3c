// Owns turning offsets of a text into lines and columns (1-based, UTF-16 code units), by the line breaks JavaScript knows.

/** A place in a text. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The line starts of a text, found once on first use. */
export class Lines {
  readonly #text: string;
  #starts: number[] | null = null;

  constructor(text: string) {
    this.#text = text;
  }

  /** Offsets at which lines start, in order. */
  get starts(): readonly number[] {
    this.#starts ??= lineStarts(this.#text);
    return this.#starts;
  }

  /** Where an offset is; offsets outside the text are drawn to its ends. */
  at(offset: number): Position {
    const bounded = Math.max(0, Math.min(offset, this.#text.length));
    const starts = this.starts;
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= bounded) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: bounded - (starts[low] ?? 0) + 1 };
  }

  /** The four numbers of a finding for a range; an empty range becomes one character wide. */
  range(
    start: number,
    end: number,
  ): { line: number; column: number; endLine: number; endColumn: number } {
    const from = this.at(start);
    const to = this.at(Math.max(end, start));
    const empty = to.line === from.line && to.column === from.column;
    return { ...from, endLine: to.line, endColumn: empty ? to.column + 1 : to.column };
  }
}

/** Line breaks that few texts have. */
const RARE_BREAKS = ['\r', '\u2028', '\u2029'];

function lineStarts(text: string): number[] {
  const starts = [0];
  if (!RARE_BREAKS.some((each) => text.includes(each))) {
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
    return starts;
  }
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 13 && text.charCodeAt(at + 1) === 10) at += 1;
    if (code === 10 || code === 13 || code === 0x2028 || code === 0x2029) starts.push(at + 1);
  }
  return starts;
}
