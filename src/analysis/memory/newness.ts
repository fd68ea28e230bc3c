// Owns which values are other ones each time they are come by: counters that only go up, clocks, chance, and texts made of them.

import type { AnyNode } from 'acorn';
import type { Facts, NodeOf } from '../facts/facts.ts';
import { isFunction } from '../facts/tree.ts';

const DEPTH_MAX = 12;
/** What is written in more places is no counter. */
const WRITES_MAX = 20;

/**
 * True for a value that is surely another one each turn.
 * @param isHere tells what runs each turn
 */
export function isNewEachTurn(
  node: AnyNode,
  facts: Facts,
  isHere: (node: AnyNode) => boolean,
  depth = 0,
): boolean {
  if (depth > DEPTH_MAX) return false;
  const next = (inner: AnyNode) => isNewEachTurn(inner, facts, isHere, depth + 1);
  switch (node.type) {
    case 'Identifier': {
      const all = facts.variableOf(node)?.writes ?? [];
      if (all.length > WRITES_MAX) return false;
      const writes = all.filter((write) => isHere(write.node));
      const [first] = writes;
      if (writes.length === 1 && first?.value) return !isFunction(first.value) && next(first.value);
      return writes.length > 0 && writes.every((write) => write.node.type === 'UpdateExpression');
    }
    case 'UpdateExpression':
      return next(node.argument);
    case 'TemplateLiteral':
      return node.expressions.some(next);
    case 'BinaryExpression':
      if (node.operator !== '+' || node.left.type === 'PrivateIdentifier') return false;
      return next(node.left) || next(node.right);
    case 'CallExpression':
      return (
        isNewCall(node, facts) || (isGlobal(node, 'String', facts) && node.arguments.some(next))
      );
    default:
      return false;
  }
}

function isGlobal({ callee }: NodeOf<'CallExpression'>, name: string, facts: Facts): boolean {
  return facts.globalName(callee) === name;
}

function isNewCall({ callee }: NodeOf<'CallExpression'>, facts: Facts): boolean {
  const name = facts.globalName(callee);
  if (name !== null) return name === 'now' || name === 'random' || name === 'Symbol';
  if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return false;
  const root = facts.globalName(callee.object);
  const method = callee.property.name;
  if (method === 'now') return root === 'Date' || root === 'performance';
  return root === 'Math' && method === 'random';
}
