// Owns admission: from a macro's report and the guard level to run beside others, alone, or not at all.

import type { Guard } from '../model/guard.ts';
import type { Finding, Report, Verdict } from '../model/report.ts';
import { isRiskFrom, RISK_LEVELS, type RiskLevel, riskLevel } from '../model/risk.ts';

/** Findings of these rules are no opinion: such a text cannot run at all. */
const CANNOT_RUN = new Set(['syntax-error', 'no-import', 'header']);
const SEVERITY: Record<Finding['level'], number> = { info: 0, warning: 1, error: 2 };

/** What becomes of a macro, and for a refusal why. */
export interface Admission {
  readonly verdict: Verdict;
  readonly why: string | null;
}

/**
 * Decides about a macro.
 * @param options.lint false lets run what lint would refuse, alone in its process; what cannot run stays refused
 */
export function admit(
  report: Report,
  options: { readonly lint: boolean; readonly guard: Guard },
): Admission {
  const { level, admission: row } = options.guard;
  const refused = report.findings.find((finding) => {
    if (finding.level === 'error' && CANNOT_RUN.has(finding.rule)) return true;
    return options.lint && SEVERITY[finding.level] >= SEVERITY[row.refuse];
  });
  if (refused) return { verdict: 'refuse', why: `line ${refused.line}: ${refused.message}` };
  if (options.lint && row.refuseRisk && isRiskFrom(report.risk, row.refuseRisk))
    return { verdict: 'refuse', why: riskReason(report.risk, row.refuseRisk, level) };
  const isShared =
    report.verdict === 'admit' && row.shareRisk !== null && isUpTo(report.risk, row.shareRisk);
  return { verdict: isShared ? 'admit' : 'solo', why: null };
}

function isUpTo(risk: number, level: RiskLevel): boolean {
  return RISK_LEVELS.indexOf(riskLevel(risk)) <= RISK_LEVELS.indexOf(level);
}

function riskReason(risk: number, from: RiskLevel, level: Guard['level']): string {
  const what = `its risk is ${risk} (${riskLevel(risk)})`;
  return `${what}, and guard level ${level} refuses from ${from} on; \`corral lint --explain-risk\` says what adds to it`;
}
