// Owns the rules about regular expressions.

import type { AnyNode } from 'acorn';
import { safeText } from '../../model/safe-text.ts';
import type { Analysed } from '../analysed.ts';
import { constantOf } from '../facts/constants.ts';
import type { Facts } from '../facts/facts.ts';
import { judgeRegex, type RegexVerdict } from '../regex/judge-regex.ts';
import type { RawFinding, Rule } from './rule.ts';

/** A regular expression of the macro's, with what it is made from. */
interface Expression {
  readonly node: AnyNode;
  readonly source: string;
  readonly flags: string;
}

const SHOWN_MAX = 60;
/** Expressions of one file that may turn out too large: hostile ones take the longest. */
const UNKNOWN_MAX = 10;

const slowRegex: Rule = {
  id: 'slow-regex',
  summary: 'A regular expression can take exponentially long.',
  why: 'One text that somebody types into the chat is enough to stop the macro, and the process with it.',
  check: ({ facts, judgesRegexes }) => (facts && judgesRegexes ? slowOnes(facts) : []),
};

function slowOnes(facts: Facts): RawFinding[] {
  const known = new Map<string, RegexVerdict>();
  let unknowns = 0;
  return expressionsOf(facts).flatMap(({ node, source, flags }) => {
    if (unknowns >= UNKNOWN_MAX) return [];
    const key = `${flags}/${source}`;
    const verdict = known.get(key) ?? judgeRegex(source, flags);
    known.set(key, verdict);
    if (verdict.kind === 'unknown') unknowns++;
    const finding = toFinding(verdict);
    return finding ? [{ ...finding, start: node.start, end: node.end }] : [];
  });
}

function toFinding(verdict: RegexVerdict): Pick<RawFinding, 'level' | 'message'> | null {
  if (verdict.kind === 'fine') return null;
  if (verdict.kind === 'unknown') {
    return { level: 'info', message: `whether this is fast cannot be said: ${verdict.why}` };
  }
  const { prefix, pump, suffix } = verdict.attack;
  const text = `${prefix}${pump.repeat(3)}`;
  const shown = safeText(JSON.stringify(text), { charsMax: SHOWN_MAX });
  const message = `each more \`${safeText(pump, { charsMax: SHOWN_MAX })}\` in a text like ${shown}… that ends in ${safeText(JSON.stringify(suffix))} doubles its time: it can match the same text in several ways and tries them all`;
  return { level: 'warning', message };
}

/** Literals, and what is made from constants. */
function expressionsOf(facts: Facts): Expression[] {
  const literals = facts.regexes.flatMap(({ node }) =>
    node.regex ? [{ node, source: node.regex.pattern, flags: node.regex.flags }] : [],
  );
  const made = regexCalls(facts).flatMap(({ node, text, flags }) =>
    text === null ? [] : [{ node, source: text, flags }],
  );
  return [...literals, ...made];
}

/** Each `RegExp(…)` and `new RegExp(…)`; `text` is null where it is not known. */
function regexCalls(facts: Facts) {
  return facts.callsOf('RegExp').flatMap(({ node }) => {
    const [pattern, flags] = node.arguments;
    if (!pattern || (pattern.type === 'Literal' && pattern.regex)) return [];
    const text = constantOf(pattern, facts.scopes)?.value;
    const mode = flags ? constantOf(flags, facts.scopes)?.value : '';
    return [
      {
        node: node as AnyNode,
        text: typeof text === 'string' ? text : null,
        flags: typeof mode === 'string' ? mode : '',
      },
    ];
  });
}

const dynamicRegex: Rule = {
  id: 'dynamic-regex',
  summary: 'A regular expression is made from a text that is not known before the macro runs.',
  why: 'Whoever decides about the text decides how long the match takes.',
  isInfo: true,
  check: ({ facts }: Analysed) =>
    facts
      ? regexCalls(facts).flatMap(({ node, text }) =>
          text === null
            ? [
                {
                  level: 'info' as const,
                  message:
                    'what this regular expression is made from is known only when it runs: nobody can say how long it takes',
                  start: node.start,
                  end: node.end,
                },
              ]
            : [],
        )
      : [],
};

/** The rules of this file. */
export const REGEX_RULES: readonly Rule[] = [slowRegex, dynamicRegex];
