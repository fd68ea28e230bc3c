// Owns the words that fill a pattern's message: counts, commands, window, limit and loop.

import { formatDuration } from '../model/limits.ts';
import type { MESSAGE_WORDS, Pattern } from '../model/pattern.ts';
import { safeText } from '../model/safe-text.ts';
import { formatCount } from '../model/units.ts';
import type { CommandUseFact } from './pattern-facts.ts';

const ENDLESS = 'endlessly many';

/** What was found of a macro that a message can tell. */
export interface MessageFacts {
  readonly uses: readonly CommandUseFact[];
  /** Infinity says as fast as it can; null not asked for. */
  readonly inWindow: number | null;
  /** Infinity says unbounded or unknown. */
  readonly total: number;
  readonly loopLine: number | null;
  /** The macros of a circle in order; null for none. */
  readonly circle: readonly string[] | null;
}

/** A pattern's message with its words filled in: one line, safe to show. */
export function fillMessage(pattern: Pattern, facts: MessageFacts): string {
  return fill(pattern, {
    count: countText(facts.inWindow ?? facts.total),
    total: countText(facts.total),
    command: commandText(facts.uses.map(({ name }) => name)),
    loop: facts.loopLine === null ? 'loop' : `loop at line ${facts.loopLine}`,
    circle: circleText(facts.circle ?? []),
  });
}

/** The same for what a run has done: what was counted is no estimate, so `up to` goes. */
export function fillLiveMessage(
  pattern: Pattern,
  seen: { readonly names: readonly string[]; readonly count: number },
): string {
  const count = countText(seen.count);
  const words = { count, total: count, command: commandText(seen.names) };
  const message = pattern.message.replace(/up to (?=\{\{(?:count|total)\}\})/g, '');
  return fill({ ...pattern, message }, { ...words, loop: 'loop', circle: circleText([]) });
}

type Words = Record<keyof typeof MESSAGE_WORDS, string>;

function fill(pattern: Pattern, some: Omit<Words, 'window' | 'limit'>): string {
  const words: Words = { ...some, window: windowText(pattern), limit: limitText(pattern) };
  const filled = pattern.message.replace(
    /(up to )?\{\{([a-z]+)\}\}/g,
    (whole, upTo: string | undefined, word: string) => {
      if (!Object.hasOwn(words, word)) return whole;
      const text = words[word as keyof typeof words];
      // What has no end has no bound either.
      return text === ENDLESS ? text : `${upTo ?? ''}${text}`;
    },
  );
  return safeText(filled, { charsMax: 500 });
}

/** A pattern's limit as people read it: `10 in 5s`; `none` where it has no window. */
export function limitText({ maxOccurrences, timeWindowMs }: Pattern): string {
  if (maxOccurrences === undefined || timeWindowMs === undefined) return 'none';
  return `${formatCount(maxOccurrences)} in ${formatDuration(timeWindowMs)}`;
}

function windowText({ timeWindowMs }: Pattern): string {
  return timeWindowMs === undefined ? 'a run' : formatDuration(timeWindowMs);
}

function countText(count: number): string {
  return Number.isFinite(count) ? formatCount(Math.ceil(count)) : ENDLESS;
}

/** `patrol → duel → patrol`. */
function circleText(path: readonly string[]): string {
  const names = path.map((name) => safeText(name, { charsMax: 60 }));
  const shown = names.length > 8 ? [...names.slice(0, 5), '…', ...names.slice(-2)] : names;
  return shown.join(' → ') || 'itself';
}

/** `chat.say`, `chat.say and chat.whisper`, `chat.say and 2 others`. */
function commandText(all: readonly string[]): string {
  const names = [...new Set(all.map((name) => safeText(name, { charsMax: 70 })))];
  const [first = 'commands', second] = names;
  if (names.length > 2) return `${first} and ${names.length - 1} others`;
  return second === undefined ? first : `${first} and ${second}`;
}
