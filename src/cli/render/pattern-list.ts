// Owns how patterns look on a terminal: a table that fits 80 columns, and one pattern explained in full.

import { dirname } from 'node:path';
import { formatBytes, formatDuration } from '../../model/limits.ts';
import type { Pattern } from '../../model/pattern.ts';
import {
  type CommandMatch,
  DEPTH_ENDLESS,
  type LiveMatch,
  type StaticMatch,
} from '../../model/pattern-match.ts';
import { safeText } from '../../model/safe-text.ts';
import { limitText } from '../../policy/pattern-message.ts';
import { liveTestText } from '../../policy/pattern-tests.ts';
import type { LoadedPattern } from '../../policy/patterns.ts';
import type { Paint, Style } from '../style.ts';

const RISK_STYLE: Record<Pattern['risk'], Style> = {
  low: 'dim',
  medium: 'cyan',
  high: 'yellow',
  critical: 'red',
};

const ACTION: Record<Pattern['action'], string> = {
  warn: 'it is warned of',
  pause: 'the run is paused',
  stop: 'the run is stopped',
  emergency: 'every run is stopped and none begins until a person says so',
};

const HEAD = ['id', 'risk', 'action', 'allowed', 'title'] as const;
const COLUMNS = 80;

/** All patterns, one a line, under where they are from. */
export function renderPatternTable(patterns: readonly LoadedPattern[], paint: Paint): string {
  const rows = patterns.map(({ pattern }) => [
    pattern.id,
    pattern.risk,
    pattern.action,
    pattern.maxOccurrences === undefined ? '' : limitText(pattern),
    safeText(pattern.title),
  ]);
  const widths = HEAD.slice(0, -1).map((head, at) =>
    Math.max(head.length, ...rows.map((row) => row[at]?.length ?? 0)),
  );
  const room = COLUMNS - widths.reduce((sum, width) => sum + width + 2, 2);
  const line = (cells: readonly string[]) =>
    cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ');
  const lines = [paint('dim', `  ${line(HEAD)}`)];
  let from = '';
  for (const [index, row] of rows.entries()) {
    const { pattern, file, isBuiltIn } = patterns[index] as LoadedPattern;
    const origin = isBuiltIn ? 'built-in' : dirname(file);
    if (origin !== from) lines.push(paint('bold', safeText(origin)));
    from = origin;
    const [id = '', risk = '', action = '', allowed = '', title = ''] = row;
    // Colour comes after the padding: escape sequences have no width.
    const wide = line([id, risk, action, allowed, cut(title, room)]);
    const start = (widths[0] ?? 0) + 2;
    lines.push(
      `  ${wide.slice(0, start)}${paint(RISK_STYLE[pattern.risk], risk)}${wide.slice(start + risk.length)}`,
    );
  }
  const more = paint('dim', 'All about one of them: corral patterns chat-spam');
  return `${lines.join('\n')}\n\n${more}\n`;
}

/** A pattern in full: what it matches in words, what it does, how to mend, and macros that show it. */
export function renderPattern({ pattern, file, isBuiltIn }: LoadedPattern, paint: Paint): string {
  const { effects, recovery, references = [], tests } = pattern;
  const facts: [string, string][] = [
    ['risk', `${pattern.risk}, confidence ${pattern.confidence}`],
    ['when', whenText(pattern)],
    ['then', `${ACTION[pattern.action]}${resumeText(pattern)}`],
    ['says', safeText(pattern.message)],
    ...effects.map((effect, at): [string, string] => [at === 0 ? 'harm' : '', safeText(effect)]),
    ['mend', safeText(recovery.advice)],
    ...(references.length > 0
      ? [['see', references.map((each) => safeText(each)).join(', ')] as [string, string]]
      : []),
    ['from', isBuiltIn ? 'built-in' : safeText(file)],
  ];
  const lines = facts.map(
    ([label, text]) =>
      `  ${paint('dim', label.padEnd(6))}${wrapped(text, 8).join(`\n${' '.repeat(8)}`)}`,
  );
  return [
    `${paint('bold', pattern.id)}  ${safeText(pattern.title)}`,
    '',
    ...lines,
    '',
    ...shown(paint(['red', 'bold'], 'matches'), tests.invalid),
    ...shown(paint(['green', 'bold'], 'does not match'), tests.valid),
    ...shown(paint('bold', 'while it runs'), tests.live?.map(liveTestText)),
  ].join('\n');
}

