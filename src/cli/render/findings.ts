// Owns how findings look on a terminal: level, rule, place, message, the lines with carets, why it matters, how to mend it.

import { RULES } from '../../analysis/rules/rules.ts';
import { codeFrame } from '../../model/code-frame.ts';
import type { Finding, Report } from '../../model/report.ts';
import { safeText } from '../../model/safe-text.ts';
import type { Paint, Style } from '../style.ts';
import { SourceLines } from './source-lines.ts';
import { wrap } from './wrap.ts';

const LEVEL_STYLE: Record<Finding['level'], Style> = {
  info: 'cyan',
  warning: 'yellow',
  error: 'red',
};

/** The longest source line shown, and the widest prose on a terminal (columns). */
const COLUMNS_MAX = 120;
/** What stands around a source line: its gutter but for the number, and two signs for what is left out at its ends. */
const GUTTER = 9;
const RULES_BY_ID = new Map(RULES.map((rule) => [rule.id, rule]));
const PATTERN = 'pattern:';
/** More related places than this are only listed. */
const RELATED_MAX = 6;
/** What a related place says that has nothing to add. */
const AGAIN = 'here too';

/** How findings are shown. */
export interface FindingsView {
  readonly paint: Paint;
  /** How wide the terminal is; null, for no terminal, breaks no prose. */
  readonly columns?: number | null;
  /** Rules whose reason was told already; those told now are added. Without it no reason is told. */
  readonly explained?: Set<string>;
}

/** Renders a report's findings, each with its source; '' when there are none. */
export function renderFindings(
  source: string,
  report: Pick<Report, 'file' | 'findings'>,
  view: FindingsView,
): string {
  const lines = new SourceLines(source);
  return report.findings
    .map((finding, at) => {
      const before = report.findings[at - 1] ?? null;
      return `${renderFinding({ lines, file: report.file, before }, finding, view)}\n`;
    })
    .join('\n');
}

/** Where a finding stands. */
interface Setting {
  readonly lines: SourceLines;
  readonly file: string;
  /** The finding shown before it. */
  readonly before: Finding | null;
}

function renderFinding(setting: Setting, finding: Finding, view: FindingsView): string {
  const { lines, file } = setting;
  const style = LEVEL_STYLE[finding.level];
  return [
    ...heading(finding, view),
    `  ${view.paint('dim', 'at')}   ${safeText(file)}:${finding.line}:${finding.column}`,
    ...newExcerpt(setting, finding, (context) => excerpt(lines, finding, style, view, context)),
    ...relatedLines(setting, finding, view),
    ...advice(finding, view),
  ].join('\n');
}

/** What the finding before has shown is not shown again: nothing of the same place, only the line of the same line. */
function newExcerpt({ before }: Setting, finding: Finding, show: (context: number) => string[]) {
  if (before?.line !== finding.line) return show(1);
  const isSame = before.column === finding.column && before.endLine === finding.endLine;
  return isSame && before.endColumn === finding.endColumn ? [] : show(0);
}

/** A few places are shown with their code; of many, or of mere repetitions, only where they are. */
function relatedLines({ lines, file }: Setting, finding: Finding, view: FindingsView): string[] {
  const { related } = finding;
  const isList = related.length > RELATED_MAX || related.every(({ message }) => message === AGAIN);
  if (isList && related.length > 0) {
    const places = related.map(({ line, column }) => `${line}:${column}`).join(', ');
    return labelled('see', `also ${places}`, view);
  }
  return related.flatMap((place) => [
    ...relatedHead(file, place, view),
    // Its own line stands above.
    ...(place.line === finding.line ? [] : excerpt(lines, place, 'dim', view, 0)),
  ]);
}

/** With the file's name where there is room for it. */
function relatedHead(
  file: string,
  { line, column, message }: Finding['related'][number],
  view: FindingsView,
): string[] {
  const place = `${line}:${column}  ${safeText(message)}`;
  const whole = `${safeText(file)}:${place}`;
  return labelled('see', whole.length + 7 <= proseColumns(view) ? whole : place, view);
}

/** The message goes behind level and rule where it has room, else below them. */
function heading({ level, rule, message }: Finding, view: FindingsView): string[] {
  const { paint } = view;
  const name = safeText(rule);
  const label = `${paint(LEVEL_STYLE[level], level)} ${paint('dim', name)}`;
  const text = safeText(message);
  const width = proseColumns(view);
  if (level.length + name.length + 3 + text.length <= width)
    return [`${label}  ${paint('bold', text)}`];
  return [label, ...wrap(text, width - 2).map((line) => `  ${paint('bold', line)}`)];
}

function advice(finding: Finding, view: FindingsView): string[] {
  const { rule, advice: text, fix } = finding;
  const known = RULES_BY_ID.get(rule);
  const isNew = view.explained !== undefined && !view.explained.has(rule);
  view.explained?.add(rule);
  return [
    ...(isNew && known ? labelled('why', known.why, view) : []),
    ...(text ? labelled('mend', safeText(text), view) : []),
    ...(fix ? labelled('fix', fixText(fix), view) : []),
    ...(isNew ? labelled('more', pageOf(rule), view) : []),
  ];
}

function fixText({ message, safe }: NonNullable<Finding['fix']>): string {
  const text = safeText(message);
  return safe ? `${text} (--fix does it)` : `${text} (look at it before you do)`;
}

function pageOf(rule: string): string {
  if (rule.startsWith(PATTERN)) return `corral patterns ${safeText(rule.slice(PATTERN.length))}`;
  return `docs/rules/${safeText(rule)}.md`;
}

function labelled(label: string, text: string, view: FindingsView): string[] {
  const [first, ...others] = wrap(text, proseColumns(view) - 7);
  return [
    `  ${view.paint('dim', label.padEnd(4))} ${first}`,
    ...others.map((line) => `       ${line}`),
  ];
}

function proseColumns({ columns }: FindingsView): number {
  if (columns === undefined || columns === null) return Number.POSITIVE_INFINITY;
  return Math.max(32, Math.min(columns, COLUMNS_MAX));
}

type Place = Pick<Finding, 'line' | 'column' | 'endLine' | 'endColumn'>;

function excerpt(
  source: SourceLines,
  place: Place,
  style: Style,
  view: FindingsView,
  context = 1,
): string[] {
  const { paint } = view;
  const digits = String(place.line + context).length;
  const columnsMax = Math.min(COLUMNS_MAX, proseColumns(view) - GUTTER - digits);
  return codeFrame(source.all, place, context, columnsMax).map(({ kind, gutter, text }) => {
    const mark = kind === 'marked' ? paint(style, '>') : ' ';
    const body = kind === 'caret' ? paint(style, text) : text;
    return `  ${mark} ${paint('dim', `${gutter} |`)} ${body}`.trimEnd();
  });
}
