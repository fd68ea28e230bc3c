// Owns the summary of a lint of many files: what is found most, and where it is worst.

import type { Finding } from '../../model/report.ts';
import { safeText } from '../../model/safe-text.ts';
import { formatCount } from '../../model/units.ts';
import { LEVELS, type Linted } from '../lint/linted.ts';
import type { Paint, Style } from '../style.ts';

/** How many findings of each level. */
export type Counts = Record<Finding['level'], number>;

/** From so many files with warnings or errors on, a summary is worth its lines. */
const MANY = 4;
const ROWS_MAX = 10;
const MARK: Record<Finding['level'], [Style, string]> = {
  error: ['red', '✖'],
  warning: ['yellow', '!'],
  info: ['cyan', 'i'],
};

/** Counts findings by their levels. */
export function countLevels(findings: readonly Finding[]): Counts {
  const counts: Counts = { info: 0, warning: 0, error: 0 };
  for (const { level } of findings) counts[level] += 1;
  return counts;
}

/** The lines of the summary; none for few files. */
export function overviewOf(linted: readonly Linted[], paint: Paint): string[] {
  const isSerious = ({ level }: Finding) => level !== 'info';
  // Notes alone are no reason to look for where it is worst.
  const withFindings = linted.filter(({ told }) => told.some(isSerious));
  if (withFindings.length < MANY) return [];
  const rules = Map.groupBy(
    withFindings.flatMap(({ told }) => told),
    ({ rule }) => rule,
  );
  const byRule = [...rules].map(([name, findings]) => ({ name, counts: countLevels(findings) }));
  const byFile = withFindings.map(({ source, told }) => ({
    name: source.file,
    counts: countLevels(told),
  }));
  return [
    ...table('By rule', byRule, paint),
    '',
    ...table('Files with the most', byFile, paint),
    '',
  ];
}

interface Row {
  readonly name: string;
  readonly counts: Counts;
}

function table(title: string, rows: readonly Row[], paint: Paint): string[] {
  const sorted = [...rows].sort(worstFirst);
  const shown = sorted.slice(0, ROWS_MAX);
  const more = sorted.length - shown.length;
  return [
    paint('bold', title),
    ...shown.map(({ name, counts }) => `  ${cells(counts, paint)}  ${safeText(name)}`),
    ...(more > 0 ? [paint('dim', `  and ${formatCount(more)} more`)] : []),
  ];
}

function worstFirst(a: Row, b: Row): number {
  for (const level of LEVELS.toReversed()) {
    const difference = b.counts[level] - a.counts[level];
    if (difference !== 0) return difference;
  }
  return a.name < b.name ? -1 : 1;
}

function cells(counts: Counts, paint: Paint): string {
  return LEVELS.toReversed()
    .map((level) => {
      const [style, mark] = MARK[level];
      return counts[level] === 0
        ? '      '
        : paint(style, `${String(counts[level]).padStart(4)} ${mark}`);
    })
    .join('');
}
