// Owns analysis as a whole: source → facts → findings → report. Pure and synchronous; whatever the text, it never throws.

import type { AnyNode, Program } from 'acorn';
import type { Command } from '../model/command.ts';
import type { Header } from '../model/header.ts';
import type { Finding, FindingFix, Report, Verdict } from '../model/report.ts';
import type { Analysed } from './analysed.ts';
import { isCalmBound, isRisky } from './calm.ts';
import { findCommandSites } from './cost/command-sites.ts';
import { type Cost, costOf } from './cost/cost.ts';
import { gatherFacts } from './facts/gather.ts';
import { eachChild } from './facts/tree.ts';
import { judgeLoops, UNKNOWN_END } from './loops/judge.ts';
import { waitsOf } from './loops/waiting.ts';
import { type Growth, growthOf } from './memory/growth.ts';
import { findCycles } from './recursion/cycles.ts';
import { riskOf } from './risk.ts';
import { disableFindings } from './rules/disables.ts';
import type { Fix, RawFinding } from './rules/rule.ts';
import { RULES } from './rules/rules.ts';
import { type Disables, readDisables } from './text/disable-comments.ts';
import { readHeader } from './text/header.ts';
import { Lines } from './text/lines.ts';
import type { MacroForm } from './text/macro-form.ts';
import { type Parsed, parseMacro, TOO_DEEP } from './text/parse.ts';

/** What analysis knows about one source. */
export interface Analysis {
  readonly file: string;
  readonly source: string;
  readonly language: 'js' | 'ts';
  /** JavaScript; each character stands where it stands in the source. */
  readonly code: string;
  readonly form: MacroForm;
  /** Null when it does not parse. */
  readonly ast: Program | null;
  readonly header: Header;
  /** What it can cost, place by place; null when it does not parse. */
  readonly cost: Cost | null;
  /** Data that grows in loops that never end. */
  readonly growth: readonly Growth[];
  /** The author's comments that silence rules: what lint does not show. The report has all findings all the same. */
  readonly disables: Disables;
  readonly report: Report;
}

/** What the text is. */
export interface AnalyseOptions {
  /** Shown in the report, in stacks and in dumps. */
  readonly file: string;
  readonly language: 'js' | 'ts';
  /** The host's commands; without them every global that is no name of JavaScript's may be a category. */
  readonly commands?: readonly Command[];
  /** False judges loops by the text alone, without following a closed macro's steps. Default true. */
  readonly evaluates?: boolean;
  /** False leaves out whether regular expressions are slow, the one part that looks beyond the macro's tree. Default true. */
  readonly judgesRegexes?: boolean;
}

/** The most findings told of one file. */
const FINDINGS_MAX = 200;
const RULE_IDS = RULES.map(({ id }) => id);

/** Analyses a macro; runs nothing of it. */
export function analyse(source: string, options: AnalyseOptions): Analysis {
  const { file, language } = options;
  const header = readHeader(source);
  const analysed = judge(source, parseMacro(source, language), header, options);
  const { parsed } = analysed;
  const told = RULES.flatMap((rule) =>
    rule.check(analysed).map((raw) => toFinding(rule.id, raw, analysed.lines)),
  );
  const disables = readDisables(parsed.code, parsed.ast);
  const unused = disableFindings(disables, told, RULE_IDS).map((raw) =>
    toFinding('unused-disable', raw, analysed.lines),
  );
  const findings = worstOf([...told, ...unused]);
  const report = toReport(file, analysed, findings);
  return {
    file,
    source,
    language,
    code: parsed.code,
    form: parsed.form,
    ast: parsed.ast,
    header,
    cost: analysed.cost,
    growth: analysed.growth,
    disables,
    report,
  };
}

