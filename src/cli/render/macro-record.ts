// Owns how `corral risk MACRO` shows everything that is known of one macro: why it is risky, what is normal for it, what it did.

import {
  BASELINE_MEASURES,
  type Baseline,
  type BaselineMeasure,
  type LiveRiskPart,
  type MacroRecord,
  type Release,
} from '../../model/ledger.ts';
import { releaseCommand } from '../../model/release-command.ts';
import { safeText } from '../../model/safe-text.ts';
import { formatCount } from '../../model/units.ts';
import { formatMeasure } from '../../policy/baseline.ts';
import { endsText, type RiskLook, riskText } from './risk-table.ts';
import { wrap } from './wrap.ts';

const LABEL_COLUMNS = 9;
const INDENT = ' '.repeat(LABEL_COLUMNS + 2);
const COLUMNS_MAX = 120;

const MEASURE_NAME: Readonly<Record<BaselineMeasure, string>> = {
  peakHeap: 'heap',
  cpuMs: 'CPU',
  commands: 'commands',
  durationMs: 'duration',
};

/**
 * One macro, with its last line's end.
 * @param ledgerDir the ledger's folder where one was named, for commands that are told
 */
export function renderMacro(record: MacroRecord, look: RiskLook, ledgerDir?: string): string {
  const { paint } = look;
  const { owner, risk, effects, unusual, releases, baseline } = record;
  const sections: [label: string, lines: string[]][] = [
    ['risk', [riskText(record, paint), ...risk.parts.map((part) => partLine(part))]],
    ['held', heldLines(record, ledgerDir)],
    ['runs', runLines(record)],
    ['normal', normalLines(baseline)],
    ['did', effects.map(({ effect, count }) => `${safeText(effect)}${times(count)}`)],
    ['unusual', unusual.map((each) => unusualLine(each))],
    ['before', releases.map(releaseLine)],
  ];
  const columns = Math.max(40, Math.min(look.columns, COLUMNS_MAX)) - INDENT.length;
  const lines = sections.flatMap(([label, texts]) =>
    texts
      .flatMap((text) => (text.startsWith(' ') ? [text] : wrap(text, columns)))
      .map((text, at) =>
        at === 0 ? `  ${paint('dim', label.padEnd(LABEL_COLUMNS))}${text}` : `${INDENT}${text}`,
      ),
  );
  return `${paint('bold', safeText(record.name))}  of ${safeText(owner)}\n${lines.join('\n')}\n`;
}

function partLine({ cause, adds, why }: LiveRiskPart): string {
  const sign = adds < 0 ? '−' : '+';
  return `  ${sign}${Math.abs(adds).toFixed(3)}  ${safeText(why)}${cause === 'static' ? '' : ` (${safeText(cause)})`}`;
}

function heldLines({ quarantine, name, owner }: MacroRecord, ledgerDir?: string): string[] {
  if (!quarantine) return [];
  const alias = quarantine.name === name ? '' : ` (as ${safeText(quarantine.name)}, the same text)`;
  const run = quarantine.runId === null ? '' : `, in run ${safeText(quarantine.runId)}`;
  return [
    `in quarantine${alias} by ${safeText(quarantine.by)} since ${when(quarantine.at)}${run}: ${safeText(quarantine.why)}`,
    safeText(releaseCommand(quarantine.name, owner, ledgerDir)),
  ];
}

function runLines(record: MacroRecord): string[] {
  const last = record.lastRunAt === null ? '' : `, the last at ${when(record.lastRunAt)}`;
  const ends = endsText(record);
  return [`${formatCount(record.runs)}${last}${ends === '' ? '' : `: ${ends}`}`];
}

function normalLines(baseline: Baseline | null): string[] {
  if (!baseline) return ['not known yet: it takes more clean runs'];
  const rows = (Object.keys(BASELINE_MEASURES) as BaselineMeasure[]).map((measure) => {
    const { from, to, high } = baseline.measures[measure];
    const show = (value: number) => formatMeasure(measure, value);
    return [MEASURE_NAME[measure], `${show(from)} to ${show(to)}`, `unusual above ${show(high)}`];
  });
  const widths = [0, 1].map((at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return [
    `nine in ten of its last ${baseline.runs} clean runs`,
    ...rows.map(
      ([name = '', range = '', high = '']) =>
        `  ${name.padEnd(widths[0] ?? 0)}  ${range.padEnd(widths[1] ?? 0)}  ${high}`,
    ),
  ];
}

function unusualLine({ measure, count, at, message }: MacroRecord['unusual'][number]): string {
  return `${MEASURE_NAME[measure] ?? safeText(measure)}${times(count)}, last at ${when(at)}: ${safeText(message)}`;
}

function releaseLine({ at, by, why, released }: Release): string {
  return `held at ${when(at)} by ${safeText(by)}: ${safeText(why)}; released at ${when(released.at)} by ${safeText(released.by)}: ${safeText(released.why)}`;
}

function times(count: number): string {
  return count === 1 ? ' (once)' : ` (${formatCount(count)} times)`;
}

/** UTC, to the minute; a time that is none is said so. */
function when(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime())
    ? 'an unknown time'
    : `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
