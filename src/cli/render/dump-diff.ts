// Owns how two crash dumps look side by side on a terminal.

import type { Changed, Compared, Comparison } from '../../dumps/compare.ts';
import { short } from '../../dumps/items.ts';
import { cutLine, type Line, type Piece, piece } from '../../dumps/line.ts';
import { sparkline } from '../../dumps/sparkline.ts';
import type { CrashDump } from '../../model/dump.ts';
import { formatBytes, formatDuration } from '../../model/limits.ts';

const NAME_COLUMNS = 14;
const VALUE_COLUMNS = 14;
const VALUE_COLUMNS_MIN = 7;
/** What a row of figures has beside its name and its two values. */
const ROW_COLUMNS = 10;
const SOURCE_LINES_MAX = 60;
const TEXT_CHARS = 60;
/** A change smaller than this share is within what two runs of the same macro differ by. */
const CHANGE_MIN = 0.05;

/** The comparison, the older dump on the left. Of source that is wider than `widest` the end is cut. */
export function diffLines(
  comparison: Comparison,
  dumps: readonly [CrashDump, CrashDump],
  columns: number,
  widest = Number.POSITIVE_INFINITY,
): Line[] {
  const values = Math.max(
    VALUE_COLUMNS_MIN,
    Math.min(VALUE_COLUMNS, Math.floor((widest - NAME_COLUMNS - ROW_COLUMNS) / 2)),
  );
  const compared = (each: Compared) => comparedLine(each, values);
  const [a, b] = [...dumps].sort((x, y) => x.endedAt.localeCompare(y.endedAt)) as [
    CrashDump,
    CrashDump,
  ];
  return [
    ...headLines(comparison, a, b),
    ...part('used', comparison.statistics.map(compared)),
    ...part('heap', heapLines(a, b, columns)),
    ...part('commands', comparison.commands.map(compared)),
    ...part('limits', comparison.limits.map(changedLine)),
    ...part('variables', comparison.variables.map(changedLine)),
    ...part(
      'source',
      sourceLines(comparison.source).map((line) => cutLine(line, widest)),
    ),
  ];
}

function headLines(
  { isSameMacro, isSameTrouble, before, after }: Comparison,
  a: CrashDump,
  b: CrashDump,
): Line[] {
  const ended = (
    dump: CrashDump,
    { code, functionName }: Comparison['before'],
    label: string,
  ): Line[] => [
    [
      piece(label.padEnd(8), 'dim'),
      piece(short(dump.reason, 60), dump.status === 'killed' ? 'bad' : 'strong'),
      piece(`  ${short(dump.message, 160)}`),
    ],
    [
      piece(' '.repeat(8)),
      piece(dump.place ? `line ${dump.place.line}` : 'no line is known', 'strong'),
      piece(functionName && functionName !== '(macro)' ? ` in ${short(functionName, 40)}` : ''),
      piece(code ? `: ${short(code, TEXT_CHARS)}` : ''),
    ],
    [
      piece(
        `${' '.repeat(8)}${short(dump.endedAt, 30)}  ${short(dump.runId, 40)}  ${short(dump.macro.file, 60)}`,
        'dim',
      ),
    ],
  ];
  const verdict: Line = !isSameMacro
    ? [
        piece(
          `two different macros: ${short(a.macro.name, 40)} and ${short(b.macro.name, 40)}`,
          'warn',
        ),
      ]
    : isSameTrouble
      ? [piece('the same trouble: the same reason at the same code', 'strong')]
      : [piece('not the same trouble: the reason or the code at the end differs', 'strong')];
  return [verdict, [], ...ended(a, before, 'before'), ...ended(b, after, 'after')];
}

function part(title: string, lines: readonly Line[]): Line[] {
  return lines.length === 0 ? [] : [[], [piece(title, 'strong')], ...lines];
}

const WORDS: Record<string, string> = {
  durationMs: 'time',
  cpuMs: 'CPU',
  peakHeap: 'heap',
  peakRss: 'process',
  commands: 'commands',
  logLines: 'log lines',
  outputBytes: 'output',
};

function comparedLine({ name, unit, before, after }: Compared, columns: number): Line {
  const show = (value: number) =>
    unit === 'ms' ? formatDuration(value) : unit === 'bytes' ? formatBytes(value) : String(value);
  return [
    piece(`  ${short(WORDS[name] ?? name, 30).padEnd(NAME_COLUMNS)}`, 'name'),
    piece(show(before).padStart(columns)),
    piece(' → ', 'dim'),
    piece(show(after).padEnd(columns)),
    changePiece(before, after),
  ];
}

function changePiece(before: number, after: number): Piece {
  if (before === after) return piece('same', 'dim');
  if (before === 0) return piece('new', 'warn');
  const share = (after - before) / before;
  const percent = `${share > 0 ? '+' : '−'}${Math.abs(Math.round(share * 100))}%`;
  if (Math.abs(share) < CHANGE_MIN) return piece(percent, 'dim');
  return piece(percent, share > 0 ? 'bad' : 'good');
}

function changedLine({ name, before, after }: Changed): Line {
  const show = (value: string | null) =>
    value === null ? piece('—', 'dim') : piece(short(value, TEXT_CHARS));
  return [
    piece(`  ${short(name, 30).padEnd(NAME_COLUMNS)} `, 'name'),
    show(before),
    piece(' → ', 'dim'),
    show(after),
  ];
}

/** Both curves on one scale of memory, each over its own time. */
function heapLines(a: CrashDump, b: CrashDump, columns: number): Line[] {
  const points = [a, b].map(({ samples }) =>
    samples.map(({ at, heapUsed }) => ({ at, value: heapUsed })),
  );
  if (points.some((list) => list.length < 2)) return [];
  const most = Math.max(...points.flat().map(({ value }) => value), 1);
  const cells = Math.min(80, Math.max(20, columns - 24));
  return points.map((list, index) => [
    piece(`  ${index === 0 ? 'before' : 'after '}  `, 'dim'),
    piece(sparkline(list, most, cells), 'good'),
    piece(`  ${formatBytes(list.reduce((peak, { value }) => Math.max(peak, value), 0))}`, 'dim'),
  ]);
}

const DIFF_ROLE: Record<string, Piece['role']> = {
  '+': 'good',
  '-': 'bad',
  '@': 'dim',
  '!': 'warn',
};

function sourceLines(lines: readonly string[]): Line[] {
  if (lines.length === 0) return [[piece('  the same', 'dim')]];
  const shown = lines
    .slice(0, SOURCE_LINES_MAX)
    .map(
      (text): Line => [
        piece('  '),
        piece(short(text.replaceAll('\t', '  '), 160), DIFF_ROLE[text[0] ?? ''] ?? null),
      ],
    );
  const more = lines.length - shown.length;
  return more > 0 ? [...shown, [piece(`  … ${more} more lines`, 'dim')]] : shown;
}
