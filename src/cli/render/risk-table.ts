// Owns how `corral risk` lists macros on a terminal: one a line, the riskiest first, with what they did to others under them.

import { displayWidth } from '../../model/display-width.ts';
import type { MacroRecord } from '../../model/ledger.ts';
import { formatDuration } from '../../model/limits.ts';
import { type RiskLevel, riskLevel } from '../../model/risk.ts';
import { safeText } from '../../model/safe-text.ts';
import { formatCount } from '../../model/units.ts';
import type { Paint, Style } from '../style.ts';

/** How wide and how coloured, and what time it is (ms since 1970). */
export interface RiskLook {
  readonly paint: Paint;
  readonly columns: number;
  readonly now: number;
}

const RISK_STYLE: Readonly<Record<RiskLevel, Style>> = {
  safe: 'green',
  low: 'green',
  medium: 'cyan',
  high: 'yellow',
  critical: 'red',
};

const HEAD = ['risk', 'macro', 'owner', 'runs', 'last', 'ends'] as const;
const NAME_COLUMNS = 28;
const OWNER_COLUMNS = 16;
const RISK_COLUMNS = '0.000 critical'.length;
const EFFECTS_SHOWN = 2;
/** Wider than this nobody reads a line. */
const COLUMNS_MAX = 140;

/** A live risk as it is shown everywhere: `0.451 medium`. */
export function riskText({ risk: { score } }: MacroRecord, paint: Paint): string {
  const level = riskLevel(score);
  return `${score.toFixed(3)} ${paint(RISK_STYLE[level], level)}`;
}

/** How its runs ended: `9 completed, 3 cpu-limit`. */
export function endsText({ ends }: MacroRecord): string {
  return Object.entries(ends)
    .sort(([, a = 0], [, b = 0]) => b - a)
    .map(([reason, count]) => `${count} ${safeText(reason, { charsMax: 80 })}`)
    .join(', ');
}

/** All macros; a sentence where there are none. */
export function renderRiskTable(
  records: readonly MacroRecord[],
  look: RiskLook & { readonly ledgerDir: string },
): string {
  const { paint } = look;
  if (records.length === 0)
    return `No macro is known in ${safeText(look.ledgerDir)}: none has run with that ledger yet.\n`;
  const rows = records.map((record) => cells(record, look.now));
  const widths = HEAD.map((head, at) =>
    Math.max(head.length, ...rows.map((row) => displayWidth(row[at] ?? ''))),
  );
  widths[0] = RISK_COLUMNS;
  const columns = Math.max(60, Math.min(look.columns, COLUMNS_MAX));
  const head = HEAD.map((name, at) => pad(name, widths[at])).join('  ');
  const lines = [paint('dim', cut(`  ${head}`.trimEnd(), columns))];
  for (const [index, record] of records.entries()) {
    const [, ...rest] = rows[index] ?? [];
    const level = riskLevel(record.risk.score);
    const wide = rest.map((cell, at) => pad(cell, widths[at + 1])).join('  ');
    const room = columns - RISK_COLUMNS - 4;
    lines.push(
      `  ${riskText(record, paint)}${' '.repeat(RISK_COLUMNS - 6 - level.length)}  ${cut(wide.trimEnd(), room)}`,
      ...noteLines(record, look, columns),
    );
  }
  const held = records.filter(({ quarantine }) => quarantine).length;
  const sum = `${count(records.length, 'macro')}${held > 0 ? `, ${held} in quarantine` : ''}.`;
  return `${lines.join('\n')}\n\n${paint('dim', `${sum} All about one of them: corral risk MACRO`)}\n`;
}

function cells(record: MacroRecord, now: number): string[] {
  return [
    '',
    cut(safeText(record.name), NAME_COLUMNS),
    cut(safeText(record.owner), OWNER_COLUMNS),
    String(record.runs),
    record.lastRunAt === null
      ? 'never'
      : `${formatDuration(Math.max(0, now - record.lastRunAt))} ago`,
    endsText(record),
  ];
}

/** Under a macro: that it is held, and what it did to others. */
function noteLines({ quarantine, effects }: MacroRecord, { paint }: RiskLook, columns: number) {
  const indent = ' '.repeat(RISK_COLUMNS + 4);
  const room = columns - indent.length - 2;
  const shown = effects.slice(0, EFFECTS_SHOWN).map(({ effect, count: times }) => {
    return `${safeText(effect, { charsMax: 120 })}${times > 1 ? ` (${times} times)` : ''}`;
  });
  const more = effects.length - shown.length;
  return [
    ...(quarantine
      ? [
          paint(
            'red',
            cut(`in quarantine by ${safeText(quarantine.by)}: ${safeText(quarantine.why)}`, room),
          ),
        ]
      : []),
    ...(shown.length > 0
      ? [paint('dim', cut(`did: ${shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}`, room))]
      : []),
  ].map((line) => `${indent}${line}`);
}

function count(many: number, what: string): string {
  return `${formatCount(many)} ${what}${many === 1 ? '' : 's'}`;
}

function pad(text: string, columns = 0): string {
  return text + ' '.repeat(Math.max(0, columns - displayWidth(text)));
}

/** Cuts a safe text to so many columns, `…` at its end. */
function cut(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  let kept = '';
  let used = 1;
  for (const char of text) {
    used += displayWidth(char);
    if (used > columns) break;
    kept += char;
  }
  return `${kept.trimEnd()}…`;
}
