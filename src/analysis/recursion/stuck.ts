// Owns recursion that does not end once it has begun: the call is made under conditions that the call itself keeps true.

import type { AnyNode } from 'acorn';
import type { Callable, CallGraph, Edge } from '../calls/call-graph.ts';
import { ancestorsOf } from '../facts/ancestors.ts';
import { constantOf } from '../facts/constants.ts';
import type { Facts, NodeOf } from '../facts/facts.ts';
import { mentions } from '../facts/mentions.ts';
import type { Variable } from '../facts/scopes.ts';
import { eachChild, isFunction } from '../facts/tree.ts';
import { waitsBefore } from './progress.ts';

/** A condition under which the call is made. */
interface Condition {
  readonly test: AnyNode;
  readonly when: boolean;
}

/** What a call gives to a parameter: the same again, or so much more of it. */
type Given = ReadonlyMap<Variable, number>;

/** Calls of itself that are looked at in one function. */
const SITES_MAX = 20;
const FUEL = 20_000;

/** Why a function's call of itself comes again for ever once it is made; null when it may end. */
export function stuckBy(
  inside: readonly Callable[],
  graph: CallGraph,
  facts: Facts,
): string | null {
  for (const callable of inside) {
    const again = graph
      .edgesFrom(callable)
      .filter(({ to, isSure, kind }) => to === callable && isSure && kind === 'call')
      .slice(0, SITES_MAX);
    for (const edge of again) {
      const why = stuckAt(edge, facts);
      if (why !== null) return why;
    }
  }
  return null;
}

function stuckAt(edge: Edge, facts: Facts): string | null {
  const { from, node } = edge;
  if (node.type !== 'CallExpression' || !from.fact?.node || waitsBefore(edge, facts)) return null;
  if (node.callee.type === 'MemberExpression' && /^(?:call|apply)$/.test(textOf(node.callee)))
    return null;
  const conditions = conditionsOf(node, from.fact.body, facts);
  if (!conditions || conditions.length === 0) return null;
  const given = givenBy(node, from.fact.node.params, facts);
  const isKept = conditions.every((condition) => keeps(condition, given, facts));
  if (!isKept) return null;
  const named = [...given].filter(([variable]) =>
    conditions.some(({ test }) => mentions(test, variable, facts)),
  );
  const moved = named.filter(([, step]) => step !== 0).map(([{ name }]) => name);
  const same = named.map(([{ name }]) => name);
  if (moved.length > 0)
    return `${list(moved)} ${moved.length > 1 ? 'go' : 'goes'} away from where it would end`;
  return same.length > 0 ? `it is given the same ${list(same)} each time` : null;
}

function list(names: readonly string[]): string {
  return names.slice(0, 3).join(', ');
}

function textOf({ property }: NodeOf<'MemberExpression'>): string {
  return property.type === 'Identifier' ? property.name : '';
}

/** The conditions that must hold for a place in a function to be come by; null when they cannot be told. */
function conditionsOf(place: AnyNode, body: AnyNode, facts: Facts): Condition[] | null {
  const path = [...ancestorsOf(body, place, { steps: FUEL }), place];
  if (path.length < 2 && body !== place) return null;
  const found: Condition[] = [];
  for (const [index, node] of path.entries()) {
    const next = path[index + 1];
    if (!next) break;
    if (isFunction(node)) return null;
    const here = conditionsIn(node, next);
    if (!here) return null;
    found.push(...here);
  }
  // What is constant decides nothing here.
  return found.filter(({ test }) => !constantOf(test, facts.scopes));
}

/** What one node on the way to a place asks; null where the way is not plain. */
function conditionsIn(node: AnyNode, next: AnyNode): Condition[] | null {
  switch (node.type) {
    case 'BlockStatement': {
      const found: Condition[] = [];
      for (const statement of node.body) {
        if (statement === next) return found;
        const left = passing(statement);
        if (!left) return null;
        found.push(...left);
      }
      return found;
    }
    case 'IfStatement':
    case 'ConditionalExpression':
      return next === node.test ? [] : [{ test: node.test, when: next === node.consequent }];
    case 'LogicalExpression':
      if (next === node.left) return [];
      return node.operator === '??' ? null : [{ test: node.left, when: node.operator === '&&' }];
    case 'ReturnStatement':
    case 'ExpressionStatement':
    case 'AwaitExpression':
    case 'BinaryExpression':
    case 'UnaryExpression':
    case 'CallExpression':
    case 'VariableDeclaration':
    case 'VariableDeclarator':
    case 'ArrayExpression':
    case 'SpreadElement':
    case 'TemplateLiteral':
    case 'ParenthesizedExpression':
    case 'SequenceExpression':
    case 'AssignmentExpression':
      return [];
    default:
      return null;
  }
}

