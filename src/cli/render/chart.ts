// Owns the charts of a dump's samples on a terminal: memory against its limit, the process, and CPU, over one time axis.

import { type Line, type Piece, piece } from '../../dumps/line.ts';
import { collectionMarks, commandMarks, type Marks } from '../../dumps/marks.ts';
import { type Point, resample, toBusyness } from '../../dumps/sparkline.ts';
import type { CrashDump } from '../../model/dump.ts';
import { formatBytes, formatDuration } from '../../model/limits.ts';

const BLOCKS = ' ▁▂▃▄▅▆▇█';
/** Left of the axis. */
const LABEL_COLUMNS = 9;
const CELLS_MIN = 20;
const CELLS_MAX = 110;
/** A limit more than so many times as high as the curve is named, not drawn: the curve would be flat. */
const LIMIT_FAR = 4;

/** One curve and how it is drawn. */
interface Chart {
  readonly title: string;
  readonly note: string;
  readonly rows: number;
  /** Drawn from the bottom up, one on top of the other. */
  readonly layers: readonly { readonly points: readonly Point[]; readonly role: Piece['role'] }[];
  /** A line across, where it lies within the chart. */
  readonly limit: number | null;
  readonly top: number;
  readonly format: (value: number) => string;
  /** Rows below the axis, by their label. */
  readonly marks?: (cells: number, endMs: number) => readonly (readonly [string, Marks | null])[];
}

/** The charts of a dump, at most so many columns wide. */
export function sampleCharts(dump: CrashDump, columns: number): Line[] {
  const { samples, statistics } = dump;
  if (samples.length === 0) {
    const ran = formatDuration(statistics.durationMs);
    return [[piece(`no sample could be taken in the ${ran} it ran`, 'dim')]];
  }
  const cells = Math.min(CELLS_MAX, Math.max(CELLS_MIN, columns - LABEL_COLUMNS - 2));
  const endMs = Math.max(statistics.durationMs, samples.at(-1)?.at ?? 0);
  const charts = [memoryChart(dump), processChart(dump), cpuChart(dump)];
  return charts.flatMap((chart) => [...chartLines(chart, cells, endMs), []]).slice(0, -1);
}

function memoryChart(dump: CrashDump): Chart {
  const { samples, statistics, limits, limit } = dump;
  const heap = samples.map(({ at, heapUsed }) => ({ at, value: heapUsed }));
  const external = samples.map((sample) => ({ at: sample.at, value: sample.external }));
  const peak = Math.max(statistics.peakHeap, highest(heap), 1);
  const allowed = limits.heap?.value ?? 0;
  const isFar = allowed > peak * LIMIT_FAR;
  const stopped =
    limit?.name === 'heap' ? `, ${formatBytes(limit.measured)} when it was stopped` : '';
  const top = isFar ? peak : Math.max(peak, allowed) * 1.05;
  const hasBuffers = highest(external) > top / 16;
  return {
    title: 'heap and buffers',
    note: `limit ${formatBytes(allowed)}${isFar ? ', far above' : ''}${stopped}${hasBuffers ? ' · buffers ▒' : ''}`,
    rows: 8,
    layers: [
      { points: heap, role: 'good' },
      { points: external, role: 'warn' },
    ],
    limit: isFar || allowed === 0 ? null : allowed,
    top,
    format: formatBytes,
    marks: (cells, endMs) => [
      ['commands', commandMarks(dump, cells, endMs)],
      ['GC', collectionMarks(samples, cells, endMs)],
    ],
  };
}

function processChart({ samples, statistics }: CrashDump): Chart {
  const points = samples.map(({ at, rss }) => ({ at, value: rss }));
  return {
    title: 'memory of its process',
    note: `${formatBytes(statistics.peakRss)} at most`,
    rows: 4,
    layers: [{ points, role: 'name' }],
    limit: null,
    top: Math.max(statistics.peakRss, highest(points), 1),
    format: formatBytes,
  };
}

function cpuChart({ samples, statistics, limits }: CrashDump): Chart {
  const allowed = limits.cpu ? `, limit ${formatDuration(limits.cpu.value)}` : '';
  return {
    title: 'CPU',
    note: `${formatDuration(statistics.cpuMs)} used${allowed} · 100% is one core`,
    rows: 4,
    layers: [{ points: toBusyness(samples), role: 'name' }],
    limit: null,
    top: 1,
    format: (value) => `${Math.round(value * 100)}%`,
  };
}

