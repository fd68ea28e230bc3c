// Owns how `corral lint --guard` says what the guard level would do with each macro.

import { riskLevel } from '../../model/risk.ts';
import { safeText } from '../../model/safe-text.ts';
import type { Linted } from '../lint/linted.ts';
import type { Paint, Style } from '../style.ts';
import { riskLines } from './risk-parts.ts';
import { wrap } from './wrap.ts';

/** From so many files on, those that are admitted are only counted. */
const MANY = 4;

/** How they are shown. */
export interface GuardView {
  readonly paint: Paint;
  /** Room for a line; Infinity breaks none. */
  readonly columns: number;
  /** True where the risk of every file is explained anyway. */
  readonly explainsRisk: boolean;
  /** True for a finding that stands above. */
  readonly isShown: (finding: Linted['told'][number]) => boolean;
}

/** The lines, refused macros first; none without `--guard`. */
export function guardLines(linted: readonly Linted[], view: GuardView): string[] {
  const refused = linted.filter(({ guard }) => guard?.verdict === 'refuse');
  const admitted = linted.filter(({ guard }) => guard !== null && guard.verdict !== 'refuse');
  return [
    ...refused.flatMap((each) => refusal(each, view)),
    ...(linted.length < MANY
      ? admitted.flatMap((each) => admission(each, view))
      : counted(admitted, view.paint)),
  ];
}

function refusal(each: Linted, view: GuardView): string[] {
  const { source, guard } = each;
  const { paint } = view;
  const about = `at ${guard?.level}: ${safeText(source.file)}, ${reason(each, view)}`;
  return [
    ...labelled('red', 'refused', about, view),
    ...(each.isTooRisky && !view.explainsRisk
      ? riskLines(each, paint).map((line) => `  ${line}`)
      : []),
  ];
}

/** A message that stands above is not told again. */
function reason(each: Linted, { isShown }: GuardView): string {
  const { told, report, guard } = each;
  if (each.isTooRisky) return `its risk is ${report.risk}, ${riskLevel(report.risk)}`;
  const why = guard?.why ?? '';
  const above = told.find(
    (finding) => isShown(finding) && why === `line ${finding.line}: ${finding.message}`,
  );
  return above ? `line ${above.line}: ${safeText(above.rule)}, see above` : safeText(why);
}

function admission({ source, guard }: Linted, view: GuardView): string[] {
  const how = guard?.verdict === 'admit' ? 'runs beside others' : 'runs alone in its process';
  const about = `at ${guard?.level}: ${safeText(source.file)}, ${how}`;
  return labelled('green', 'admitted', about, view);
}

function labelled(style: Style, label: string, text: string, { paint, columns }: GuardView) {
  const indent = label.length + 1;
  const [first = '', ...others] = wrap(text, columns - indent);
  return [`${paint(style, label)} ${first}`, ...others.map((line) => ' '.repeat(indent) + line)];
}

function counted(admitted: readonly Linted[], paint: Paint): string[] {
  const level = admitted[0]?.guard?.level;
  if (level === undefined) return [];
  const beside = admitted.filter(({ guard }) => guard?.verdict === 'admit').length;
  const alone = admitted.length - beside;
  const parts = [
    ...(beside > 0 ? [`${beside} beside others`] : []),
    ...(alone > 0 ? [`${alone} alone in ${alone === 1 ? 'its process' : 'their processes'}`] : []),
  ];
  return [`${paint('green', 'admitted')} at ${level}: ${parts.join(', ')}`];
}
