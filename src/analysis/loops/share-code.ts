// Owns whether two lines belong together: a loop or a function has both in it, or one calls the function that has the other.

import type { AnyNode } from 'acorn';
import type { Facts } from '../facts/facts.ts';
import { gatherFacts } from '../facts/gather.ts';
import { eachChild, isFunction } from '../facts/tree.ts';
import { Lines } from '../text/lines.ts';
import { parseMacro } from '../text/parse.ts';

type Holds = (node: { readonly start: number; readonly end: number }, line: number) => boolean;

const LOOP = /^(?:For|While|DoWhile)/;

/** True when two lines (1-based) belong together; false for a text that does not parse. */
export function shareCode(
  source: string,
  language: 'js' | 'ts',
  [one, other]: readonly [number, number],
): boolean {
  const { ast } = parseMacro(source, language);
  if (!ast) return false;
  const lines = new Lines(source);
  const holds: Holds = ({ start, end }, line) =>
    lines.at(start).line <= line && lines.at(end).line >= line;
  let found = false;
  const visit = (node: AnyNode): void => {
    if (found || !holds(node, one) || !holds(node, other)) return;
    if (LOOP.test(node.type) || isFunction(node)) found = true;
    else eachChild(node, visit);
  };
  visit(ast as AnyNode);
  const facts = gatherFacts(ast);
  if (found || 'tooDeep' in facts) return found;
  return calls(facts, holds, one, other) || calls(facts, holds, other, one);
}

/** True when a line calls a function that has the other. */
function calls(facts: Facts, holds: Holds, from: number, to: number): boolean {
  return facts.calls.some(({ node }) => {
    const called = holds(node, from) && facts.calleeOf(node)?.node;
    return called ? holds(called, to) : false;
  });
}