function shown(heading: string, sources: readonly string[] = []): string[] {
  return sources.length === 0 ? [] : [heading, ...sources.map((each) => indented(each)), ''];
}

function resumeText({ action, recovery: { autoResumeAfterMs } }: Pattern): string {
  if (action !== 'pause') return '';
  return autoResumeAfterMs === undefined
    ? ' until a person lets it go on'
    : ` and goes on after ${formatDuration(autoResumeAfterMs)}`;
}

/** What a pattern matches, as a sentence without its end. */
export function whenText(pattern: Pattern): string {
  const { match, maxOccurrences } = pattern;
  const parts = [
    ...(match.command ? [commandText(match.command)] : []),
    ...staticTexts(match.static ?? {}, pattern),
  ];
  const estimate = parts.join('; ');
  const live = match.live
    ? liveTexts(match.live, pattern).join('; ')
    : match.command && maxOccurrences !== undefined
      ? `more than ${limitText(pattern)}`
      : '';
  if (live === '') return estimate;
  return estimate === '' ? `while it runs: ${live}` : `${estimate}. While it runs: ${live}`;
}

function liveTexts(live: LiveMatch, { timeWindowMs = 0 }: Pattern): string[] {
  const { heapGrowthPerSecondAtLeast: heap, cpuShareAtLeast: cpu, recursionDepthAtLeast } = live;
  const over = formatDuration(timeWindowMs);
  const texts: [boolean, string][] = [
    [heap !== undefined, `what it holds grows by ${formatBytes(heap ?? 0)} a second over ${over}`],
    [cpu !== undefined, `it uses ${Math.round((cpu ?? 0) * 100)} % of a processor over ${over}`],
    [
      recursionDepthAtLeast !== undefined,
      recursionDepthAtLeast === DEPTH_ENDLESS
        ? 'macros call each other in a circle'
        : `calls stand ${recursionDepthAtLeast} deep in each other`,
    ],
  ];
  return texts.filter(([holds]) => holds).map(([, text]) => text);
}

function commandText({ category, name, except, privileged }: CommandMatch): string {
  const names = [name ?? []].flat();
  const which =
    names.length > 0
      ? `commands ${names.join(', ')}`
      : category === undefined
        ? 'commands of any kind'
        : `commands of ${[category].flat().join(', ')}`;
  const kind = privileged === undefined ? '' : privileged ? 'privileged ' : 'unprivileged ';
  return `${kind}${which}${except ? ` (not ${except.join(', ')})` : ''}`;
}

function staticTexts(wanted: StaticMatch, { timeWindowMs = 0 }: Pattern): string[] {
  const { inLoop, ratePerWindowAtLeast: rate, countAtLeast: count, rule } = wanted;
  const texts: [boolean, string][] = [
    [inLoop === true, 'in a loop'],
    [inLoop === false, 'outside of any loop'],
    [rate !== undefined, `${rate} or more can fall into ${formatDuration(timeWindowMs)}`],
    [count !== undefined, `${count} or more can be given in a run`],
    [wanted.loop !== undefined, `a loop is ${wanted.loop}`],
    [wanted.recursion !== undefined, `a recursion is ${wanted.recursion}`],
    [wanted.growth === true, 'data grows without bound in a loop that never ends'],
    [wanted.macroRecursion === true, 'macros call each other in a circle'],
    [
      rule !== undefined,
      `lint finds ${[rule ?? []].flat().join(' or ')} (${wanted.levelAtLeast ?? 'warning'} or above)`,
    ],
  ];
  return texts.filter(([holds]) => holds).map(([, text]) => text);
}

function indented(source: string): string {
  const text = safeText(source, { multiline: true, charsMax: 2000 }).trimEnd();
  return text.replace(/^/gm, '  | ');
}

/** Words in lines that fit the terminal beside a margin. */
function wrapped(text: string, margin: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > COLUMNS - margin) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

function cut(text: string, columns: number): string {
  const most = Math.max(columns, 12);
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
