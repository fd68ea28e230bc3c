// Owns how risky a macro is, 0..1, and why: each part says what adds how much. It looks at kinds and counts of findings and at
// the cost, never at names, lines or wording, so renaming and reformatting change nothing.

import type { CostReport, Finding, LoopReport, RecursionReport, Verdict } from '../model/report.ts';
import { type RiskLevel, riskLevel } from '../model/risk.ts';
import { formatCount } from '../model/units.ts';

/** One reason for the risk. */
export interface RiskPart {
  /** In words: `2 warnings of infinite-loop`. */
  readonly what: string;
  /** 0..1, by itself; parts combine as 1 − Π(1 − adds). */
  readonly adds: number;
}

/** A macro's risk. */
export interface Risk {
  /** 0..1, three decimals. */
  readonly risk: number;
  readonly level: RiskLevel;
  /** The largest first; none for a macro without any. */
  readonly parts: readonly RiskPart[];
}

/** What the risk is made of. */
export interface RiskGrounds {
  readonly findings: readonly Pick<Finding, 'rule' | 'level'>[];
  /** What the analysis alone says; `solo` could not be cleared. */
  readonly verdict: Verdict;
  readonly loops: readonly Pick<LoopReport, 'verdict'>[];
  readonly recursion: readonly Pick<RecursionReport, 'verdict'>[];
  readonly cost?: CostReport | undefined;
}

/** What one finding of a level adds. An error is critical by itself, a warning medium, and a note next to nothing. */
const BY_LEVEL: Record<Finding['level'], number> = { info: 0.02, warning: 0.35, error: 0.95 };

/** Rules whose warnings weigh other than their level says. */
const WARNING_OF: Readonly<Record<string, number>> = {
  // A misspelt header line harms nobody.
  header: 0.03,
  'unused-disable': 0.02,
  'infinite-loop': 0.5,
  'infinite-recursion': 0.5,
  'endless-iteration': 0.5,
  'growing-memory': 0.45,
  'huge-allocation': 0.45,
  'slow-regex': 0.4,
  'dynamic-code': 0.4,
  'prototype-tampering': 0.4,
};

/** More findings of one kind than this add nothing: the fifth says the same of the macro as the fourth. */
const SAME_MAX = 4;
/** Commands a second that are many, whatever they do. */
const MANY_PER_SECOND = 50;

/** The risk of a macro. More findings or a higher cost never make it less. */
export function riskOf(grounds: RiskGrounds): Risk {
  const parts = [
    ...findingParts(grounds.findings),
    ...unclearParts(grounds),
    ...costParts(grounds.cost),
  ]
    .filter(({ adds }) => adds > 0)
    .sort((a, b) => b.adds - a.adds || (a.what < b.what ? -1 : 1));
  const risk = round(combine(parts.map(({ adds }) => adds)));
  return { risk, level: riskLevel(risk), parts };
}

/** 1 − Π(1 − part): each part takes its share of what is left, so the sum stays below 1. */
function combine(parts: readonly number[]): number {
  return 1 - parts.reduce((left, adds) => left * (1 - adds), 1);
}

function findingParts(findings: RiskGrounds['findings']): RiskPart[] {
  const kinds = Map.groupBy(findings, ({ rule, level }) => `${level} ${rule}`);
  return [...kinds.values()].map((same) => {
    const { rule, level } = same[0] as Pick<Finding, 'rule' | 'level'>;
    const one = level === 'warning' ? (WARNING_OF[rule] ?? BY_LEVEL.warning) : BY_LEVEL[level];
    const adds = round(combine(new Array(Math.min(same.length, SAME_MAX)).fill(one)));
    return { what: `${countOf(same.length, level)} of ${rule}`, adds };
  });
}

function countOf(many: number, level: Finding['level']): string {
  const word = level === 'info' ? 'note' : level;
  return many === 1 ? `1 ${word}` : `${many} ${word}s`;
}

/** What could not be cleared is a little risk by itself, and says what it was where that is known. */
function unclearParts({ verdict, loops, recursion }: RiskGrounds): RiskPart[] {
  const parts: RiskPart[] = [];
  if (verdict === 'solo') parts.push({ what: 'not cleared to share a process', adds: 0.1 });
  if (loops.some((loop) => loop.verdict === 'unknown'))
    parts.push({ what: 'a loop whose end is not known', adds: 0.04 });
  if (recursion.some((cycle) => cycle.verdict === 'unknown'))
    parts.push({ what: 'recursion whose end is not known', adds: 0.04 });
  return parts;
}

function costParts(cost: CostReport | undefined): RiskPart[] {
  const peaks = Object.values(cost?.peakPerSecond ?? {});
  const known = peaks.filter((peak) => peak !== null);
  const peak = Math.max(0, ...known);
  const parts: RiskPart[] = [];
  // From nothing at a few a second to .3 at hundreds; what is not known counts as a little.
  if (peak > 0) {
    const share = Math.min(1, peak / (MANY_PER_SECOND * 4));
    const most = Math.ceil(peak);
    const how = Number.isFinite(peak) ? `up to ${formatCount(most)}` : 'endlessly many';
    parts.push({
      what: `${how} command${most === 1 ? '' : 's'} a second`,
      adds: round(0.3 * share),
    });
  }
  if (known.length < peaks.length)
    parts.push({ what: 'commands at a rate that is not known', adds: 0.03 });
  return parts;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
