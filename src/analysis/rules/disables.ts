// Owns the rule about `corral-disable…` comments: those that silence nothing, give no reason or name no rule there is.

import { distance } from 'fastest-levenshtein';
import type { Finding } from '../../model/report.ts';
import { safeText } from '../../model/safe-text.ts';
import { type Disable, type Disables, silences } from '../text/disable-comments.ts';
import type { RawFinding, Rule } from './rule.ts';

const ID = 'unused-disable';
const NAME_CHARS_MAX = 60;
const MISTAKES_MAX = 4;
/** What patterns find is known only to who has loaded them. */
const PATTERN = 'pattern:';
/** A comment changes nothing that runs. */
const TAKE_OUT = { message: 'take the comment out', text: '', safe: true };

/** What is wrong with the comments themselves; it is said after every other rule has spoken. */
export function disableFindings(
  disables: Disables,
  findings: readonly Finding[],
  rules: readonly string[],
): RawFinding[] {
  const nameless = disables.nameless.map((place) =>
    finding(place, 'this names no rule, so it silences nothing', {
      advice: 'Name the rules it is meant for: `corral-disable-next-line infinite-loop -- why`.',
    }),
  );
  const named = disables.list
    .filter(({ rule }) => !rule.startsWith(PATTERN))
    .flatMap((disable) => problemOf(disable, findings, rules));
  return [...nameless, ...named];
}

/**
 * Like {@link disableFindings}, of the comments that name patterns.
 * @param patterns the ids of the patterns that were looked for
 */
export function patternDisableFindings(
  { list }: Disables,
  findings: readonly Finding[],
  patterns: readonly string[],
): RawFinding[] {
  const rules = patterns.map((id) => PATTERN + id);
  return list
    .filter(({ rule }) => rule.startsWith(PATTERN))
    .flatMap((disable) => problemOf(disable, findings, rules));
}

function problemOf(
  disable: Disable,
  findings: readonly Finding[],
  rules: readonly string[],
): RawFinding[] {
  const { rule, reason } = disable;
  const name = safeText(rule, { charsMax: NAME_CHARS_MAX });
  if (!rules.includes(rule)) {
    const near = nearest(rule, rules);
    const hint = near === null ? ', so this silences nothing' : `; did you mean \`${near}\`?`;
    return [finding(disable, `there is no rule \`${name}\`${hint}`)];
  }
  const isUsed = findings.some((each) => silences(disable, each));
  if (!isUsed && rule !== ID)
    return [
      finding(disable, `\`${name}\` finds nothing here, so this silences nothing`, {
        advice: 'Take it out, so that it does not silence what comes later.',
        ...(disable.cut && { fix: { ...disable.cut, ...TAKE_OUT } }),
      }),
    ];
  if (reason !== null) return [];
  return [
    finding(disable, `this silences \`${name}\` and does not say why`, {
      advice: `Give the reason behind two dashes: \`${name} -- the host stops it\`.`,
    }),
  ];
}

function finding(
  { start, end }: { readonly start: number; readonly end: number },
  message: string,
  more: Pick<RawFinding, 'advice' | 'fix'> = {},
): RawFinding {
  return { level: 'info', message, start, end, ...more };
}

function nearest(name: string, names: readonly string[]): string | null {
  if (name.length > NAME_CHARS_MAX) return null;
  let best: string | null = null;
  let least = Math.min(MISTAKES_MAX, name.length / 2) + 1;
  for (const each of names) {
    const mistakes = distance(name.toLowerCase(), each);
    if (mistakes < least) [best, least] = [each, mistakes];
  }
  return best;
}

const unusedDisable: Rule = {
  id: ID,
  summary: 'A comment that is to silence a rule silences nothing, or does not say why.',
  why: 'A comment that silences nothing today hides a real finding tomorrow, and nobody remembers what it was for.',
  isInfo: true,
  // What the other rules found decides: analysis asks `disableFindings` when they are done.
  check: () => [],
};

/** The rules of this file. */
export const DISABLE_RULES: readonly Rule[] = [unusedDisable];
