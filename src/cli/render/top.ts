// Owns how `corral top` looks: everything it knows in, the lines of a screen out, none wider and no more than there is room for.

import { formatBytes } from '../../model/limits.ts';
import { safeText } from '../../model/safe-text.ts';
import type { Paint, Style } from '../style.ts';
import { CLEAR_WORD, EMERGENCY_WORD, QUARANTINE_KEY, STOP_KEY } from '../top/keys.ts';
import { type EventView, type Row, selectedIndex, type TopView, toRows } from '../top/view.ts';
import { bar, cell, cut } from './cells.ts';
import { columnsFor, headText, rowText } from './top-table.ts';

/** A screen's size. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

const COLUMNS_MIN = 40;
const ROWS_MIN = 10;
const BAR_COLUMNS = 10;
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
  const middle =
    view.ui.mode.kind === 'help' ? helpLines(columns, paint) : listLines(view, list, size, paint);
  const events = eventLines(view.events, { columns, rows: eventRows(rows) }, paint);
  const room = rows - 3 - events.length - 1;
  const filled = [
    ...middle.slice(0, room),
    ...Array<string>(Math.max(0, room - middle.length)).fill(''),
  ];
  return [
    ...headerLines(view, list, columns, paint),
    ...filled,
    ...events,
    footerLine(view, columns, paint),
  ];
}

/** Lines of what happened, its title included: a quarter of the screen, at most. */
function eventRows(rows: number): number {
  return rows < 16 ? 0 : Math.min(14, Math.floor(rows / 4));
}

function headerLines(
  { corrals, machine, now, ui }: TopView,
  list: readonly Row[],
  columns: number,
  paint: Paint,
): string[] {
  const snapshots = corrals.flatMap(({ snapshot }) => snapshot ?? []);
  const sum = (of: (snapshot: (typeof snapshots)[number]) => number) =>
    snapshots.reduce((total, each) => total + of(each), 0);
  const all = snapshots.flatMap(({ runs }) => runs);
  const paused = all.filter(({ state }) => state === 'paused').length;
  const omitted = sum(({ runsOmitted }) => runsOmitted);
  const counts = [
    plural(corrals.length, 'Corral'),
    `${sum(({ load }) => load.active)} active`,
    ...(paused > 0 ? [`${paused} paused`] : []),
    `${sum(({ load }) => load.queued)} queued`,
    ...(omitted > 0 ? [`${omitted} not shown`] : []),
    ...(ui.filter === '' ? [] : [`${list.length} match /${safeText(ui.filter)}`]),
  ];
  const clock = new Date(now).toTimeString().slice(0, 8);
  const first = cell(`corral top · ${counts.join(' · ')}`, columns - 9);
  const cores = all.reduce((total, { cpuShare }) => total + cpuShare, 0);
  const rate = all.reduce((total, { commandsPerSecond }) => total + commandsPerSecond, 0);
  const held = sum(({ memory }) => memory.ownBytes + memory.workerBytes);
  const memory = machine.memoryUsed / machine.memoryTotal;
  const cpu = machine.cpuShare ?? 0;
  const machineText = `memory ${bar(memory, BAR_COLUMNS)} ${formatBytes(machine.memoryUsed)}/${formatBytes(machine.memoryTotal)} · cpu ${bar(cpu, BAR_COLUMNS)} ${Math.round(cpu * 100)}% of ${plural(machine.cores, 'core')}`;
  const levels = [...new Set(snapshots.map(({ level }) => level))].join(', ');
  const ours = `runs use ${cores.toFixed(2)} cores · ${Math.round(rate)} commands/s · Corral holds ${formatBytes(held)}${levels === '' ? '' : ` · guard ${levels}`}`;
  const isEmergency = snapshots.some(({ emergency }) => emergency);
  return [
    `${paint('bold', first)} ${paint('dim', clock)}`,
    paint(styleOf(Math.max(memory, cpu)), cut(machineText, columns)),
    isEmergency
      ? paint(
          ['red', 'bold'],
          cut(`EMERGENCY STOP: nothing new is let in, e clears it · ${ours}`, columns),
        )
      : cut(ours, columns),
  ];
}

function styleOf(share: number): Style {
  return share >= 0.95 ? 'red' : share >= 0.85 ? 'yellow' : 'reset';
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

const KEYS = 'p pause  r resume  s stop  e emergency  / filter  c/m/a sort  ? help  q quit';

function footerLine({ ui, now }: TopView, columns: number, paint: Paint): string {
  const { mode, note } = ui;
  switch (mode.kind) {
    case 'stop': {
      const macro = safeText(mode.macro, { charsMax: 40 });
      return paint(
        'yellow',
        cut(
          `Stop ${macro}? ${STOP_KEY} stops it, ${QUARANTINE_KEY} also holds its macro, any other key does not`,
          columns,
        ),
      );
    }
    case 'emergency': {
      // What is typed stands first: there is always room for it.
      const what = mode.clear
        ? `type ${CLEAR_WORD} and Enter to let new runs in again`
        : `type ${EMERGENCY_WORD} and Enter to stop ALL runs and let nothing new in`;
      return paint('red', cut(`${safeText(mode.text)}▏ ${what}`, columns));
    }
    case 'filter':
      return paint(
        'cyan',
        cut(`/${safeText(mode.text)}▏  Enter keeps it, Escape takes it away`, columns),
      );
    case 'help':
      return paint('dim', 'any key goes back');
    case 'list':
      if (note && now < note.until)
        return paint(note.ok ? 'green' : 'red', cut(safeText(note.text), columns));
      return paint('dim', cut(KEYS, columns));
  }
}

function helpLines(columns: number, paint: Paint): string[] {
  const keys = [
    ['↑ ↓  k j', 'select a run; Page Up and Down, Home and End'],
    ['p r', 'pause it, even in mid-loop; let it go on'],
    ['s', 'stop it, after a y: it ends as cancelled; after a Q its macro is in quarantine too'],
    ['e', 'emergency stop of all, after the word; again, to clear it'],
    ['/', 'show only what has a text in its macro, owner, state or id'],
    ['c m a', 'sort by CPU, memory or age'],
    ['Escape', 'take the filter and the last message away'],
    ['q', 'quit; what is watched goes on'],
  ];
  return [
    '',
    ...keys.map(
      ([key = '', what = '']) => `  ${paint('bold', cell(key, 10))} ${cut(what, columns - 13)}`,
    ),
  ];
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
