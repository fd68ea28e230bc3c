// Owns what `corral lint` prints for people: the findings, and what they come to, of one file or of many.

import type { Finding } from '../../model/report.ts';
import { riskLevel } from '../../model/risk.ts';
import { formatCount } from '../../model/units.ts';
import { isFrom, type Linted, type LintResult } from '../lint/linted.ts';
import type { Paint } from '../style.ts';
import { renderFindings } from './findings.ts';
import { guardLines } from './guard-lines.ts';
import { type Counts, countLevels, overviewOf } from './lint-overview.ts';
import { renderNotes } from './notes.ts';
import { renderRisks } from './risk-parts.ts';

/** How it is printed. */
export interface PrettyView {
  readonly paint: Paint;
  /** The terminal's width; null for none. */
  readonly columns: number | null;
  /** Findings below this level are counted only; null shows all. */
  readonly least: Finding['level'] | null;
  /** True says of each file what adds to its risk. Default false. */
  readonly explainsRisk?: boolean;
}

/** Everything, with a line at the end that counts. */
export function lintPretty(result: LintResult, view: PrettyView): string {
  const { linted } = result;
  const { paint, least, explainsRisk = false } = view;
  // Why nothing could be read has been said.
  if (linted.length === 0) return '';
  const columns = view.columns ?? Number.POSITIVE_INFINITY;
  const isShown = ({ level }: Finding) => least === null || isFrom(level, least);
  const blocks = [
    ...findingBlocks(linted, isShown, view),
    explainsRisk ? renderRisks(linted, paint).join('\n') : '',
    [
      ...(least === null ? overviewOf(linted, paint) : []),
      ...guardLines(linted, { paint, columns, explainsRisk, isShown }),
      sum(result, view),
    ].join('\n'),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

/** One file's findings in its order; of many the notes come last and short. */
function findingBlocks(
  linted: readonly Linted[],
  isShown: (finding: Finding) => boolean,
  view: PrettyView,
): string[] {
  const explained = new Set<string>();
  const isNote = ({ level }: Finding) => linted.length > 1 && level === 'info';
  const blocks = linted.map(({ source, report, told }) => {
    const findings = told.filter((each) => isShown(each) && !isNote(each));
    return renderFindings(source.text, { ...report, findings }, { ...view, explained }).trimEnd();
  });
  const notes = linted.map(({ source, told }) => ({
    file: source.file,
    notes: told.filter((each) => isShown(each) && isNote(each)),
  }));
  const columns = view.columns ?? Number.POSITIVE_INFINITY;
  return [...blocks, renderNotes(notes, { ...view, columns }).join('\n')];
}

function sum({ linted, unread }: LintResult, { paint, columns }: PrettyView): string {
  const counts = countLevels(linted.flatMap(({ told }) => told));
  const suppressed = linted.reduce((total, each) => total + each.suppressed.length, 0);
  const text = [
    count(linted.length, 'file'),
    count(counts.error, 'error'),
    count(counts.warning, 'warning'),
    `${formatCount(counts.info)} info`,
    ...(suppressed > 0 ? [`${suppressed} silenced by comments`] : []),
    ...(unread.length > 0 ? [`${unread.length} not read`] : []),
  ].join(', ');
  const [only] = linted;
  const verdict = only && linted.length === 1 ? verdictText(only) : '';
  const hasRoom = columns === null || text.length + verdict.length + 5 <= columns;
  const between = verdict === '' ? '' : hasRoom ? ' · ' : '\n  ';
  return `${mark(counts, unread.length, paint)} ${text}${between}${verdict}`;
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
  return `${formatCount(many)} ${what}${many === 1 ? '' : 's'}`;
}
