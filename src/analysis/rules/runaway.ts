// Owns the rule about macros that were followed step by step and did more than any macro needs.

import type { Analysed } from '../analysed.ts';
import type { RawFinding, Rule } from './rule.ts';

const PLACE_MAX = 40;

const runaway: Rule = {
  id: 'runaway',
  summary: 'Followed step by step, the macro does more than any macro needs.',
  why: 'What a macro does needlessly often or large takes CPU and memory from everybody on the host.',
  check: (analysed) => (analysed.excess ? findings(analysed, analysed.excess) : []),
};

function findings(
  { loops }: Analysed,
  { node, what }: NonNullable<Analysed['excess']>,
): RawFinding[] {
  const loop = loops.find(({ fact }) => fact.node === node);
  // What never ends is told already, and what is counted may well be meant.
  if (loop?.end.verdict === 'infinite') return [];
  const isCounted = loop?.end.verdict === 'terminates' && what.startsWith('takes');
  const level = isCounted || loop?.waits === 'surely' ? 'info' : 'warning';
  // A program begins with its header; what it does begins with its first statement.
  const { start, end } = (node.type === 'Program' && node.body[0]) || node;
  const message = `followed step by step, this ${what}`;
  return [{ level, message, start, end: Math.min(end, start + PLACE_MAX) }];
}

/** The rules of this file. */
export const RUNAWAY_RULES: readonly Rule[] = [runaway];