/** Samples may be very many in a dump from elsewhere, too many for the arguments of one call. */
function highest(points: readonly Point[]): number {
  return points.reduce((most, { value }) => Math.max(most, value), 0);
}

function chartLines(chart: Chart, cells: number, endMs: number): Line[] {
  const layers = chart.layers.map(({ points }) => resample(points, cells, endMs));
  const limitRow =
    chart.limit === null
      ? null
      : Math.min(chart.rows - 1, Math.floor((chart.limit / chart.top) * chart.rows));
  const lines: Line[] = [[piece(chart.title, 'strong'), piece(`  ${chart.note}`, 'dim')]];
  for (let row = chart.rows - 1; row >= 0; row--) {
    const isLimit = row === limitRow;
    lines.push([
      axisLabel(chart, row, limitRow),
      piece(isLimit ? '┤' : '│', 'dim'),
      ...merged(
        Array.from({ length: cells }, (_, cell) => {
          const drawn = drawCell(chart, layers, row, cell);
          return drawn.text === ' ' && isLimit ? piece('┄', 'bad') : drawn;
        }),
      ),
    ]);
  }
  lines.push([piece(`${' '.repeat(LABEL_COLUMNS)}└${'─'.repeat(cells)}`, 'dim')]);
  const marks = (chart.marks?.(cells, endMs) ?? []).flatMap(([label, row]) =>
    row ? [{ label, ...row }] : [],
  );
  for (const { label, cells: row } of marks)
    lines.push([piece(`${label.padStart(LABEL_COLUMNS - 1)}  `, 'dim'), piece(row, 'strong')]);
  lines.push([piece(timeLabels(cells, endMs), 'dim')]);
  for (const { legend } of marks)
    lines.push([piece(`${' '.repeat(LABEL_COLUMNS + 1)}${legend}`, 'dim')]);
  return lines;
}

function axisLabel(chart: Chart, row: number, limitRow: number | null): Piece {
  const label = (text: string, role: Piece['role']) =>
    piece(`${text.padStart(LABEL_COLUMNS - 1)} `, role);
  if (row === limitRow && chart.limit !== null) return label(chart.format(chart.limit), 'bad');
  if (row === chart.rows - 1 && limitRow === null) return label(chart.format(chart.top), 'dim');
  if (row === 0) return label(chart.format(0), 'dim');
  return label('', null);
}

/** What stands in one cell: the curves together, in the colour of the one that fills most of it. */
function drawCell(
  chart: Chart,
  layers: readonly (readonly (number | null)[])[],
  row: number,
  cell: number,
): Piece {
  let sum = 0;
  let filled = 0;
  let owner = { index: 0, share: 0 };
  for (const [index, values] of layers.entries()) {
    sum += Math.max(0, values[cell] ?? 0);
    const share = eighths(chart, sum, row) - filled;
    filled += share;
    if (share > owner.share) owner = { index, share };
  }
  if (filled === 0) return piece(' ');
  // Without colours too, what lies on top must be told apart.
  const text = owner.index > 0 && filled === 8 ? '▒' : (BLOCKS[filled] ?? ' ');
  return piece(text, chart.layers[owner.index]?.role ?? null);
}

/** How much of a row a value fills, 0 to 8. Whatever is above nothing at all shows in the lowest row. */
function eighths(chart: Chart, value: number, row: number): number {
  const all = Math.round((value / chart.top) * chart.rows * 8);
  return Math.min(8, Math.max(value > 0 && row === 0 ? 1 : 0, all - row * 8));
}

/** Neighbours of one colour become one piece: fewer escape sequences. */
function merged(cells: readonly Piece[]): Piece[] {
  const pieces: Piece[] = [];
  for (const { text, role } of cells) {
    const last = pieces.at(-1);
    if (last?.role === role) pieces[pieces.length - 1] = piece(last.text + text, role);
    else pieces.push(piece(text, role));
  }
  return pieces;
}

function timeLabels(cells: number, endMs: number): string {
  const middle = formatDuration(endMs / 2);
  const end = formatDuration(endMs);
  const left = `${' '.repeat(LABEL_COLUMNS + 1)}0`.padEnd(
    LABEL_COLUMNS + 1 + Math.round(cells / 2 - middle.length / 2),
  );
  return `${left}${middle}`.padEnd(LABEL_COLUMNS + 1 + cells - end.length) + end;
}
