// Owns what `corral lint` knows of one file: its report, what comments silence in it, and whether the guard would admit it.

import { type Analysis, analyse } from '../../analysis/analyse.ts';
import { macroCirclesOf } from '../../analysis/macro-calls.ts';
import { type RiskPart, riskOf } from '../../analysis/risk.ts';
import { patternDisableFindings } from '../../analysis/rules/disables.ts';
import { applyDisables, type Suppressed } from '../../analysis/text/disable-comments.ts';
import { Lines } from '../../analysis/text/lines.ts';
import type { CorralClient } from '../../client/client.ts';
import type { Command } from '../../model/command.ts';
import type { Guard, GuardLevel } from '../../model/guard.ts';
import type { Pattern } from '../../model/pattern.ts';
import type { Finding, Report } from '../../model/report.ts';
import { type Admission, admit } from '../../policy/admit.ts';
import { matchPatterns, mergeFindings, patternFindings } from '../../policy/match-patterns.ts';
import type { SourceFile } from '../source-file.ts';
import type { MacroFolders } from './macro-folders.ts';

/** The levels of findings, from the least. */
export const LEVELS = ['info', 'warning', 'error'] as const satisfies readonly Finding['level'][];

/** A file that was looked at. */
export interface Linted {
  readonly source: SourceFile;
  /** Its findings are all there are, silenced or not, by place. */
  readonly report: Report;
  /** What the report's risk is made of, the largest part first. */
  readonly riskParts: readonly RiskPart[];
  /** The findings that no comment silences. */
  readonly told: readonly Finding[];
  readonly suppressed: readonly Suppressed[];
  /** What the guard level asked for makes of it, whatever comments silence; null when none was asked for. */
  readonly guard: (Admission & { readonly level: GuardLevel }) | null;
  /** True where the guard refuses it for its risk, and no single finding is the reason. */
  readonly isTooRisky: boolean;
}

/** A file that could not be looked at. */
export interface Unread {
  readonly file: string;
  /** One sentence. */
  readonly message: string;
}

/** What lint came to, of all files. */
export interface LintResult {
  readonly linted: readonly Linted[];
  readonly unread: readonly Unread[];
}

/** What files are looked at with. */
export interface LintMeans {
  /** The host's commands; undefined for macros of a host that is not known. */
  readonly commands: readonly Command[] | undefined;
  readonly patterns: readonly Pattern[];
  /** Who calls whom in the folders the files stand in. */
  readonly folders: MacroFolders;
  /** The guard level to decide for; null decides nothing. */
  readonly guard: Guard | null;
  /** Asks a server in the place of all that; null looks here. */
  readonly server: Pick<CorralClient, 'lint'> | null;
}

/** Looks at one text; runs nothing of it. */
export function lintSource(source: SourceFile, means: LintMeans): Linted {
  const { commands } = means;
  const analysis = analyse(source.text, { ...source, ...(commands && { commands }) });
  const findings = findingsOf(analysis, means);
  const { risk, parts: riskParts } = riskOf({ ...analysis.report, findings });
  const report: Report = { ...analysis.report, findings, risk };
  const { told, suppressed } = applyDisables(findings, analysis.disables);
  const guard = means.guard && {
    level: means.guard.level,
    ...admit(report, { lint: true, guard: means.guard }),
  };
  const isTooRisky = guard?.verdict === 'refuse' && !isRefusedForOne(report, means.guard);
  return { source, report, riskParts, told, suppressed, guard, isTooRisky };
}

/** Looks at one text by what a server's lint says of it; what comments silence is seen here. */
export async function lintOnServer(
  source: SourceFile,
  lint: (source: string, options: { readonly file: string }) => Promise<Report>,
): Promise<Linted> {
  const report = await lint(source.text, { file: source.file.slice(-200) });
  const { disables } = analyse(source.text, source);
  const { told, suppressed } = applyDisables(report.findings, disables);
  const { parts: riskParts } = riskOf(report);
  const named = { ...report, file: source.file };
  return { source, report: named, riskParts, told, suppressed, guard: null, isTooRisky: false };
}

function isRefusedForOne({ findings }: Report, guard: Guard | null): boolean {
  return guard !== null && findings.some(({ level }) => isFrom(level, guard.admission.refuse));
}

function findingsOf(analysis: Analysis, { patterns, commands, folders }: LintMeans): Finding[] {
  const macroCircles = macroCirclesOf(analysis, folders.around(analysis.file));
  const facts = { macroCircles, ...analysis };
  const privileged = commands
    ? new Set(commands.filter((each) => each.privileged).map(({ name }) => name))
    : undefined;
  const matched = patternFindings(matchPatterns(patterns, facts, { privileged }));
  const unused = unusedOf(analysis, matched, patterns);
  return mergeFindings(analysis.report.findings, matched, unused);
}

function unusedOf(
  { disables, source }: Analysis,
  matched: readonly Finding[],
  patterns: readonly Pattern[],
): Finding[] {
  if (disables.list.length === 0) return [];
  const lines = new Lines(source);
  const ids = patterns.map(({ id }) => id);
  return patternDisableFindings(disables, matched, ids).map(
    ({ start, end, level, message, advice = null }) => ({
      rule: 'unused-disable',
      level,
      message,
      ...lines.range(start, end),
      related: [],
      advice,
      fix: null,
    }),
  );
}

/** True when a level is at least another. */
export function isFrom(level: Finding['level'], least: Finding['level']): boolean {
  return LEVELS.indexOf(level) >= LEVELS.indexOf(least);
}
