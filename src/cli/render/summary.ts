// Owns how a dump's summary and its other lines are painted on a terminal.

import { cutLine, type Line, type Role } from '../../dumps/line.ts';
import { toSummary } from '../../dumps/summary.ts';
import type { CrashDump } from '../../model/dump.ts';
import type { Paint, Style } from '../style.ts';

const ROLE_STYLE: Record<Role, Style> = {
  strong: 'bold',
  bad: 'red',
  warn: 'yellow',
  good: 'green',
  name: 'cyan',
  dim: 'dim',
};

/** The widest a summary gets, however wide the terminal: longer lines are hard to read. */
const COLUMNS_MAX = 120;

/** Renders a dump's summary. `path` is how the user named the dump. */
export function renderSummary(
  dump: CrashDump,
  about: { readonly path: string; readonly columns: number },
  paint: Paint,
): string {
  const more = `corral inspect ${about.path} --stack --samples --source --ast`;
  const columns = Math.min(about.columns, COLUMNS_MAX);
  return renderLines(toSummary(dump, { columns, more }), paint);
}

/** Paints lines by the roles of their pieces; blanks at their ends go. */
export function renderLines(lines: readonly Line[], paint: Paint): string {
  return lines
    .map((line) => cutLine(line, Number.POSITIVE_INFINITY))
    .map((line) => `${line.map((part) => paintPiece(part, paint)).join('')}\n`)
    .join('');
}

function paintPiece({ text, role }: Line[number], paint: Paint): string {
  return role === null || text.trim() === '' ? text : paint(ROLE_STYLE[role], text);
}
