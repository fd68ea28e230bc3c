// Owns the lines a summary is made of: pieces of text with a role each, plain in a file and painted on a terminal.

/** What a piece of text is, for whoever paints it. */
export type Role = 'strong' | 'bad' | 'warn' | 'good' | 'name' | 'dim';

/** Some text, already safe to show, and its role. */
export interface Piece {
  readonly text: string;
  readonly role: Role | null;
}

/** One line; its pieces stand one right after the other. */
export type Line = readonly Piece[];

/** A piece. */
export function piece(text: string, role: Role | null = null): Piece {
  return { text, role };
}

/** Cuts a line to so many columns, `…` at its end; blanks at the end go. */
export function cutLine(line: Line, columns: number): Line {
  const kept: Piece[] = [];
  let left = columns;
  for (const { text, role } of line) {
    if (left <= 0) break;
    kept.push({ text: cutText(text, left), role });
    left -= text.length;
  }
  while (kept.at(-1)?.text.trimEnd() === '') kept.pop();
  const last = kept.pop();
  return last ? [...kept, { ...last, text: last.text.trimEnd() }] : [];
}

/** Cuts a text to so many columns, `…` at its end, never through a surrogate pair. */
export function cutText(text: string, columns: number): string {
  if (text.length <= columns) return text;
  const kept = text.slice(0, Math.max(0, columns - 1));
  return `${/[\ud800-\udbff]$/.test(kept) ? kept.slice(0, -1) : kept}…`;
}

/** Breaks a text between words, and a word longer than a line within: nothing of it is lost. */
export function wrapText(text: string, columns: number): string[] {
  return spansOf(text, columns, columns).map(([from, to]) => text.slice(from, to));
}

/** Breaks a line like {@link wrapText}; what follows stands a little to the right of where it begins. */
export function wrapLine(line: Line, columns: number): Line[] {
  const text = line.map((each) => each.text).join('');
  if (text.trimEnd().length <= columns) return [line];
  const lead = /^ */.exec(text)?.[0].length ?? 0;
  const indent = Math.min(lead + 2, columns >> 1);
  return spansOf(text, columns, columns - indent).map(([from, to], index) => [
    ...(index > 0 ? [piece(' '.repeat(indent))] : []),
    ...part(line, from, to),
  ]);
}

/** Where the lines of a text begin and end, the blanks between them left out. */
function spansOf(text: string, first: number, others: number): (readonly [number, number])[] {
  const spans: (readonly [number, number])[] = [];
  const end = text.trimEnd().length;
  let from = 0;
  // Blanks before the first word belong to it.
  let word = text.length - text.trimStart().length;
  while (end > from) {
    const columns = Math.max(2, spans.length === 0 ? first : others);
    const to = end - from <= columns ? end : breakOf(text, from, word, columns);
    spans.push([from, from + text.slice(from, to).trimEnd().length]);
    from = to;
    while (text[from] === ' ') from += 1;
    word = from;
  }
  return spans.length === 0 ? [[0, 0]] : spans;
}

/** After the last word that is whole within so many columns; within the first one where that alone is too long. */
function breakOf(text: string, from: number, word: number, columns: number): number {
  const blank = text.lastIndexOf(' ', from + columns);
  if (blank > word) return blank;
  const to = from + columns;
  return /[\ud800-\udbff]/.test(text[to - 1] ?? '') ? to - 1 : to;
}

function part(line: Line, from: number, to: number): Line {
  let at = 0;
  return line.flatMap(({ text, role }) => {
    const kept = text.slice(Math.max(0, from - at), Math.max(0, to - at));
    at += text.length;
    return kept === '' ? [] : [piece(kept, role)];
  });
}

/** Lines as plain text. */
export function toPlain(lines: readonly Line[]): string {
  return `${lines.map((line) => line.map(({ text }) => text).join('')).join('\n')}\n`;
}
