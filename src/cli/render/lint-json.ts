// Owns what `corral lint --format json` prints: the reports, one entry a file, and what comments silence.

import type { Linted } from '../lint/linted.ts';
import { safeJson } from './safe-json.ts';

/** One JSON array. */
export function lintJson(linted: readonly Linted[]): string {
  return `${safeJson(linted.map(toEntry), 2)}\n`;
}

function toEntry({ report, riskParts, told, suppressed, guard }: Linted) {
  return {
    ...report,
    // With a guard level, what that level would do; without one, what analysis alone says.
    verdict: guard?.verdict ?? report.verdict,
    ...(guard && { guard }),
    riskParts,
    findings: told,
    suppressed: suppressed.map(({ finding, disable }) => ({ ...finding, reason: disable.reason })),
  };
}
