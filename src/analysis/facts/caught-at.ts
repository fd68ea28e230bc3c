// Owns finding the `catch` that an error at a place would come to.

import type { AnyNode } from 'acorn';
import type { NodeOf } from './facts.ts';
import { eachChild } from './tree.ts';

/** The innermost `catch` around an offset; null for none. Of `.catch(…)` it knows nothing. */
export function caughtAt(offset: number, program: AnyNode): NodeOf<'CatchClause'> | null {
  let found: NodeOf<'CatchClause'> | null = null;
  const visit = (node: AnyNode): void => {
    if (offset < node.start || offset >= node.end) return;
    if (node.type === 'TryStatement' && node.handler) {
      const { start, end } = node.block;
      if (start <= offset && offset < end) found = node.handler;
    }
    eachChild(node, visit);
  };
  visit(program);
  return found;
}
