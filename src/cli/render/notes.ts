// Owns how the notes (findings of level info) of many files look: a line or two each, by file, and not without end.

import type { Finding } from '../../model/report.ts';
import { safeText } from '../../model/safe-text.ts';
import { formatCount } from '../../model/units.ts';
import type { Paint } from '../style.ts';
import { wrap } from './wrap.ts';

/** The notes of one file. */
export interface FileNotes {
  readonly file: string;
  readonly notes: readonly Finding[];
}

/** More notes than this nobody reads. */
const NOTES_MAX = 40;

/**
 * The lines that tell them; none for none.
 * @param columns room for a line; Infinity breaks none
 */
export function renderNotes(
  files: readonly FileNotes[],
  { paint, columns }: { readonly paint: Paint; readonly columns: number },
): string[] {
  const total = files.reduce((sum, { notes }) => sum + notes.length, 0);
  if (total === 0) return [];
  const lines = [`${paint('cyan', 'info')} ${paint('dim', 'good to know')}`];
  const places = files.flatMap(({ notes }) => notes.slice(0, NOTES_MAX).map(placeOf));
  const width = Math.max(...places.slice(0, NOTES_MAX).map(({ length }) => length));
  let left = NOTES_MAX;
  for (const { file, notes } of files) {
    const shown = notes.slice(0, left);
    left -= shown.length;
    if (shown.length > 0)
      lines.push(
        `  ${safeText(file)}`,
        ...shown.flatMap((note) => noteLines(note, width, paint, columns)),
      );
  }
  if (total > NOTES_MAX) {
    const more = formatCount(total - NOTES_MAX);
    lines.push(paint('dim', `  and ${more} more; name fewer files to read them`));
  }
  return lines;
}

function placeOf({ line, column }: Finding): string {
  return `${line}:${column}`;
}

function noteLines(note: Finding, width: number, paint: Paint, columns: number): string[] {
  const indent = width + 6;
  const text = `${safeText(note.message)} (${safeText(note.rule)})`;
  const [first = '', ...others] = wrap(text, Math.max(30, columns - indent));
  return [
    `    ${paint('dim', placeOf(note).padEnd(width))}  ${first}`,
    ...others.map((line) => `${' '.repeat(indent)}${line}`),
  ];
}
