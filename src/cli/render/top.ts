// Owns how `corral top` looks: everything it knows in, the lines of a screen out, none wider and no more than there is room for.

import { safeText } from '../../model/safe-text.ts';
import type { Paint } from '../style.ts';
import { type EventView, type Row, selectedIndex, type TopView, toRows } from '../top/view.ts';
import { cut } from './cells.ts';
import { footLine, helpLines } from './top-foot.ts';
import { headLines } from './top-head.ts';
import { columnsFor, headText, rowText } from './top-table.ts';

/** A screen's size. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

const COLUMNS_MIN = 40;
const ROWS_MIN = 10;
/** Lines that are not the table's: three of the header, the table's head, the line of keys. */
const FIXED_ROWS = 5;

/** How many runs there is room for at once. */
export function pageOf({ rows }: Size): number {
  return Math.max(1, rows - FIXED_ROWS - eventRows(rows));
}

/** The lines of the screen. */
export function renderTop(view: TopView, size: Size, paint: Paint): readonly string[] {
  const { columns, rows } = size;
  if (columns < COLUMNS_MIN || rows < ROWS_MIN)
    return [cut(`corral top needs ${COLUMNS_MIN}×${ROWS_MIN}`, columns)];
  const list = toRows(view.corrals, view.ui);
  const foot = footLine(view, columns, paint);
  const head = headLines(view, list, columns, paint);
  const events = eventLines(view.events, { columns, rows: eventRows(rows) }, paint);
  const room = rows - head.length - events.length - 1;
  if (view.ui.mode.kind !== 'help')
    return [...head, ...filled(listLines(view, list, size, paint), room), ...events, foot];
  const help = helpLines(columns, paint);
  // Help that is cut helps nobody: on a small screen the rest gives it its place.
  return help.length <= room
    ? [...head, ...filled(help, room), ...events, foot]
    : [...filled(help, rows - 1), foot];
}

/** Exactly so many lines. */
function filled(lines: readonly string[], room: number): readonly string[] {
  return [...lines.slice(0, room), ...Array<string>(Math.max(0, room - lines.length)).fill('')];
}

/** Lines of what happened, its title included: a quarter of the screen, at most. */
function eventRows(rows: number): number {
  return rows < 16 ? 0 : Math.min(14, Math.floor(rows / 4));
}

function listLines(view: TopView, list: readonly Row[], size: Size, paint: Paint): string[] {
  if (view.corrals.length === 0) return emptyLines(view, size.columns, paint);
  const width = size.columns - 2;
  const columns = columnsFor(width, { several: view.corrals.length > 1 });
  const head = paint('dim', cut(`  ${headText(columns, width)}`, size.columns));
  const silent = view.corrals
    .filter(({ problem }) => problem !== null)
    .map(({ pid, problem }) =>
      paint('yellow', cut(`  Corral ${pid}: ${safeText(problem ?? '')}`, size.columns)),
    );
  const at = selectedIndex(list, view.ui.selected);
  const page = Math.max(1, pageOf(size) - silent.length);
  const from = Math.max(0, Math.min(at - Math.floor(page / 2), list.length - page));
  const lines = list.slice(from, from + page).map((row, index) => {
    const isSelected = from + index === at;
    // What is selected is painted as one: colours of its own would tear it apart.
    const text = rowText(row, columns, {
      width,
      now: view.now,
      paint: isSelected ? (_style, each) => each : paint,
    });
    return isSelected ? paint('inverse', cut(`› ${text}`, size.columns)) : `  ${text}`;
  });
  if (list.length === 0)
    lines.push(
      paint('dim', `  ${view.ui.filter === '' ? 'no macro is running' : 'nothing matches'}`),
    );
  return [head, ...silent, ...lines];
}

function emptyLines({ dir }: TopView, columns: number, paint: Paint): string[] {
  return ['', ...noCorralLines(dir).map((line) => `  ${paint('dim', cut(line, columns - 2))}`)];
}

/** What is said when there is no Corral to watch, and what to do. */
export function noCorralLines(dir: string): readonly string[] {
  return [
    `No Corral is running in ${safeText(dir)}.`,
    'Start one in this folder: corral run FILE',
    `or, in a program: createCorral({ controlDir: '${safeText(dir)}' })`,
  ];
}

function eventLines(events: readonly EventView[], { columns, rows }: Size, paint: Paint): string[] {
  if (rows === 0) return [];
  const shown = events.slice(-(rows - 1)).map(({ time, level, text }) => {
    const at = new Date(time).toTimeString().slice(0, 8);
    const line = cut(safeText(text, { charsMax: 500 }), columns - 11);
    const style = { info: null, warning: 'yellow', error: 'red' } as const;
    const colour = style[level];
    return `${paint('dim', `  ${at}`)} ${colour === null ? line : paint(colour, line)}`;
  });
  const blank = Array<string>(Math.max(0, rows - 1 - shown.length)).fill('');
  return [paint('dim', cut('  RECENT', columns)), ...shown, ...blank];
}
