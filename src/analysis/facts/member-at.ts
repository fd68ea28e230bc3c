// Owns finding the property access that an error points at.

import type { AnyNode, MemberExpression } from 'acorn';
import { eachChild } from './tree.ts';

/** The innermost `object.property` whose property stands at an offset, or that is assigned to there; null for none. */
export function memberAt(offset: number, program: AnyNode): MemberExpression | null {
  let found: MemberExpression | null = null;
  const visit = (node: AnyNode): void => {
    if (offset < node.start || offset >= node.end) return;
    if (node.type === 'MemberExpression' && node.property.start <= offset) found = node;
    // An assignment is said to be where its sign is.
    if (node.type === 'AssignmentExpression' && offset < node.right.start)
      if (node.left.type === 'MemberExpression' && node.left.end <= offset) found = node.left;
    eachChild(node, visit);
  };
  visit(program);
  return found;
}
