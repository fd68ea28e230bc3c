// Owns the way from the program down to one node: few rules ask for it, so it is sought and not kept.

import type { AnyNode } from 'acorn';
import { eachChild } from './tree.ts';

/** The nodes around `node`, from the outermost to the innermost; without itself. */
export function ancestorsOf(program: AnyNode, node: AnyNode): AnyNode[] {
  const path: AnyNode[] = [];
  let at: AnyNode | null = program;
  while (at && at !== node) {
    path.push(at);
    at = childAround(at, node);
  }
  return at ? path : [];
}

function childAround(parent: AnyNode, node: AnyNode): AnyNode | null {
  let found: AnyNode | null = null;
  eachChild(parent, (child) => {
    if (found !== node && child.start <= node.start && child.end >= node.end) found = child;
  });
  return found;
}
