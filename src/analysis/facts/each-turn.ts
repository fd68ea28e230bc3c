// Owns whether a place is surely come by, each time the code around it runs.

import type { AnyNode } from 'acorn';
import { ancestorsOf } from './ancestors.ts';
import { isFunction, isLogical } from './tree.ts';
import type { Fuel } from './uses.ts';

/**
 * True when no condition stands between the start of some code and a place in it, and nothing jumps past it.
 * @param fuel nodes that may be looked at; with none left it is false
 */
export function isSurelyReached(node: AnyNode, code: AnyNode, fuel: Fuel): boolean {
  const path = [...ancestorsOf(code, node, fuel), node];
  if (fuel.steps <= 0) return false;
  return path.every((each, at) => {
    const next = path[at + 1];
    switch (each.type) {
      case 'IfStatement':
      case 'ConditionalExpression':
        return next === each.test;
      case 'LogicalExpression':
        return next === each.left;
      case 'AssignmentExpression':
        return next !== each.right || !isLogical(each);
      case 'ChainExpression':
      case 'AssignmentPattern':
      case 'SwitchStatement':
      case 'CatchClause':
        return false;
      case 'BlockStatement':
        fuel.steps -= each.body.length;
        return !each.body.some(
          (other) => other.start < node.start && other !== next && hasJump(other),
        );
      default:
        return each === node || !isFunction(each);
    }
  });
}

/** True for `continue` and its like, a few blocks deep; a loop of its own keeps its jumps. */
function hasJump(node: AnyNode, depth = 0): boolean {
  if (depth > 6) return true;
  switch (node.type) {
    case 'ContinueStatement':
      return true;
    case 'BlockStatement':
      return node.body.some((each) => hasJump(each, depth + 1));
    case 'IfStatement':
      return (
        hasJump(node.consequent, depth + 1) ||
        (node.alternate != null && hasJump(node.alternate, depth + 1))
      );
    case 'TryStatement':
      return (
        hasJump(node.block, depth + 1) ||
        (node.handler != null && hasJump(node.handler.body, depth + 1))
      );
    case 'SwitchStatement':
    case 'LabeledStatement':
      return true;
    default:
      return false;
  }
}
