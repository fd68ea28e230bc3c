// Owns the tables of a dump's profiles: the lines that took the CPU, the functions that hold the memory.

import { short } from '../../dumps/items.ts';
import { cutLine, type Line, piece } from '../../dumps/line.ts';
import type { CrashDump } from '../../model/dump.ts';
import { formatBytes } from '../../model/limits.ts';

const BAR = 20;
const BAR_NARROW = 5;
/** Below so many columns the bars are short, so that what they stand for is seen. */
const NARROW = 80;
const CODE_CHARS = 70;

/** Where CPU and memory went; what was not noted is said. Of code that is too wide the end is cut. */
export function profilePart(
  { hotLines = [], allocationSites = [], source }: CrashDump,
  widest = Number.POSITIVE_INFINITY,
): Line[] {
  const cells = widest < NARROW ? BAR_NARROW : BAR;
  const cut = (line: Line) => cutLine(line, widest);
  const lines = source.split(/\r\n|[\n\r\u2028\u2029]/);
  const code = (line: number) =>
    piece(`  ${short((lines[line - 1] ?? '').trim(), CODE_CHARS)}`, 'dim');
  const cpu = hotLines.map(
    ({ line, share, functionName }): Line => [
      ...bar(share, cells),
      piece(`  line ${line}`.padEnd(13)),
      piece(short(functionName, 24).padEnd(16), 'name'),
      code(line),
    ],
  );
  const memory = allocationSites.map(
    ({ line, share, bytes, functionName }): Line => [
      ...bar(share, cells),
      piece(`  ${`~${formatBytes(bytes)}`.padStart(9)}  line ${line}`.padEnd(24)),
      piece(short(functionName, 24).padEnd(16), 'name'),
      code(line),
    ],
  );
  return [
    ...titled('CPU, by line', cpu.map(cut), 'it was not watched closely: it had used too little'),
    [],
    ...titled(
      'memory still held, estimated from samples, by the function that allocated it (the line it begins at)',
      memory.map(cut),
      'its allocations were not noted: it held too little',
    ),
  ];
}

function bar(share: number, columns: number): Line {
  const cells = Math.max(1, Math.round(Math.min(1, share) * columns));
  const percent = `${Math.round(share * 100)}%`.padStart(5);
  return [piece(percent), piece(' '), piece('█'.repeat(cells).padEnd(columns), 'warn')];
}

function titled(title: string, rows: readonly Line[], none: string): Line[] {
  return [[piece(title, 'strong')], ...(rows.length > 0 ? rows : [[piece(none, 'dim')]])];
}
