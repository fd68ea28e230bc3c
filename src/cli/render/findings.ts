// Owns how findings look on a terminal: level, rule, message, place, the lines with carets, related places.

import { codeFrame } from '../../model/code-frame.ts';
import type { Finding, Report } from '../../model/report.ts';
import { safeText } from '../../model/safe-text.ts';
import type { Paint, Style } from '../style.ts';

const LEVEL_STYLE: Record<Finding['level'], Style> = {
  info: 'cyan',
  warning: 'yellow',
  error: 'red',
};

/** Renders a report's findings, each with its source; '' when there are none. */
export function renderFindings(source: string, report: Report, paint: Paint): string {
  return report.findings
    .map((finding) => `${renderFinding(source, report.file, finding, paint)}\n`)
    .join('\n');
}

function renderFinding(source: string, file: string, finding: Finding, paint: Paint): string {
  const style = LEVEL_STYLE[finding.level];
  const lines = [
    `${paint(style, finding.level)} ${paint('dim', finding.rule)}  ${paint('bold', safeText(finding.message))}`,
    `  ${paint('dim', 'at')} ${safeText(file)}:${finding.line}:${finding.column}`,
    ...excerpt(source, finding, style, paint),
  ];
  for (const related of finding.related) {
    lines.push(
      `  ${paint('dim', 'see')} ${safeText(file)}:${related.line}:${related.column}  ${safeText(related.message)}`,
    );
    lines.push(...excerpt(source, related, 'dim', paint, 0));
  }
  return lines.join('\n');
}

function excerpt(
  source: string,
  place: {
    readonly line: number;
    readonly column: number;
    readonly endLine: number;
    readonly endColumn: number;
  },
  style: Style,
  paint: Paint,
  context = 1,
): string[] {
  return codeFrame(source, place, context).map(({ kind, gutter, text }) => {
    const mark = kind === 'marked' ? paint(style, '>') : ' ';
    const body = kind === 'caret' ? paint(style, text) : text;
    return `  ${mark} ${paint('dim', `${gutter} |`)} ${body}`.trimEnd();
  });
}