/** What must hold for a statement to be passed; null when it may end the function otherwise. */
function passing(statement: AnyNode): Condition[] | null {
  if (!mayEnd(statement)) return [];
  if (statement.type !== 'IfStatement' || statement.alternate) return null;
  const { consequent, test } = statement;
  const last = consequent.type === 'BlockStatement' ? consequent.body.at(-1) : consequent;
  const ends = last?.type === 'ReturnStatement' || last?.type === 'ThrowStatement';
  const isPlain =
    consequent.type !== 'BlockStatement' || !consequent.body.slice(0, -1).some(mayEnd);
  return ends && isPlain ? [{ test, when: false }] : null;
}

const ENDS = new Set(
  'ReturnStatement ThrowStatement YieldExpression BreakStatement ContinueStatement'.split(' '),
);

function mayEnd(node: AnyNode): boolean {
  if (isFunction(node)) return false;
  if (ENDS.has(node.type)) return true;
  let ends = false;
  eachChild(node, (child) => {
    ends ||= mayEnd(child);
  });
  return ends;
}

/** The parameters that a call hands on the same, or a known step further. */
function givenBy(
  { arguments: given }: NodeOf<'CallExpression'>,
  params: readonly AnyNode[],
  facts: Facts,
): Given {
  const known = new Map<Variable, number>();
  for (const [index, param] of params.entries()) {
    const argument = given[index];
    if (given.slice(0, index + 1).some((each) => each.type === 'SpreadElement')) break;
    const variable = facts.variableOf(param);
    // Written elsewhere too: what it is when the call is made is not known.
    if (!variable || !argument || variable.writes.length !== 1) continue;
    const step = stepFrom(argument, variable, facts);
    if (step !== null) known.set(variable, step);
  }
  return known;
}

function stepFrom(node: AnyNode, variable: Variable, facts: Facts): number | null {
  if (facts.variableOf(node) === variable) return 0;
  if (node.type !== 'BinaryExpression' || !/^[-+]$/.test(node.operator)) return null;
  const isFirst = facts.variableOf(node.left as AnyNode) === variable;
  const other = isFirst ? node.right : (node.left as AnyNode);
  if (!isFirst && (node.operator === '-' || facts.variableOf(node.right) !== variable)) return null;
  const amount = constantOf(other, facts.scopes)?.value;
  if (typeof amount !== 'number' || !Number.isFinite(amount)) return null;
  return node.operator === '-' ? -amount : amount;
}

/** True when a condition that holds still holds for what the call is given. */
function keeps({ test, when }: Condition, given: Given, facts: Facts): boolean {
  if (isUnchanged(test, given, facts)) return true;
  switch (test.type) {
    case 'ParenthesizedExpression':
      return keeps({ test: test.expression, when }, given, facts);
    case 'UnaryExpression':
      return test.operator === '!' && keeps({ test: test.argument, when: !when }, given, facts);
    case 'LogicalExpression': {
      const bothHold = test.operator === (when ? '&&' : '||');
      const sides = [test.left, test.right];
      return bothHold && sides.every((side) => keeps({ test: side, when }, given, facts));
    }
    case 'BinaryExpression':
      return keepsOrder(test, when, given, facts);
    default:
      return false;
  }
}

/** `n > 0` stays true when n grows. */
function keepsOrder(
  { operator, left, right }: NodeOf<'BinaryExpression'>,
  when: boolean,
  given: Given,
  facts: Facts,
): boolean {
  const isLess = operator === '<' || operator === '<=';
  if (!isLess && operator !== '>' && operator !== '>=') return false;
  const leftStep = stepOf(left as AnyNode, given, facts);
  const rightStep = stepOf(right, given, facts);
  if (leftStep === null || rightStep === null) return false;
  const change = leftStep - rightStep;
  return isLess === when ? change <= 0 : change >= 0;
}

/** By how much a side of a comparison grows from call to call; null when that is not known. */
function stepOf(node: AnyNode, given: Given, facts: Facts): number | null {
  const variable = facts.variableOf(node);
  const step = variable && given.get(variable);
  if (typeof step === 'number') return step;
  return isUnchanged(node, given, facts) ? 0 : null;
}

/** True for what depends on nothing but parameters that are handed on as they are. */
function isUnchanged(node: AnyNode, given: Given, facts: Facts): boolean {
  switch (node.type) {
    case 'Literal':
      return true;
    case 'Identifier': {
      const variable = facts.variableOf(node);
      if (variable && given.get(variable) === 0) return true;
      return constantOf(node, facts.scopes) !== null;
    }
    case 'ParenthesizedExpression':
      return isUnchanged(node.expression, given, facts);
    case 'UnaryExpression':
      return node.operator !== 'delete' && isUnchanged(node.argument, given, facts);
    case 'BinaryExpression':
    case 'LogicalExpression':
      if (node.type === 'BinaryExpression' && /^in/.test(node.operator)) return false;
      return (
        isUnchanged(node.left as AnyNode, given, facts) && isUnchanged(node.right, given, facts)
      );
    default:
      return false;
  }
}