function judge(source: string, parsed: Parsed, header: Header, options: AnalyseOptions): Analysed {
  const lines = new Lines(source);
  const program = parsed.ast;
  const catalogue = options.commands ?? null;
  const { judgesRegexes = true } = options;
  const text = { lines, header, parsed, program, catalogue, judgesRegexes };
  if (!program) return { ...text, ...NOTHING };
  const facts = gatherFacts(program);
  if ('tooDeep' in facts) return judge(source, tooDeep(parsed, facts.tooDeep), header, options);
  const categories = catalogue && new Set(catalogue.map(({ category }) => category));
  const { ends, excess } = judgeLoops(facts, { categories, evaluates: options.evaluates ?? true });
  const loops = facts.loops.map((fact) => ({
    fact,
    end: ends.get(fact.node) ?? UNKNOWN_END,
    waits: waitsOf(fact, facts),
  }));
  const growth = growthOf(facts, loops);
  const commands = findCommandSites(facts, catalogue);
  const cost = costOf(facts, loops, catalogue, commands);
  const cycles = findCycles(facts, categories);
  return { ...text, facts, loops, excess, cycles, growth, commands, cost };
}

/** What is known of a text that does not parse. */
const NOTHING = {
  facts: null,
  loops: [],
  excess: null,
  cycles: [],
  growth: [],
  commands: null,
  cost: null,
} as const;

function tooDeep(parsed: Parsed, { start }: AnyNode): Parsed {
  return { ...parsed, ast: null, problem: { message: TOO_DEEP, start, end: start + 1 } };
}

/** Of too many the worst: an error must not hide behind notes, since it decides about admission. */
function worstOf(findings: readonly Finding[]): Finding[] {
  if (findings.length <= FINDINGS_MAX) return [...findings];
  const { error = [], warning = [], info = [] } = Object.groupBy(findings, ({ level }) => level);
  return [...error, ...warning, ...info].slice(0, FINDINGS_MAX);
}

function toFinding(rule: string, raw: RawFinding, lines: Lines): Finding {
  const { level, message, start, end, advice = null } = raw;
  const related = (raw.related ?? []).map((each) => ({
    message: each.message,
    ...lines.range(each.start, each.end),
  }));
  const fix = raw.fix ? toFix(raw.fix, lines) : null;
  return { rule, level, message, ...lines.range(start, end), related, advice, fix };
}

/** Unlike a finding's, a fix's range may be empty. */
function toFix({ message, start, end, text, safe }: Fix, lines: Lines): FindingFix {
  const { line: endLine, column: endColumn } = lines.at(end);
  return { message, text, safe, ...lines.at(start), endLine, endColumn };
}

function toReport(file: string, analysed: Analysed, findings: Finding[]): Report {
  const { lines, loops, cycles, cost } = analysed;
  const verdict = toVerdict(analysed, findings);
  const report = {
    file,
    verdict,
    findings,
    loops: loops.map(({ fact, end }) => {
      const { line, column } = lines.at(fact.node.start);
      return { line, column, verdict: end.verdict, bound: end.bound };
    }),
    recursion: cycles.map(({ steps, verdict: cycleVerdict }) => ({
      functions: steps.map(({ callable }) => callable.name),
      line: lines.at(steps[0]?.callable.node.start ?? 0).line,
      verdict: cycleVerdict,
    })),
    cost: {
      commands: cost?.commands ?? { min: null, max: null },
      peakPerSecond: { ...cost?.peakPerSecond },
    },
  } satisfies Omit<Report, 'risk'>;
  return { ...report, risk: riskOf(report).risk };
}

function toVerdict(analysed: Analysed, findings: readonly Finding[]): Verdict {
  if (findings.some(({ level }) => level === 'error')) return 'refuse';
  return isCalm(analysed) ? 'admit' : 'solo';
}

function isCalm({ program, facts, loops, cycles }: Analysed): boolean {
  if (!program || !facts || facts.scopes.isDynamic || cycles.length > 0) return false;
  if (!loops.every(({ end, waits }) => waits === 'surely' || isCalmBound(end.bound))) return false;
  let calm = true;
  const visit = (node: AnyNode): void => {
    if (!calm || isRisky(node, facts)) {
      calm = false;
      return;
    }
    eachChild(node, visit);
  };
  visit(program);
  return calm;
}
