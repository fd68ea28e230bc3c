// Owns the table of runs in `corral top`: which columns there is room for, and what stands in them.

import { formatBytes, formatDuration } from '../../model/limits.ts';
import { isRiskFrom } from '../../model/risk.ts';
import { safeText } from '../../model/safe-text.ts';
import type { Style } from '../style.ts';
import { type Row, toCpuPercent } from '../top/view.ts';
import { bar, cell } from './cells.ts';

/** A column: what stands above it, how wide it is, what stands in it and how that is painted. */
interface Column {
  readonly title: string;
  /** Null takes what is left over. */
  readonly columns: number | null;
  readonly align: 'left' | 'right';
  text(row: Row, now: number): string;
  style?(row: Row): Style | null;
}

const BAR_COLUMNS = 6;
const MACRO_COLUMNS_MIN = 12;
/** From these widths on there is room for more. */
const OWNER_FROM = 96;
const RUN_FROM = 116;

const MACRO: Column = {
  title: 'MACRO',
  columns: null,
  align: 'left',
  text: ({ run }) => safeText(run.macro, { charsMax: 200 }),
};
const OWNER: Column = {
  title: 'OWNER',
  columns: 14,
  align: 'left',
  text: ({ run }) => safeText(run.owner, { charsMax: 100 }),
};
const PID: Column = { title: 'PID', columns: 8, align: 'right', text: ({ pid }) => String(pid) };
const RUN: Column = {
  title: 'RUN',
  columns: 13,
  align: 'left',
  text: ({ run }) => safeText(run.id),
};
const ALWAYS: readonly Column[] = [
  {
    title: 'STATE',
    columns: 8,
    align: 'left',
    text: ({ run }) => run.state,
    style: ({ run }) =>
      run.state === 'paused' ? 'yellow' : run.state === 'running' ? 'green' : 'dim',
  },
  {
    title: 'CPU',
    columns: 5,
    align: 'right',
    text: ({ run }) => `${toCpuPercent(run)}%`,
    style: ({ run }) => (run.cpuShare >= 0.8 ? 'red' : toCpuPercent(run) === 0 ? 'dim' : null),
  },
  {
    title: 'HEAP',
    columns: 21,
    align: 'left',
    text: ({ run }) => heapText(run.heapBytes, run.heapBytesMax),
    style: ({ run }) => {
      const share = run.heapBytes / (run.heapBytesMax ?? Number.POSITIVE_INFINITY);
      return share >= 0.8 ? 'red' : share >= 0.5 ? 'yellow' : null;
    },
  },
  {
    title: 'CMD/S',
    columns: 6,
    align: 'right',
    text: ({ run }) => rateText(run.commandsPerSecond),
    style: ({ run }) => (run.commandsPerSecond === 0 ? 'dim' : null),
  },
  {
    title: 'RISK',
    columns: 5,
    align: 'right',
    text: ({ run }) => (run.risk === null ? '–' : run.risk.toFixed(2)),
    style: ({ run: { risk } }) =>
      risk === null
        ? 'dim'
        : isRiskFrom(risk, 'high')
          ? 'red'
          : isRiskFrom(risk, 'medium')
            ? 'yellow'
            : null,
  },
  {
    title: 'AGE',
    columns: 7,
    align: 'right',
    text: ({ run }, now) => ageText(now - run.since),
  },
];

/** Where there is little room, the heap is a number, and these go, the last first. */
const NARROW_FROM = 76;
const EXPENDABLE = ['AGE', 'CMD/S', 'RISK'];
const NARROW_HEAP: Column = {
  title: 'HEAP',
  columns: 8,
  align: 'right',
  text: ({ run }) => formatBytes(run.heapBytes),
};

/** The columns there is room for. */
export function columnsFor(
  width: number,
  { several }: { readonly several: boolean },
): readonly Column[] {
  if (width < NARROW_FROM) return narrowColumns(width);
  return [
    MACRO,
    ...(width >= OWNER_FROM ? [OWNER] : []),
    ...(several && width >= OWNER_FROM ? [PID] : []),
    ...(width >= RUN_FROM ? [RUN] : []),
    ...ALWAYS,
  ];
}

function narrowColumns(width: number): readonly Column[] {
  let columns = [MACRO, ...ALWAYS.map((each) => (each.title === 'HEAP' ? NARROW_HEAP : each))];
  for (const title of EXPENDABLE.toReversed()) {
    if (MACRO_COLUMNS_MIN + takenBy(columns) <= width) break;
    columns = columns.filter((column) => column.title !== title);
  }
  return columns;
}

/** Columns of all but the macro's name, and the blanks between. */
function takenBy(columns: readonly Column[]): number {
  return columns.reduce((sum, each) => sum + (each.columns ?? 0), columns.length - 1);
}

/** The line above the table. */
export function headText(columns: readonly Column[], width: number): string {
  return join(columns, width, ({ title }) => title);
}

/** One line of the table, each cell painted. */
export function rowText(
  row: Row,
  columns: readonly Column[],
  { width, now, paint }: { readonly width: number; readonly now: number; readonly paint: Painter },
): string {
  return join(
    columns,
    width,
    (column) => column.text(row, now),
    (column, text) => {
      const style = column.style?.(row) ?? null;
      return style === null ? text : paint(style, text);
    },
  );
}

type Painter = (style: Style, text: string) => string;

function join(
  columns: readonly Column[],
  width: number,
  text: (column: Column) => string,
  finish: (column: Column, text: string) => string = (_column, each) => each,
): string {
  const left = Math.max(MACRO_COLUMNS_MIN, width - takenBy(columns));
  return columns
    .map((column) => finish(column, cell(text(column), column.columns ?? left, column.align)))
    .join(' ');
}

function heapText(bytes: number, most: number | null): string {
  if (most === null) return '–';
  return `${bar(bytes / most, BAR_COLUMNS)} ${formatBytes(bytes)}/${formatBytes(most)}`;
}

function rateText(perSecond: number): string {
  if (perSecond === 0) return '0';
  return perSecond < 100 ? perSecond.toFixed(1) : String(Math.round(perSecond));
}

/** Short, however old. */
export function ageText(ms: number): string {
  const DAY_MS = 86_400_000;
  if (ms >= DAY_MS) return `${Math.floor(ms / DAY_MS)}d${Math.floor((ms % DAY_MS) / 3_600_000)}h`;
  const text = formatDuration(Math.max(0, ms));
  return ms >= 3_600_000
    ? text.replace(/\d+s$/, '')
    : ms < 1000
      ? '0s'
      : ms < 60_000
        ? text.replace(/\.\d+s$/, 's')
        : text;
}
