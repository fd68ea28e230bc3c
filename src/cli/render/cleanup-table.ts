// Owns how `corral cleanup` shows what would go, or went.

import { formatBytes } from '../../model/limits.ts';
import { safeText } from '../../model/safe-text.ts';
import type { Paint } from '../style.ts';

/** One thing, and what came of it. */
export interface CleanupRow {
  readonly kind: string;
  readonly what: string;
  readonly why: string;
  readonly bytes: number;
  /** False also when nothing was to be removed. */
  readonly removed: boolean;
  /** What kept it from being removed; null when nothing did. */
  readonly problem: string | null;
}

/** The table, and its sum. */
export function renderCleanup(
  rows: readonly CleanupRow[],
  { isDryRun, paint }: { readonly isDryRun: boolean; readonly paint: Paint },
): string {
  if (rows.length === 0) return 'Nothing was left behind.\n';
  const sizes = rows.map(({ bytes }) => formatBytes(bytes));
  const width = Math.max(...sizes.map((size) => size.length));
  const lines = rows.map(({ kind, what, why, removed, problem }, index) => {
    const size = (sizes[index] ?? '').padStart(width);
    const said = problem === null ? why : paint('red', `cannot be removed: ${safeText(problem)}`);
    const mark = isDryRun ? ' ' : removed ? paint('green', '✔') : paint('red', '✖');
    return `${mark} ${kind.padEnd(6)} ${size}  ${safeText(what)}  ${paint('dim', said)}`;
  });
  return `${lines.join('\n')}\n\n${sumText(rows, isDryRun)}\n`;
}

function sumText(rows: readonly CleanupRow[], isDryRun: boolean): string {
  const gone = isDryRun ? rows : rows.filter(({ removed }) => removed);
  const isProcess = ({ kind }: CleanupRow) => kind === 'worker';
  const disk = gone.filter((row) => !isProcess(row)).reduce((sum, { bytes }) => sum + bytes, 0);
  const memory = gone.filter(isProcess).reduce((sum, { bytes }) => sum + bytes, 0);
  const sizes = [
    `${formatBytes(disk)} of disk`,
    ...(memory > 0 ? [`${formatBytes(memory)} of memory`] : []),
  ].join(', ');
  const count = `${gone.length} ${gone.length === 1 ? 'thing' : 'things'}`;
  return isDryRun
    ? `${count}, ${sizes}. Nothing was removed: corral cleanup --yes does it.`
    : `${count} removed, ${sizes}.`;
}
