// Owns the way from the program down to one node: few rules ask for it, so it is sought and not kept.

import type { AnyNode } from 'acorn';
import { eachChild } from './tree.ts';
import type { Fuel } from './uses.ts';

/**
 * The nodes around `node`, from the outermost to the innermost; without itself.
 * @param fuel nodes that may be looked at; with none left the way is not found
 */
export function ancestorsOf(
  program: AnyNode,
  node: AnyNode,
  fuel: Fuel = { steps: Number.POSITIVE_INFINITY },
): AnyNode[] {
  const path: AnyNode[] = [];
  let at: AnyNode | null = program;
  while (at && at !== node && fuel.steps > 0) {
    path.push(at);
    at = childAround(at, node, fuel);
  }
  return at === node ? path : [];
}

function childAround(parent: AnyNode, node: AnyNode, fuel: Fuel): AnyNode | null {
  let found: AnyNode | null = null;
  eachChild(parent, (child) => {
    fuel.steps--;
    if (found !== node && child.start <= node.start && child.end >= node.end) found = child;
  });
  return found;
}
