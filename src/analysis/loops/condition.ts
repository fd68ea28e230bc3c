// Owns conditions that nothing in their loop can change: once such a loop has begun, its condition never ends it.

import type { AnyNode } from 'acorn';
import { type Facts, type LoopFact, type LoopNode, sitesIn } from '../facts.ts';
import type { Variable } from '../scopes.ts';

/** The names a condition hangs on, when none of them can change while the loop runs; null otherwise. */
export function fixedNames(loop: LoopFact, facts: Facts): readonly string[] | null {
  const { node } = loop;
  if (node.type === 'ForInStatement' || node.type === 'ForOfStatement' || !node.test) return null;
  const variables = new Set<Variable>();
  if (facts.scopes.isDynamic || !gather(node.test, facts, variables) || variables.size === 0)
    return null;
  // After an await anything another function can write may have changed; so may it in a call.
  const isAlone =
    sitesIn(loop.owner.awaits, node, 1).length === 0 &&
    sitesIn(loop.owner.calls, node, 1).length === 0;
  for (const { writes } of variables) {
    for (const write of writes) {
      if (write.owner !== loop.owner.node && !isAlone) return null;
      if (isInside(write.node, node)) return null;
    }
  }
  return [...variables].map(({ name }) => name);
}

/** A write in the loop's own start is no write in the loop. */
function isInside(write: AnyNode, loop: LoopNode): boolean {
  if (write.start < loop.start || write.end > loop.end) return false;
  const init = loop.type === 'ForStatement' ? loop.init : null;
  return !(init && write.start >= init.start && write.end <= init.end);
}

/** Collects the variables of a condition made of names, constants and operators alone; false for any other. */
function gather(node: AnyNode, facts: Facts, variables: Set<Variable>): boolean {
  switch (node.type) {
    case 'Literal':
      return true;
    case 'Identifier': {
      const variable = facts.variableOf(node);
      if (!variable)
        return node.name === 'undefined' || node.name === 'NaN' || node.name === 'Infinity';
      // An object may say something else each time it is made a number; only what is surely none is taken.
      variables.add(variable);
      return true;
    }
    case 'UnaryExpression':
      return node.operator !== 'delete' && gather(node.argument, facts, variables);
    case 'BinaryExpression':
      return (
        node.left.type !== 'PrivateIdentifier' &&
        node.operator !== 'in' &&
        node.operator !== 'instanceof' &&
        gather(node.left, facts, variables) &&
        gather(node.right, facts, variables)
      );
    case 'LogicalExpression':
      return gather(node.left, facts, variables) && gather(node.right, facts, variables);
    default:
      return false;
  }
}
