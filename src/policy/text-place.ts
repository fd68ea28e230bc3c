// Owns where an offset of a source stands as line and column, for the few places that patterns tell.

import type { RelatedPlace } from '../model/report.ts';

/** A range as findings have it: 1-based, the end exclusive. */
export type TextPlace = Omit<RelatedPlace, 'message'>;

const LINE_BREAK = /\r\n|[\n\r\u2028\u2029]/g;

/** The place of a range of offsets; offsets outside of the text become its nearest. */
export function toTextPlace(source: string, start: number, end: number): TextPlace {
  const from = positionAt(source, start);
  const to = positionAt(source, Math.max(start, end));
  return { line: from.line, column: from.column, endLine: to.line, endColumn: to.column };
}

function positionAt(source: string, offset: number): { line: number; column: number } {
  const at = Math.min(Math.max(offset, 0), source.length);
  let line = 1;
  let lineStart = 0;
  LINE_BREAK.lastIndex = 0;
  for (let found = LINE_BREAK.exec(source); found; found = LINE_BREAK.exec(source)) {
    if (LINE_BREAK.lastIndex > at) break;
    line += 1;
    lineStart = LINE_BREAK.lastIndex;
  }
  return { line, column: at - lineStart + 1 };
}
