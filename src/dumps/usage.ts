// Owns what a dump says about memory, CPU and limits, in a line or two each.

import type { CrashDump } from '../model/dump.ts';
import {
  formatBytes,
  formatDuration,
  formatLimit,
  LIMIT_UNITS,
  type LimitName,
} from '../model/limits.ts';
import { short } from './items.ts';
import { type Line, type Piece, piece } from './line.ts';
import { collectionMarks, commandMarks } from './marks.ts';
import { sparkline, toBusyness } from './sparkline.ts';

const MEMORY_CELLS = 30;
const CPU_CELLS = 20;
/** A silence of the sampler longer than this before the end is told (ms). */
const SILENCE_MS = 250;

/** A limit in force as people read it, '?' where a dump has none of that name. */
export function limitText({ limits }: CrashDump, name: LimitName): string {
  const limit = limits[name];
  return limit ? formatLimit(name, limit.value) : '?';
}

/** A measured value and its limit in words, also of a limit this Corral does not know. */
export function limitWords({
  name,
  value,
  measured,
  setBy,
}: NonNullable<CrashDump['limit']>): string {
  if (!Object.hasOwn(LIMIT_UNITS, name))
    return `${short(name, 30)}: ${measured}, the limit is ${value}`;
  const limit = name as LimitName;
  const by = setBy === 'header' ? "the macro's own header" : `the ${short(setBy, 30)}`;
  return `${formatLimit(limit, measured)}, the ${name} limit is ${formatLimit(limit, value)} (set by ${by})`;
}

/**
 * What it held, from the first sample to the end.
 * @param isMarked with its commands and garbage collections below the curve
 */
export function memoryLines(dump: CrashDump, isMarked: boolean): Line[] {
  const { samples, statistics, limit } = dump;
  const points = samples.map(({ at: ms, heapUsed, external }) => ({
    at: ms,
    value: heapUsed + external,
  }));
  const first = points[0];
  const last = points.at(-1);
  const passed = limit?.name === 'heap' ? limit : null;
  const allowed = dump.limits.heap?.value ?? 0;
  const parts = [piece('limit '), piece(limitText(dump, 'heap'), passed ? 'bad' : null)];
  const tell = (text: string) => parts.push(piece(` · ${text}`));
  if (first && last) {
    tell(`first ${formatBytes(first.value)}`);
    if (statistics.peakHeap > last.value) tell(`most ${formatBytes(statistics.peakHeap)}`);
    tell(`last ${formatBytes(last.value)}`);
  } else tell('no sample could be taken');
  if (passed) tell(`${formatBytes(passed.measured)} when stopped`);
  const top = Math.max(allowed, statistics.peakHeap);
  const chart = sparkline(points, top, MEMORY_CELLS);
  const rest: Piece[] = [];
  if (chart)
    rest.push(piece(chart, passed ? 'bad' : 'good'), piece(`  of ${formatBytes(top)}`, 'dim'));
  const silence = statistics.durationMs - (last?.at ?? 0);
  if (last && silence > SILENCE_MS)
    rest.push(piece(`${chart ? ', ' : ''}no sample in the last ${formatDuration(silence)}`, 'dim'));
  if (statistics.peakRss > 0)
    rest.push(
      piece(
        `${rest.length > 0 ? ' · ' : ''}process up to ${formatBytes(statistics.peakRss)}`,
        'dim',
      ),
    );
  const marks = isMarked && chart ? markLines(dump, chart.length) : [];
  return rest.length > 0 ? [parts, rest, ...marks] : [parts];
}

/** Under a curve of so many cells, which ends at the last sample. */
function markLines(dump: CrashDump, cells: number): Line[] {
  const endMs = dump.samples.at(-1)?.at ?? 0;
  const rows = [
    collectionMarks(dump.samples, cells, endMs),
    dump.statistics.commands > 0 ? commandMarks(dump, cells, endMs) : null,
  ];
  return rows.flatMap((row) =>
    row ? [[piece(row.cells, 'strong'), piece(`  ${row.legend}`, 'dim')]] : [],
  );
}

/** The CPU it used. */
export function cpuLine(dump: CrashDump): Line {
  const { cpuMs, durationMs } = dump.statistics;
  const isPassed = dump.limit?.name === 'cpu' || dump.limit?.name === 'burst';
  if (cpuMs === 0 && dump.samples.length === 0)
    return [piece(`limit ${limitText(dump, 'cpu')} · could not be measured`)];
  const share = durationMs > 0 ? Math.min(100, Math.round((cpuMs / durationMs) * 100)) : 0;
  const chart = sparkline(toBusyness(dump.samples), 1, CPU_CELLS);
  const all = limitText(dump, 'cpu');
  const isBurst = dump.limit?.name === 'burst';
  const allowed = isBurst ? `${limitText(dump, 'burst')} between two awaits, ${all} in all` : all;
  return [
    piece('limit '),
    piece(allowed, isPassed ? 'bad' : null),
    piece(` · ${formatDuration(cpuMs)} used, busy ${share}%`),
    ...(chart ? [piece('  '), piece(chart, isPassed ? 'bad' : 'good')] : []),
  ];
}
