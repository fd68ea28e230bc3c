// Owns what is said of one regular expression. Deterministic: the work is bounded by steps and sizes, never by the clock.

import { RegExpParser } from '@eslint-community/regexpp';
import { type Attack, findAttack } from './ambiguity.ts';
import { automatonOf, TooLarge } from './automaton.ts';

/** What is known of a regular expression. */
export type RegexVerdict =
  | { readonly kind: 'fine' }
  | { readonly kind: 'slow'; readonly attack: Attack }
  /** Too large, or of a syntax that is not understood. */
  | { readonly kind: 'unknown'; readonly why: string };

const FINE: RegexVerdict = { kind: 'fine' };
const LENGTH_MAX = 5_000;

/** Judges a regular expression. */
export function judgeRegex(source: string, flags: string): RegexVerdict {
  if (!mayBranch(source)) return FINE;
  if (source.length > LENGTH_MAX)
    return { kind: 'unknown', why: `it has more than ${LENGTH_MAX} characters` };
  try {
    const parser = new RegExpParser({ ecmaVersion: 2025 });
    const mode = { unicode: flags.includes('u'), unicodeSets: flags.includes('v') };
    const pattern = parser.parsePattern(source, undefined, undefined, mode);
    const waiting = [pattern.alternatives];
    for (const alternatives of waiting) {
      const automaton = automatonOf(alternatives, flags);
      waiting.push(...automaton.inner.map((each) => [...each]));
      const attack = findAttack(automaton);
      if (attack === undefined) return { kind: 'unknown', why: 'it is too complicated' };
      if (attack) return { kind: 'slow', attack };
    }
    return FINE;
  } catch (error) {
    if (error instanceof TooLarge) return { kind: 'unknown', why: 'it is too large' };
    // What is no regular expression throws when it is made, and takes no time.
    if (error instanceof SyntaxError) return FINE;
    if (error instanceof RangeError) return { kind: 'unknown', why: 'it is nested too deeply' };
    throw error;
  }
}

/**
 * False where no group is repeated that has a repetition or a choice in it: then there are no two ways to repeat it. A
 * glance at the text, since most expressions need no more.
 */
function mayBranch(source: string): boolean {
  const open: boolean[] = [];
  let isInClass = false;
  for (let at = 0; at < source.length; at++) {
    const sign = source[at];
    if (sign === '\\') at++;
    else if (isInClass) isInClass = sign !== ']';
    else if (sign === '[') isInClass = true;
    else if (sign === '(') open.push(false);
    else if (sign === ')') {
      const hasChoice = open.pop() ?? false;
      if (hasChoice && /[*+{]/.test(source[at + 1] ?? '')) return true;
      if (hasChoice && open.length > 0) open[open.length - 1] = true;
    } else if (/[*+{|]/.test(sign ?? '') || (sign === '?' && source[at - 1] !== '(')) {
      if (open.length > 0) open[open.length - 1] = true;
    }
  }
  return false;
}
