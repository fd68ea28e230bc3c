// Owns admission: from a macro's report and the guard level to run beside others, alone, or not at all.

import type { GuardLevel } from '../model/limits.ts';
import type { Finding, Report, Verdict } from '../model/report.ts';

/** What a guard level does with what analysis says. */
interface AdmissionRow {
  /** Findings of this level are refused. */
  readonly refuse: Finding['level'] | null;
  /** True gives each macro a process of its own, cleared by analysis or not. */
  readonly alwaysSolo: boolean;
}

/** Admission by guard level; `low` still refuses what surely never ends, since it can only be killed. */
export const ADMISSION: Record<GuardLevel, AdmissionRow> = {
  low: { refuse: 'error', alwaysSolo: false },
  medium: { refuse: 'error', alwaysSolo: false },
  high: { refuse: 'error', alwaysSolo: true },
  maximum: { refuse: 'warning', alwaysSolo: true },
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
    return options.lint && row.refuse !== null && SEVERITY[finding.level] >= SEVERITY[row.refuse];
  });
  if (refused) return { verdict: 'refuse', why: `line ${refused.line}: ${refused.message}` };
  if (report.verdict === 'admit' && !row.alwaysSolo) return { verdict: 'admit', why: null };
  return { verdict: 'solo', why: null };
}
