// Owns whether two lines belong together: a loop or a function has both in it.

import type { AnyNode } from 'acorn';
import { eachChild, isFunction } from '../facts/tree.ts';
import { Lines } from '../text/lines.ts';
import { parseMacro } from '../text/parse.ts';

const LOOP = /^(?:For|While|DoWhile)/;

/** True when a loop, or a function, has both lines (1-based) in it; false for a text that does not parse. */
export function shareCode(
  source: string,
  language: 'js' | 'ts',
  lines: readonly [number, number],
): boolean {
  const { ast } = parseMacro(source, language);
  if (!ast) return false;
  const places = new Lines(source);
  const first = Math.min(...lines);
  const last = Math.max(...lines);
  const holds = ({ start, end }: AnyNode) =>
    places.at(start).line <= first && places.at(end).line >= last;
  let found = false;
  const visit = (node: AnyNode): void => {
    if (found || !holds(node)) return;
    if (LOOP.test(node.type) || isFunction(node)) found = true;
    else eachChild(node, visit);
  };
  visit(ast as AnyNode);
  return found;
}
