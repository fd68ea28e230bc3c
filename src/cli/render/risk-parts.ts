// Owns how `corral lint --explain-risk` says which finding adds what to a macro's risk.

import { riskLevel } from '../../model/risk.ts';
import { safeText } from '../../model/safe-text.ts';
import { formatCount } from '../../model/units.ts';
import type { Linted } from '../lint/linted.ts';
import type { Paint } from '../style.ts';

const PARTS_MAX = 12;
/** More files than this nobody reads; the riskiest come first. */
const FILES_MAX = 20;

/** The lines that tell it, the riskiest file first; none where nothing is risky. */
export function renderRisks(linted: readonly Linted[], paint: Paint): string[] {
  const risky = linted
    .filter(({ riskParts }) => riskParts.length > 0)
    .sort((a, b) => b.report.risk - a.report.risk);
  if (risky.length === 0) return [];
  const more = risky.length - FILES_MAX;
  return [
    ...risky.slice(0, FILES_MAX).flatMap((each) => riskLines(each, paint)),
    ...(more > 0 ? [paint('dim', `and ${formatCount(more)} more with less`)] : []),
    paint('dim', 'each takes its share of what the others leave below 1'),
  ];
}

/** One file's. */
export function riskLines({ report, riskParts }: Linted, paint: Paint): string[] {
  const { file, risk } = report;
  const more = riskParts.length - PARTS_MAX;
  return [
    `${paint('bold', `risk ${risk} ${riskLevel(risk)}`)}  ${safeText(file)}`,
    ...riskParts
      .slice(0, PARTS_MAX)
      .map(({ what, adds }) => `  ${adds.toFixed(3)}  ${safeText(what)}`),
    ...(more > 0 ? [paint('dim', `  and ${more} smaller`)] : []),
  ];
}
