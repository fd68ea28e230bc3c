// Owns the source excerpt with a caret that findings, ends and dumps show; plain text, painted by whoever prints it.

import { displayWidth } from './display-width.ts';
import { safeText } from './safe-text.ts';

/** Where the caret goes: 1-based line and column; the end is exclusive and defaults to one character. */
export interface FramePlace {
  readonly line: number;
  readonly column: number | null;
  readonly endLine?: number;
  readonly endColumn?: number;
}

/** One printed line of a frame. */
export interface FrameLine {
  readonly kind: 'context' | 'marked' | 'caret';
  /** The line number, right-aligned, or blanks under a caret. */
  readonly gutter: string;
  readonly text: string;
}

/** The longest and the shortest that a source line may be cut to (columns). */
const COLUMNS_MAX = 120;
const COLUMNS_MIN = 20;
/** What is shown at least behind the column (columns). */
const AFTER_MIN = 10;

/**
 * Cuts an excerpt around a place. Tabs become two blanks and controls become escapes, so that the caret stands right.
 * @param source the text, or its lines where somebody has split it already
 * @param context lines shown before and after, default 2
 * @param columns room for a line, without its gutter (20 to 120); longer ones are cut around the caret
 */
export function codeFrame(
  source: string | readonly string[],
  place: FramePlace,
  context = 2,
  columns = COLUMNS_MAX,
): FrameLine[] {
  const room = Math.min(Math.max(columns, COLUMNS_MIN), COLUMNS_MAX);
  const lines = typeof source === 'string' ? source.split(/\r\n|[\n\r\u2028\u2029]/) : source;
  if (place.line < 1 || place.line > lines.length) return [];
  const first = Math.max(1, place.line - context);
  const last = Math.min(lines.length, place.line + context);
  const width = String(last).length;
  const frame: FrameLine[] = [];
  for (let line = first; line <= last; line++) {
    const raw = lines[line - 1] ?? '';
    // A place may come from a worker: a column the line does not have becomes the nearest one.
    const column = Math.min(Math.max(place.column ?? 1, 1), raw.length + 1);
    const from = line === place.line ? cutStart(raw, column, room) : 0;
    const end = cutEnd(raw, from, room);
    const text = shown(raw.slice(from, end)) + (raw.length > end ? '…' : '');
    const gutter = String(line).padStart(width);
    frame.push({
      kind: line === place.line ? 'marked' : 'context',
      gutter,
      text: from > 0 ? `…${text}` : text,
    });
    if (line === place.line && place.column !== null) {
      frame.push({
        kind: 'caret',
        gutter: ' '.repeat(width),
        text: caret(raw, place, column, { from, end }),
      });
    }
  }
  return frame;
}

/** The frame as text, each line with its gutter: `> 12 | code`. */
export function frameText(frame: readonly FrameLine[]): string {
  return frame
    .map((line) => `${line.kind === 'marked' ? '>' : ' '} ${line.gutter} | ${line.text}`.trimEnd())
    .join('\n');
}

/** Where a line is cut so that the column has room on both sides; 0 for a line that need not be. */
function cutStart(raw: string, column: number, room: number): number {
  const start = column - 1;
  if (start <= room && columnsOf(raw.slice(0, start)) < room - AFTER_MIN) return 0;
  let from = start;
  let columns = 0;
  while (from > 0) {
    const before = previousChar(raw, from);
    columns += columnsOf(before);
    if (columns > room / 2) break;
    from -= before.length;
  }
  return from;
}

/** Where what has room ends; at least one character has. */
function cutEnd(raw: string, from: number, room: number): number {
  const rest = raw.slice(from, from + room);
  if (columnsOf(rest) <= room) return from + rest.length;
  let end = from;
  let columns = 0;
  for (const char of rest) {
    columns += columnsOf(char);
    if (columns > room && end > from) break;
    end += char.length;
  }
  return end;
}

function previousChar(text: string, end: number): string {
  const code = text.codePointAt(end - 2) ?? 0;
  return end > 1 && code > 0xffff ? text.slice(end - 2, end) : text.slice(end - 1, end);
}

function caret(
  raw: string,
  place: FramePlace,
  column: number,
  cut: { readonly from: number; readonly end: number },
): string {
  const start = column - 1;
  const oneLine = place.endLine === undefined || place.endLine === place.line;
  const end = Math.min(oneLine ? (place.endColumn ?? column + 1) - 1 : raw.length, cut.end);
  const before = columnsOf(raw.slice(cut.from, start)) + (cut.from > 0 ? 1 : 0);
  const length = Math.max(1, columnsOf(raw.slice(start, Math.max(start + 1, end))));
  return ' '.repeat(before) + '^'.repeat(length);
}

function columnsOf(text: string): number {
  return displayWidth(shown(text));
}

function shown(text: string): string {
  return safeText(text.replaceAll('\t', '  '), { charsMax: COLUMNS_MAX * 10 });
}
