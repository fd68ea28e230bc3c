// Owns admission: from a macro's report and the guard level to run beside others, alone, or not at all.

import type { GuardLevel } from '../model/limits.ts';
import type { Finding, Report, Verdict } from '../model/report.ts';
import { isRiskFrom, RISK_LEVELS, type RiskLevel, riskLevel } from '../model/risk.ts';

/** What a guard level does with what analysis says. */
interface AdmissionRow {
  /** Findings of this level and above are refused. */
  readonly refuse: Finding['level'];
  /** A risk of this level and above is refused, whatever the single findings; null refuses none for its risk. */
  readonly refuseRisk: RiskLevel | null;
  /** A calm macro shares a process up to this risk; null gives each macro a process of its own. */
  readonly shareRisk: RiskLevel | null;
}

/**
 * Admission by guard level. Only an error refuses at `low` and `medium`, and an error is said only of what surely never ends
 * or cannot run; `low` refuses that too, since it could only be killed.
 */
export const ADMISSION: Record<GuardLevel, AdmissionRow> = {
  low: { refuse: 'error', refuseRisk: null, shareRisk: 'medium' },
  medium: { refuse: 'error', refuseRisk: null, shareRisk: 'low' },
  high: { refuse: 'error', refuseRisk: 'critical', shareRisk: null },
  maximum: { refuse: 'warning', refuseRisk: 'high', shareRisk: null },
};

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
  options: { readonly lint: boolean; readonly level: GuardLevel },
): Admission {
  const row = ADMISSION[options.level];
  const refused = report.findings.find((finding) => {
    if (finding.level === 'error' && CANNOT_RUN.has(finding.rule)) return true;
    return options.lint && SEVERITY[finding.level] >= SEVERITY[row.refuse];
  });
  if (refused) return { verdict: 'refuse', why: `line ${refused.line}: ${refused.message}` };
  if (options.lint && row.refuseRisk && isRiskFrom(report.risk, row.refuseRisk))
    return { verdict: 'refuse', why: riskReason(report.risk, row.refuseRisk, options.level) };
  const isShared =
    report.verdict === 'admit' && row.shareRisk !== null && isUpTo(report.risk, row.shareRisk);
  return { verdict: isShared ? 'admit' : 'solo', why: null };
}

function isUpTo(risk: number, level: RiskLevel): boolean {
  return RISK_LEVELS.indexOf(riskLevel(risk)) <= RISK_LEVELS.indexOf(level);
}

function riskReason(risk: number, from: RiskLevel, level: GuardLevel): string {
  const what = `its risk is ${risk} (${riskLevel(risk)})`;
  return `${what}, and guard level ${level} refuses from ${from} on; \`corral lint --explain-risk\` says what adds to it`;
}
