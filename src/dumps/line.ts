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

/** Breaks a text between words; a word longer than a line is cut. At most `linesMax` lines, the last one ending in `…`. */
export function wrapText(text: string, columns: number, linesMax: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(cutText(word, columns));
  }
  if (lines.length <= linesMax) return lines;
  return [...lines.slice(0, linesMax - 1), cutText(`${lines[linesMax - 1]} …`, columns)];
}

/** Lines as plain text. */
export function toPlain(lines: readonly Line[]): string {
  return `${lines.map((line) => line.map(({ text }) => text).join('')).join('\n')}\n`;
}
