// Owns the lines by which GitHub shows findings beside the code of a pull request.

import type { Finding } from '../../model/report.ts';
import { safeText } from '../../model/safe-text.ts';
import type { LintResult } from '../lint/linted.ts';

const COMMAND: Record<Finding['level'], string> = {
  info: 'notice',
  warning: 'warning',
  error: 'error',
};

/** One annotation a line; '' for none. */
export function lintGithub({ linted, unread }: LintResult): string {
  const unreadable = unread.map(({ file, message }) =>
    annotation('error', { file, title: 'corral: unreadable' }, message),
  );
  const found = linted.flatMap(({ source, told, guard }) => [
    ...told.map((finding) => findingLine(source.file, finding)),
    ...(guard?.verdict === 'refuse'
      ? [
          annotation(
            'error',
            { file: source.file, title: `corral: refused at ${guard.level}` },
            guard.why ?? '',
          ),
        ]
      : []),
  ]);
  return [...unreadable, ...found].map((line) => `${line}\n`).join('');
}

function findingLine(file: string, finding: Finding): string {
  const { rule, level, message, line, column, endLine, endColumn, advice } = finding;
  // GitHub takes columns only of what stands on one line.
  const columns = line === endLine ? { col: column, endColumn } : {};
  const properties = { file, line, endLine, ...columns, title: `corral: ${rule}` };
  return annotation(COMMAND[level], properties, advice ? `${message}\n${advice}` : message);
}

function annotation(
  command: string,
  properties: Readonly<Record<string, string | number>>,
  message: string,
): string {
  const list = Object.entries(properties).map(([name, value]) => `${name}=${property(value)}`);
  return `::${command} ${list.join(',')}::${data(safeText(message, { multiline: true }))}`;
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(value: string | number): string {
  return data(safeText(String(value)))
    .replaceAll(':', '%3A')
    .replaceAll(',', '%2C');
}
