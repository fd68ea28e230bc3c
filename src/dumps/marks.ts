// Owns the marks under a curve of a dump: its commands and its garbage collections, over the same cells of time.

import type { CrashDump } from '../model/dump.ts';
import { formatBytes } from '../model/limits.ts';

/** A row of marks. */
export interface Marks {
  /** One character a cell, a blank where nothing was. */
  readonly cells: string;
  /** What they are, and how many. */
  readonly legend: string;
}

/** When a command was given (ms since the start), and whether it failed. */
interface Given {
  readonly at: number;
  readonly isFailed: boolean;
}

/** Commands over so many cells from 0 to `endMs`: how many in each; null where none is known. */
export function commandMarks(dump: CrashDump, cells: number, endMs: number): Marks | null {
  const { given, gap } = commandsOf(dump);
  if (given.length === 0) return null;
  const counts = new Uint32Array(cells);
  const failed = new Uint8Array(cells);
  for (const { at, isFailed } of given) {
    const cell = cellOf(at, cells, endMs);
    counts[cell] = (counts[cell] ?? 0) + 1;
    if (isFailed) failed[cell] = 1;
  }
  const text = Array.from(counts, (count, cell) => countMark(count, failed[cell] === 1) ?? ' ');
  return {
    cells: text.join(''),
    legend: `commands: 1 to 9 of them, # for more, x where one failed${gap}`,
  };
}

/** `3` for three, `#` for more than nine, `x` where one of them failed; null for none. */
export function countMark(count: number, isFailed: boolean): string | null {
  if (count === 0) return null;
  if (isFailed) return 'x';
  return count > 9 ? '#' : String(count);
}

/** Full garbage collections over so many cells from 0 to `endMs`; null where none was seen. */
export function collectionMarks(
  samples: CrashDump['samples'],
  cells: number,
  endMs: number,
): Marks | null {
  const row: string[] = new Array(cells).fill(' ');
  let isOwn = false;
  let freed: number | null = null;
  for (const { at, collection } of samples) {
    if (!collection) continue;
    const cell = cellOf(at, cells, endMs);
    const isByCorral = collection.by === 'corral';
    if (isByCorral) {
      isOwn = true;
      freed = collection.freed ?? null;
    }
    if (isByCorral || row[cell] === ' ') row[cell] = isByCorral ? OWN : BY_V8;
  }
  const text = row.join('');
  if (text.trim() === '') return null;
  const own = isOwn
    ? `, ${OWN} by Corral${freed === null ? '' : ` (freed ${formatBytes(freed)})`}`
    : '';
  return { cells: text, legend: `all garbage collected: ${BY_V8} by V8${own}` };
}

const BY_V8 = '▴';
const OWN = '◆';

/** The first commands are in the journal, the last are remembered as such; in a long run some in between are not known. */
function commandsOf({ journal, commands, statistics }: CrashDump): {
  readonly given: readonly Given[];
  readonly gap: string;
} {
  const first = (journal?.entries ?? [])
    .filter(({ kind }) => kind === 'command' || kind === 'slash')
    .map(({ at, error }) => ({ at, isFailed: error !== null }));
  const known = first.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
  const last = commands
    .filter(({ at }) => at > known)
    .map(({ at, error }) => ({ at, isFailed: typeof error === 'string' }));
  const given = [...first, ...last];
  const missing = statistics.commands - given.length;
  return { given, gap: missing > 0 ? `; ${missing} are not drawn` : '' };
}

function cellOf(at: number, cells: number, endMs: number): number {
  const cell = endMs > 0 ? Math.floor((at / endMs) * cells) : 0;
  return Math.min(cells - 1, Math.max(0, cell));
}
