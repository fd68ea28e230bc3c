// Owns how `corral doctor` looks: a line for each thing that has to work, a block for each wall.

import { safeText } from '../../model/safe-text.ts';
import { WALLS, type WallCheck, type WallState } from '../../model/wall.ts';
import type { Check } from '../doctor/checks.ts';
import type { Paint, Style } from '../style.ts';
import { wrap } from './wrap.ts';

/** What there is to show. */
export interface DoctorFindings {
  readonly machinery: readonly Check[];
  readonly walls: readonly WallCheck[];
}

/** How wide and how coloured. */
export interface DoctorLook {
  readonly paint: Paint;
  readonly columns: number;
}

const MARKS: Record<WallState, readonly [mark: string, style: Style]> = {
  holds: ['✔ holds', 'green'],
  missing: ['– missing', 'yellow'],
  broken: ['✖ BROKEN', 'red'],
};
const NAME_COLUMNS = 13;
const MARK_COLUMNS = 10;
const INDENT = ' '.repeat(NAME_COLUMNS + MARK_COLUMNS);
/** Wider than this nobody reads a line. */
const COLUMNS_MAX = 120;

/** The whole report, with its last line's end. */
export function renderDoctor({ machinery, walls }: DoctorFindings, look: DoctorLook): string {
  const lines = [
    ...machinery.flatMap(({ name, ok, found }) =>
      row(
        { name, mark: ok ? '✔ works' : '✖ BROKEN', style: ok ? 'green' : 'red', text: found },
        look,
      ),
    ),
    '',
    ...walls.flatMap((wall) => wallLines(wall, look)),
    ...(walls.length === 0 ? [] : ['']),
    verdict({ machinery, walls }, look.paint),
  ];
  return `${lines.join('\n')}\n`;
}

function wallLines({ id, state, how, remedy, tried }: WallCheck, look: DoctorLook): string[] {
  const [mark, style] = MARKS[state];
  const purpose = `${WALLS[id]} (${safeText(how)})`;
  const lines = row({ name: id, mark, style, text: purpose }, look);
  const details = tried.map((each) => safeText(each));
  const mend = state === 'missing' && remedy !== null ? [`to do: ${remedy}`] : [];
  return [
    ...lines,
    ...details.flatMap((each) => indented(each, look, 'dim')),
    ...mend.flatMap((each) => indented(each, look, 'yellow')),
  ];
}

interface Row {
  readonly name: string;
  readonly mark: string;
  readonly style: Style;
  readonly text: string;
}

function row({ name, mark, style, text }: Row, { paint, columns }: DoctorLook): string[] {
  const [first = '', ...rest] = wrap(text, textColumns(columns));
  const head = `${name.padEnd(NAME_COLUMNS)}${paint(style, mark)}${' '.repeat(MARK_COLUMNS - mark.length)}`;
  return [`${head}${first}`, ...rest.map((line) => `${INDENT}${line}`)];
}

function indented(text: string, { paint, columns }: DoctorLook, style: Style): string[] {
  const [first = '', ...rest] = wrap(text, textColumns(columns) - 2);
  return [
    `${INDENT}${paint(style, `· ${first}`)}`,
    ...rest.map((line) => `${INDENT}  ${paint(style, line)}`),
  ];
}

function textColumns(columns: number): number {
  return Math.max(30, Math.min(columns, COLUMNS_MAX) - INDENT.length);
}

function verdict({ machinery, walls }: DoctorFindings, paint: Paint): string {
  if (machinery.some(({ ok }) => !ok))
    return paint('red', 'Corral does not work here; the walls were not tried.');
  const of = (state: WallState) => walls.filter((wall) => wall.state === state).map(({ id }) => id);
  const parts = [`${of('holds').length} of ${walls.length} walls hold`];
  if (of('missing').length > 0) parts.push(`missing: ${of('missing').join(', ')}`);
  if (of('broken').length > 0) parts.push(`BROKEN: ${of('broken').join(', ')}`);
  return paint(of('broken').length > 0 ? 'red' : 'bold', `${parts.join('; ')}.`);
}
