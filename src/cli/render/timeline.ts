// Owns the timeline of a dump's commands on a terminal: a row for each command, over one time axis with the memory below.

import { short } from '../../dumps/items.ts';
import { type Line, type Piece, piece } from '../../dumps/line.ts';
import { countMark } from '../../dumps/marks.ts';
import { type Point, resample, sparkline } from '../../dumps/sparkline.ts';
import { cameBack, cameBackWords } from '../../model/came-back.ts';
import type { CrashDump } from '../../model/dump.ts';
import { formatBytes, formatDuration } from '../../model/limits.ts';

type Command = CrashDump['commands'][number];

const ROWS_MAX = 12;
const NAME_COLUMNS = 22;
const NAME_COLUMNS_NARROW = 12;
/** Below so many columns names are shorter. */
const NARROW = 60;
const CELLS_MIN = 16;
const CELLS_MAX = 100;
/** A pause this many times as long as the usual one is told. */
const GAP_FACTOR = 8;
const GAP_MS_MIN = 100;

/** The commands that came back last, over time, each where it was given; what failed is red, and has an `x` where there are no colours. */
export function timelinePart(dump: CrashDump, columns: number): Line[] {
  const { statistics, samples } = dump;
  // Answers come in any order.
  const commands = [...dump.commands].sort((a, b) => a.at - b.at);
  if (commands.length === 0) {
    const none = statistics.commands === 0 ? 'no command was given' : cameBackWords(dump);
    return [[piece(none, 'dim')]];
  }
  const names = columns < NARROW ? NAME_COLUMNS_NARROW : NAME_COLUMNS;
  const cells = Math.min(CELLS_MAX, Math.max(CELLS_MIN, columns - names - 10));
  const from = commands[0]?.at ?? 0;
  const to = Math.max(statistics.durationMs, ...commands.map(({ at }) => at), from + 1);
  const cellOf = (ms: number) =>
    Math.min(cells - 1, Math.max(0, Math.floor(((ms - from) / (to - from)) * cells)));
  const byName = [...Map.groupBy(commands, ({ name }) => name)].sort(
    (a, b) => b[1].length - a[1].length,
  );
  const memory = samples
    .filter(({ at }) => at >= from)
    .map(({ at, heapUsed }) => ({ at: at - from, value: heapUsed }));
  const most = memory.reduce((peak, { value }) => Math.max(peak, value), 1);
  return [
    ...byName
      .slice(0, ROWS_MAX)
      .map(([name, list]) => rowOf(short(name, names - 2).padEnd(names), list, cells, cellOf)),
    ...(byName.length > ROWS_MAX
      ? [[piece(`${byName.length - ROWS_MAX} more commands are not shown`, 'dim')]]
      : []),
    [piece(`${' '.repeat(names)}${axis(from, to, cells)}`, 'dim')],
    ...(memory.length > 1
      ? [
          [
            piece('heap'.padEnd(names), 'dim'),
            piece(sparkline(spread(memory, cells, to - from), most, cells), 'good'),
            piece(`  ${formatBytes(most)}`, 'dim'),
          ],
        ]
      : []),
    ...gapLines(commands, to, cameBack(dump) < statistics.commands),
    [
      piece(
        `${cameBackWords(dump)} · 1 to 9 in one cell, # for more, x for one that failed`,
        'dim',
      ),
    ],
  ];
}

/** One point a cell, so that the curve stands over the same time as the rows. */
function spread(points: readonly Point[], cells: number, ms: number): Point[] {
  return resample(points, cells, ms).flatMap((value, at) => (value === null ? [] : { at, value }));
}

function rowOf(
  label: string,
  list: readonly Command[],
  cells: number,
  cellOf: (ms: number) => number,
): Line {
  const counts = new Uint32Array(cells);
  const failed = new Uint8Array(cells);
  for (const { at, error } of list) {
    const cell = cellOf(at);
    counts[cell] = (counts[cell] ?? 0) + 1;
    if (typeof error === 'string') failed[cell] = 1;
  }
  const failures = list.filter(({ error }) => typeof error === 'string').length;
  return [
    piece(label, 'name'),
    ...Array.from(counts, (count, cell): Piece => {
      const mark = countMark(count, failed[cell] === 1);
      if (mark === null) return piece('·', 'dim');
      return piece(mark, failed[cell] ? 'bad' : 'strong');
    }),
    piece(`  ×${list.length}`, 'dim'),
    piece(failures > 0 ? ` ${failures} failed` : '', 'bad'),
  ];
}

function axis(from: number, to: number, cells: number): string {
  const start = formatDuration(from);
  const end = formatDuration(to);
  return `${start}${'─'
    .repeat(Math.max(1, cells - start.length - end.length - 2))
    .padStart(cells - start.length - end.length - 1)
    .padEnd(cells - start.length - end.length)}${end}`;
}

/** The longest pauses, where they stand out; commands without an answer may have been given in them. */
function gapLines(commands: readonly Command[], to: number, isAnyOpen: boolean): Line[] {
  const times = [...commands.map(({ at }) => at), to];
  const gaps = times.slice(1).map((at, index) => ({ index, ms: at - (times[index] ?? at) }));
  const usual = gaps.map(({ ms }) => ms).sort((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 0;
  const long = gaps
    .filter(({ ms }) => ms >= GAP_MS_MIN && ms > usual * GAP_FACTOR)
    .sort((a, b) => b.ms - a.ms)
    .slice(0, 3);
  return long.map(({ index, ms }) => {
    const before = commands[index];
    const until = index === commands.length - 1 ? 'the end' : 'the next one';
    return [
      piece(`${formatDuration(ms)} without a command${isAnyOpen ? ' that came back' : ''}`, 'warn'),
      piece(
        `, from ${short(before?.name ?? '', 40)} at ${formatDuration(before?.at ?? 0)} to ${until}`,
      ),
    ];
  });
}
