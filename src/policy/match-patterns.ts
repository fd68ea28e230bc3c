// Owns whether a pattern applies to a macro before it runs: it asks the facts of the analysis, never the text.

import type { Pattern } from '../model/pattern.ts';
import type { CommandMatch, StaticMatch } from '../model/pattern-match.ts';
import type { Finding, FindingLevel } from '../model/report.ts';
import type { CommandUseFact, PatternFacts } from './pattern-facts.ts';
import { fillMessage } from './pattern-message.ts';
import { type TextPlace, toTextPlace } from './text-place.ts';

/** A pattern that applies to a macro, and where. */
export interface PatternMatch {
  readonly pattern: Pattern;
  /** `warning` when the pattern is sure of harm and the facts are certain, else `info`; never `error`. */
  readonly level: Exclude<FindingLevel, 'error'>;
  /** One line. */
  readonly message: string;
  readonly advice: string;
  readonly effects: readonly string[];
  /** Every place meant, in the order of the source; a dozen at most. */
  readonly places: readonly [TextPlace, ...TextPlace[]];
  /** True when a rule has already found the same: then it is not told twice. */
  readonly isTold: boolean;
}

/** What is known beyond the macro itself. */
export interface MatchOptions {
  /** The names of privileged commands; without them no pattern about privilege matches. */
  readonly privileged?: ReadonlySet<string> | undefined;
}

/** What one condition found: false when it does not hold. */
type Held = false | { readonly places: readonly TextPlace[]; readonly isTold: boolean };

const PLACES_MAX = 12;
const LEVELS: readonly FindingLevel[] = ['info', 'warning', 'error'];

/** The patterns that apply to a macro, in the order given. */
export function matchPatterns(
  patterns: readonly Pattern[],
  facts: PatternFacts,
  options: MatchOptions = {},
): PatternMatch[] {
  return patterns.flatMap((pattern) => matchPattern(pattern, facts, options) ?? []);
}

/** The matches as findings, `pattern:<id>`; those that a rule has already told are left out. */
export function patternFindings(matches: readonly PatternMatch[]): Finding[] {
  return matches
    .filter(({ isTold }) => !isTold)
    .map(({ pattern, level, message, advice, places: [first, ...others] }) => {
      const related = others.map((place) => ({ message: 'here too', ...place }));
      const rule = `pattern:${pattern.id}`;
      const finding = { rule, level, message, ...first, related, advice, fix: null };
      return finding;
    });
}

/** All findings of a macro, those of the rules and those of the patterns, by place. */
export function mergeFindings(...lists: readonly (readonly Finding[])[]): Finding[] {
  return withoutEchoes(lists.flat()).sort((a, b) => a.line - b.line || a.column - b.column);
}

/** That a macro runs away is said only where nothing else says why. */
function withoutEchoes(findings: readonly Finding[]): Finding[] {
  const isSaid = ({ line }: Finding) =>
    findings.some(
      (other) =>
        other.rule !== 'runaway' &&
        other.level !== 'info' &&
        other.line <= line &&
        other.endLine >= line,
    );
  return findings.filter((finding) => finding.rule !== 'runaway' || !isSaid(finding));
}

function matchPattern(
  pattern: Pattern,
  facts: PatternFacts,
  options: MatchOptions,
): PatternMatch | null {
  const wanted = conditionsOf(pattern);
  const commands = matchCommands(pattern, wanted, facts, options);
  if (commands === null) return null;
  const held = [...rulesHeld(wanted, facts), ...verdictsHeld(wanted, facts)];
  const places: TextPlace[] = [];
  for (const each of held) {
    if (!each) return null;
    places.push(...each.places);
  }
  const told = held.some((each) => each !== false && each.isTold);
  const [first, ...others] = [
    ...commands.uses
      .slice(0, PLACES_MAX)
      .map(({ start, end }) => toTextPlace(facts.source, start, end)),
    ...places,
  ].slice(0, PLACES_MAX);
  if (!first) return null;
  const isSure =
    pattern.confidence === 'high' &&
    pattern.risk !== 'low' &&
    commands.isCertain &&
    wanted.loop !== 'unknown' &&
    (wanted.recursion === undefined || wanted.recursion === 'infinite');
  return {
    pattern,
    level: isSure ? 'warning' : 'info',
    message: fillMessage(pattern, {
      ...commands,
      loopLine: loopLine(facts, first),
      circle: facts.macroCircles?.[0]?.path ?? null,
    }),
    advice: pattern.recovery.advice,
    effects: pattern.effects,
    places: [first, ...others],
    isTold: told && !pattern.match.command,
  };
}

/** What the analysis must say; a pattern that only speaks of the live window means the same of the estimate. */
function conditionsOf({ match, maxOccurrences }: Pattern): StaticMatch {
  const wanted = match.static ?? {};
  if (!match.command || Object.keys(wanted).length > 0) return wanted;
  return maxOccurrences === undefined
    ? { countAtLeast: 1 }
    : { ratePerWindowAtLeast: maxOccurrences + 1 };
}

