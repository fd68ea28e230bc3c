// Owns conditions that nothing in their loop can change: once such a loop has begun, its condition never ends it.

import type { AnyNode } from 'acorn';
import {
  type CallNode,
  type Facts,
  type LoopFact,
  type LoopNode,
  type NodeOf,
  sitesIn,
} from '../facts/facts.ts';
import { heldBy } from '../facts/held.ts';
import type { Variable } from '../facts/scopes.ts';
import { isHarmless } from './leaving.ts';

/** What is written in more places is not followed. */
const WRITES_MAX = 500;
/** A loop with more calls is not looked through. */
const CALLS_MAX = 200;

/** The names a condition hangs on, when none of them can change while the loop runs; null otherwise. */
export function fixedNames(loop: LoopFact, facts: Facts): readonly string[] | null {
  const { node } = loop;
  if (node.type === 'ForInStatement' || node.type === 'ForOfStatement' || !node.test) return null;
  const variables = new Set<Variable>();
  if (facts.scopes.isDynamic || !gather(node.test, facts, variables)) return null;
  // After an await anything another function can write may have changed; so may it in a call.
  const calls = sitesIn(loop.owner.calls, node, CALLS_MAX);
  const isAlone =
    sitesIn(loop.owner.awaits, node, 1).length === 0 &&
    calls.length < CALLS_MAX &&
    calls.every((site) => callsNoOther(site.node, facts));
  for (const { writes } of variables) {
    if (writes.length > WRITES_MAX) return null;
    for (const write of writes) {
      if (write.owner !== loop.owner.node && !isAlone) return null;
      if (isInside(write.node, node)) return null;
    }
  }
  return [...variables].map(({ name }) => name);
}

/** A call of something of JavaScript's own that runs none of the macro's functions. */
function callsNoOther({ callee, arguments: given }: CallNode, facts: Facts): boolean {
  const root = callee.type === 'MemberExpression' ? callee.object : callee;
  const name = facts.globalName(root);
  return name !== null && isHarmless(name) && given.every(isPlain);
}

/** What is certainly no function and has no method that would be called. */
function isPlain(node: AnyNode): boolean {
  if (node.type === 'TemplateLiteral') return node.expressions.every(isPlain);
  return node.type === 'Literal';
}

/** A write in the loop's own start is no write in the loop. */
function isInside(write: AnyNode, loop: LoopNode): boolean {
  if (write.start < loop.start || write.end > loop.end) return false;
  const init = loop.type === 'ForStatement' ? loop.init : null;
  return !(init && write.start >= init.start && write.end <= init.end);
}

/** A search by an expression that does not remember where it was: always from the beginning. */
function isSameSearch(
  { callee, arguments: given }: NodeOf<'CallExpression'>,
  facts: Facts,
): boolean {
  if (given.length !== 1 || callee.type !== 'MemberExpression' || callee.computed) return false;
  const { object, property } = callee;
  if (property.type !== 'Identifier' || !/^(?:exec|test)$/.test(property.name)) return false;
  const isInPlace = object.type === 'Literal';
  const held = isInPlace ? object : heldBy(object as AnyNode, facts);
  if (held?.type !== 'Literal' || !held.regex) return false;
  return isInPlace || !/[gy]/.test(held.regex.flags);
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
    case 'ParenthesizedExpression':
      return gather(node.expression, facts, variables);
    case 'AssignmentExpression':
      // `(m = /a/.exec(text))` is the same each turn when what it is given is.
      return (
        node.operator === '=' &&
        node.left.type === 'Identifier' &&
        gather(node.right, facts, variables)
      );
    case 'CallExpression':
      return isSameSearch(node, facts) && gather(node.arguments[0] as AnyNode, facts, variables);
    default:
      return false;
  }
}
