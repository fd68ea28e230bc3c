// Owns what `corral lint` prints for people: the findings, and what they come to, of one file or of many.

import type { Finding } from '../../model/report.ts';
import { riskLevel } from '../../model/risk.ts';
import { safeText } from '../../model/safe-text.ts';
import { isFrom, LEVELS, type Linted, type LintResult } from '../lint/linted.ts';
import type { Paint, Style } from '../style.ts';
import { renderFindings } from './findings.ts';
import { wrap } from './wrap.ts';

/** How it is printed. */
export interface PrettyView {
  readonly paint: Paint;
  /** The terminal's width; null for none. */
  readonly columns: number | null;
  /** Findings below this level are counted only; null shows all. */
  readonly least: Finding['level'] | null;
}

/** From so many files with findings on, a summary by rule and by file is worth its lines. */
const MANY = 4;
const ROWS_MAX = 10;
const RISK_PARTS_MAX = 4;
const MARK: Record<Finding['level'], [Style, string]> = {
  error: ['red', '✖'],
  warning: ['yellow', '!'],
  info: ['cyan', 'i'],
};

/** Everything, with a line at the end that counts. */
export function lintPretty(result: LintResult, view: PrettyView): string {
  const { linted } = result;
  // Why nothing could be read has been said.
  if (linted.length === 0) return '';
  const explained = new Set<string>();
  const blocks = linted.flatMap(({ source, report, told }) => {
    const findings = told.filter(({ level }) => view.least === null || isFrom(level, view.least));
    if (findings.length === 0) return [];
    const areNotesBrief = linted.length > 1;
    const shown = { ...view, explained, areNotesBrief };
    return [renderFindings(source.text, { ...report, findings }, shown)];
  });
  const overview = view.least === null ? overviewOf(linted, view) : [];
  const tail = [...overview, ...linted.flatMap((each) => guardLine(each, view)), sum(result, view)];
  return `${joinBlocks(blocks)}${blocks.length > 0 ? '\n' : ''}${tail.join('\n')}\n`;
}

/** With an empty line between, but for notes that follow each other. */
function joinBlocks(blocks: readonly string[]): string {
  const isNote = (block: string | undefined) => block !== undefined && !block.includes('\n  ');
  return blocks
    .map((block, at) =>
      at > 0 && !(isNote(block) && isNote(blocks[at - 1])) ? `\n${block}` : block,
    )
    .join('');
}

function guardLine({ source, guard }: Linted, { paint, columns }: PrettyView): string[] {
  if (!guard) return [];
  const width = columns ?? Number.POSITIVE_INFINITY;
  const about = `at ${guard.level}: ${safeText(source.file)}`;
  if (guard.verdict === 'refuse') {
    const [first = '', ...others] = wrap(`${about}, ${safeText(guard.why ?? '')}`, width - 8);
    return [`${paint('red', 'refused')} ${first}`, ...others.map((line) => `        ${line}`)];
  }
  const how = guard.verdict === 'admit' ? 'runs beside others' : 'runs alone in its process';
  return [`${paint('green', 'admitted')} ${about}, ${how}`];
}

type Counts = Record<Finding['level'], number>;

function countLevels(findings: readonly Finding[]): Counts {
  const counts: Counts = { info: 0, warning: 0, error: 0 };
  for (const { level } of findings) counts[level] += 1;
  return counts;
}

function overviewOf(linted: readonly Linted[], { paint }: PrettyView): string[] {
  const isSerious = ({ level }: Finding) => level !== 'info';
  const withFindings = linted.filter(({ told }) => told.some(isSerious));
  // Notes alone are no reason to look for where it is worst.
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
    ...(more > 0 ? [paint('dim', `  and ${more} more`)] : []),
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

function sum({ linted, unread }: LintResult, { paint, columns }: PrettyView): string {
  const counts = countLevels(linted.flatMap(({ told }) => told));
  const suppressed = linted.reduce((total, each) => total + each.suppressed.length, 0);
  const text = [
    count(linted.length, 'file'),
    count(counts.error, 'error'),
    count(counts.warning, 'warning'),
    `${counts.info} info`,
    ...(suppressed > 0 ? [`${suppressed} silenced by comments`] : []),
    ...(unread.length > 0 ? [`${unread.length} not read`] : []),
  ].join(', ');
  const [only] = linted;
  const verdict = only && linted.length === 1 ? verdictText(only) : '';
  const hasRoom = columns === null || text.length + verdict.length + 5 <= columns;
  const between = verdict === '' ? '' : hasRoom ? ' · ' : '\n  ';
  const parts = only && linted.length === 1 ? riskLines(only, paint, columns) : [];
  return [`${mark(counts, unread.length, paint)} ${text}${between}${verdict}`, ...parts].join('\n');
}

/** What the risk is made of, where it is more than one thing. */
function riskLines({ riskParts }: Linted, paint: Paint, columns: number | null): string[] {
  const parts = riskParts
    .slice(0, RISK_PARTS_MAX)
    .map(({ what, adds }) => `${safeText(what)} ${adds}`);
  if (parts.length < 2) return [];
  const more = riskParts.length - parts.length;
  const text = `risk is ${[...parts, ...(more > 0 ? [`${more} smaller`] : [])].join(' · ')}`;
  return wrap(text, (columns ?? Number.POSITIVE_INFINITY) - 2).map(
    (line) => `  ${paint('dim', line)}`,
  );
}

function verdictText({ report, guard }: Linted): string {
  const { risk } = report;
  return `verdict ${guard?.verdict ?? report.verdict} · risk ${risk} ${riskLevel(risk)}`;
}

function mark(counts: Counts, unread: number, paint: Paint): string {
  if (counts.error > 0 || unread > 0) return paint('red', '✖');
  return counts.warning > 0 ? paint('yellow', '!') : paint('green', '✔');
}

function count(many: number, what: string): string {
  return `${many} ${what}${many === 1 ? '' : 's'}`;
}