interface CommandsHeld {
  readonly uses: readonly CommandUseFact[];
  /** The most in the window; null where the pattern asks for no rate. */
  readonly inWindow: number | null;
  /** The most in a run; Infinity where unknown. */
  readonly total: number;
  readonly isCertain: boolean;
}

const NO_COMMANDS: CommandsHeld = { uses: [], inWindow: null, total: 0, isCertain: true };

/** The uses of the commands meant when all that is asked of them holds, else null. */
function matchCommands(
  { match: { command }, timeWindowMs }: Pattern,
  wanted: StaticMatch,
  { cost }: PatternFacts,
  { privileged }: MatchOptions,
): CommandsHeld | null {
  if (!command) return NO_COMMANDS;
  const isMeant = (use: CommandUseFact) =>
    isCommand(command, use, privileged) &&
    (wanted.inLoop === undefined || use.inLoop === wanted.inLoop);
  const uses = (cost?.uses ?? []).filter(isMeant);
  if (!cost || uses.length === 0) return null;
  const { ratePerWindowAtLeast: rate, countAtLeast: count = 0 } = wanted;
  const total = totalOf(uses);
  if (total < count) return null;
  // What may be given is no reason to alarm anybody, but one to tell; what surely is given is both.
  const steady = uses.filter(({ isSteady }) => isSteady);
  const isCounted = count === 0 || (Number.isFinite(total) && totalOf(steady) >= count);
  if (rate === undefined || timeWindowMs === undefined)
    return { uses, inWindow: null, total, isCertain: isCounted };
  const inWindow = cost.mostInWindow(isMeant, timeWindowMs);
  if (inWindow === null || inWindow < rate) return null;
  const surely = cost.mostInWindow((use) => use.isSteady && isMeant(use), timeWindowMs);
  return { uses, inWindow, total, isCertain: isCounted && surely !== null && surely >= rate };
}

function totalOf(uses: readonly CommandUseFact[]): number {
  return uses.reduce((sum, { max }) => sum + (max ?? Number.POSITIVE_INFINITY), 0);
}

function isCommand(
  { category, name, except, privileged: asked }: CommandMatch,
  use: CommandUseFact,
  privileged: ReadonlySet<string> | undefined,
): boolean {
  if (category !== undefined && ![category].flat().includes(use.category)) return false;
  if (name !== undefined && ![name].flat().includes(use.name)) return false;
  if (except?.includes(use.name)) return false;
  return asked === undefined || (privileged !== undefined && privileged.has(use.name) === asked);
}

function rulesHeld({ rule, levelAtLeast = 'warning' }: StaticMatch, facts: PatternFacts): Held[] {
  if (rule === undefined) return [];
  const least = LEVELS.indexOf(levelAtLeast);
  const ids = [rule].flat();
  const found = facts.report.findings.filter(
    (finding) => ids.includes(finding.rule) && LEVELS.indexOf(finding.level) >= least,
  );
  return [found.length > 0 && { places: found.map(placeOf), isTold: true }];
}

function verdictsHeld(wanted: StaticMatch, facts: PatternFacts): Held[] {
  const { loop, recursion, growth, macroRecursion } = wanted;
  const { report, source } = facts;
  const held: Held[] = [];
  const add = (places: readonly TextPlace[]) =>
    held.push(places.length > 0 && { places, isTold: isTold(places, report.findings) });
  if (loop !== undefined)
    add(report.loops.filter(({ verdict }) => verdict === loop).map(pointPlace));
  if (recursion !== undefined) {
    const cycles = report.recursion.filter(({ verdict }) => verdict === recursion);
    add(cycles.map(({ line }) => pointPlace({ line, column: 1 })));
  }
  const spans = (list: readonly { start: number; end: number }[] = []) =>
    list.slice(0, PLACES_MAX).map(({ start, end }) => toTextPlace(source, start, end));
  if (growth) add(spans(facts.growth));
  if (macroRecursion) {
    const circles = report.findings.filter(({ rule }) => rule === 'macro-recursion').map(placeOf);
    add(circles.length > 0 ? circles : spans(facts.macroCircles));
  }
  return held;
}

/** True when somebody who reads the findings already knows of each of these lines. */
function isTold(places: readonly TextPlace[], findings: readonly Finding[]): boolean {
  const told = findings.filter(({ level }) => level !== 'info');
  return places.every((place) =>
    told.some(({ line, endLine }) => line <= place.endLine && endLine >= place.line),
  );
}

function placeOf({ line, column, endLine, endColumn }: Finding): TextPlace {
  return { line, column, endLine, endColumn };
}

function pointPlace({ line, column }: { line: number; column: number }): TextPlace {
  return { line, column, endLine: line, endColumn: column + 1 };
}

/** The line of the last loop that begins at or before a place; null when there is none. */
function loopLine({ report }: PatternFacts, place: TextPlace): number | null {
  const before = report.loops.filter(
    ({ line, column }) => line < place.line || (line === place.line && column <= place.column),
  );
  return before.reduce<number | null>((last, { line }) => Math.max(last ?? 0, line), null);
}
