// Owns data that grows for as long as a loop runs that does not end, and is never cut back.

import type { AnyNode } from 'acorn';
import { constantOf } from './constants.ts';
import {
  type CallNode,
  type Facts,
  type LoopFact,
  type NodeOf,
  type Site,
  sitesIn,
} from './facts.ts';
import type { LoopEnd } from './loops/judge.ts';
import type { Variable } from './scopes.ts';

/** Something that grows; offsets of the place that makes it grow. */
export interface Growth {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly loop: LoopFact;
}

const ADDING = new Set(['push', 'unshift', 'add', 'set']);
const CUTTING = new Set(['pop', 'shift', 'splice', 'clear', 'delete', 'fill']);

/** Finds what grows in the loops that never end. */
export function growthOf(
  facts: Facts,
  loops: readonly { readonly fact: LoopFact; readonly end: LoopEnd }[],
): Growth[] {
  if (facts.scopes.isDynamic) return [];
  return loops.flatMap(({ fact, end }) => {
    if (end.verdict !== 'infinite') return [];
    const calls = sitesIn(facts.calls, fact.node);
    const assignments = sitesIn(facts.assignments, fact.node);
    return [
      ...calls.flatMap(({ node }) => addedTo(node, fact, facts)),
      ...assignments.flatMap(({ node }) => assignedTo(node, fact, facts)),
    ]
      .filter(({ variable }) => !isCut(variable, facts, calls, assignments))
      .map(({ variable, node }) => ({
        name: variable.name,
        start: node.start,
        end: node.end,
        loop: fact,
      }));
  });
}

interface Grown {
  readonly variable: Variable;
  readonly node: AnyNode;
}

/** `list.push(x)`, `set.add(x)`. */
function addedTo(node: CallNode, loop: LoopFact, facts: Facts): Grown[] {
  const { callee } = node;
  if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return [];
  if (callee.computed || !ADDING.has(callee.property.name) || node.arguments.length === 0)
    return [];
  const variable = outliving(callee.object, loop, facts);
  if (!variable || !isCollection(variable)) return [];
  const [key] = node.arguments;
  // The same key again adds nothing.
  const isKeyed = callee.property.name === 'add' || callee.property.name === 'set';
  return isKeyed && key && constantOf(key as AnyNode, facts.scopes) ? [] : [{ variable, node }];
}

/** `text += x`, `list = [...list, x]`. */
function assignedTo(node: NodeOf<'AssignmentExpression'>, loop: LoopFact, facts: Facts): Grown[] {
  const { left, right, operator } = node;
  const variable = outliving(left, loop, facts);
  if (!variable) return [];
  if (operator === '+=') return isText(variable) ? [{ variable, node }] : [];
  const isLonger =
    operator === '=' &&
    right.type === 'ArrayExpression' &&
    right.elements.length > 1 &&
    right.elements.some(
      (each) => each?.type === 'SpreadElement' && facts.variableOf(each.argument) === variable,
    );
  return isLonger ? [{ variable, node }] : [];
}

/** The variable a node names, if it was there before the loop. */
function outliving(node: AnyNode, { node: loop }: LoopFact, facts: Facts): Variable | null {
  const variable = facts.variableOf(node);
  const first = variable?.writes[0]?.node;
  return variable && first && !(first.start >= loop.start && first.end <= loop.end)
    ? variable
    : null;
}

function isCollection({ writes }: Variable): boolean {
  const value = writes[0]?.value;
  if (value?.type === 'ArrayExpression') return true;
  return (
    value?.type === 'NewExpression' &&
    value.callee.type === 'Identifier' &&
    ['Array', 'Map', 'Set'].includes(value.callee.name)
  );
}

function isText({ writes }: Variable): boolean {
  const value = writes[0]?.value;
  return (
    value?.type === 'TemplateLiteral' ||
    (value?.type === 'Literal' && typeof value.value === 'string')
  );
}

/** True when something in the loop may cut it back: then nobody can say that it grows. */
function isCut(
  variable: Variable,
  facts: Facts,
  calls: readonly Site<CallNode>[],
  assignments: readonly Site<NodeOf<'AssignmentExpression'>>[],
): boolean {
  const isOurs = (node: AnyNode) => facts.variableOf(node) === variable;
  const byCall = calls.some(({ node: { callee, arguments: given } }) => {
    // Whoever is given it may do anything with it.
    if (given.some(isOurs)) return true;
    return (
      callee.type === 'MemberExpression' &&
      isOurs(callee.object) &&
      callee.property.type === 'Identifier' &&
      CUTTING.has(callee.property.name)
    );
  });
  if (byCall) return true;
  return assignments.some(({ node: { left, right, operator } }) => {
    if (left.type === 'MemberExpression') return isOurs(left.object);
    if (!isOurs(left) || operator !== '=') return false;
    return !(right.type === 'ArrayExpression' && right.elements.length > 1);
  });
}
