// Owns what one use of a variable does to the data it holds: lets it grow, takes something out, or only looks.

import type { AnyNode } from 'acorn';
import { constantOf } from '../facts/constants.ts';
import type { Facts, NodeOf } from '../facts/facts.ts';
import { propertyName } from '../facts/names.ts';
import type { Variable } from '../facts/scopes.ts';

/** What a variable holds from the start. */
export type Kind = 'array' | 'map' | 'set' | 'object' | 'text' | 'nothing';
/** What a use does: `grows` surely, `may-grow` only if something new comes; `looks` changes nothing; all else may hold it small. */
export type Effect = 'grows' | 'may-grow' | 'looks' | 'limits';

/** Somewhere data is held: a variable, or a property of the object in it. */
export interface Holding {
  readonly variable: Variable;
  readonly kind: Kind;
  /** Tells whether a value is another one each time it is come by. */
  readonly isFresh: (node: AnyNode) => boolean;
  readonly facts: Facts;
}

const LOOKERS = new Set(
  (
    'has get includes indexOf lastIndexOf forEach map flatMap filter join at slice find findIndex findLast some every keys ' +
    'values entries concat reduce reduceRight toString toSorted toReversed startsWith endsWith charAt charCodeAt ' +
    'trim toLowerCase toUpperCase hasOwnProperty'
  ).split(' '),
);
const COMPARISONS = new Set('< <= > >= == === != !== %'.split(' '));
const LOOKING_CALLS = /^(?:log|console|JSON|Math|String|Number|Boolean|structuredClone)$/;
const LOOKING_METHODS = new Set('keys values entries isArray from fromEntries freeze'.split(' '));

/** What a variable's initialiser makes it hold; null for what is not known. */
export function kindOf(node: AnyNode, facts: Facts): Kind | null {
  switch (node.type) {
    case 'ArrayExpression':
      return 'array';
    case 'ObjectExpression':
      return 'object';
    case 'TemplateLiteral':
      return 'text';
    case 'Literal':
      if (node.value === null && !('regex' in node && node.regex) && node.bigint == null)
        return 'nothing';
      return typeof node.value === 'string' ? 'text' : null;
    case 'NewExpression':
    case 'CallExpression': {
      const name = facts.globalName(node.callee);
      if (name === 'Array') return 'array';
      if (name === 'Map' || name === 'Set') return name === 'Map' ? 'map' : 'set';
      return null;
    }
    default:
      return null;
  }
}

/** What a use does to a holding; `around` are the nodes around it, from the innermost. */
export function effectOf(node: AnyNode, around: readonly AnyNode[], holding: Holding): Effect {
  const [parent, outer, outmost] = around;
  if (!parent) return 'limits';
  if (parent.type === 'MemberExpression' && parent.object === node)
    return ofMember(parent, outer, outmost, holding);
  if (parent.type === 'AssignmentExpression' && parent.left === node)
    return ofAssignment(parent, holding);
  if (parent.type === 'UpdateExpression' || parent.type === 'VariableDeclarator')
    return holding.kind === 'text' && parent.type === 'VariableDeclarator' ? 'looks' : 'limits';
  if (parent.type === 'ArrayPattern' || parent.type === 'AssignmentPattern') return 'limits';
  if (holding.kind === 'text') return 'looks';
  return isLook(node, parent, outer, outmost, holding) ? 'looks' : 'limits';
}

function isLook(
  node: AnyNode,
  parent: AnyNode,
  outer: AnyNode | undefined,
  outmost: AnyNode | undefined,
  { facts, variable }: Holding,
): boolean {
  switch (parent.type) {
    case 'BinaryExpression':
    case 'TemplateLiteral':
    case 'SpreadElement':
    case 'UnaryExpression':
    case 'ReturnStatement':
      return true;
    case 'ForOfStatement':
    case 'ForInStatement':
      return parent.right === node;
    case 'CallExpression':
      return parent.callee !== node && isLookingCall(parent, facts);
    case 'Property':
    case 'ArrayExpression': {
      // `head = { next: head }`: a link of a chain, judged where it is assigned.
      const to = parent.type === 'Property' ? outmost : outer;
      return to?.type === 'AssignmentExpression' && facts.variableOf(to.left) === variable;
    }
    default:
      return false;
  }
}

function isLookingCall({ callee }: NodeOf<'CallExpression'>, facts: Facts): boolean {
  const name = facts.globalName(callee);
  if (name !== null) return LOOKING_CALLS.test(name);
  if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return false;
  const root = facts.globalName(callee.object);
  if (root === 'Object' || root === 'Array') return LOOKING_METHODS.has(callee.property.name);
  return root !== null && LOOKING_CALLS.test(root);
}

function ofMember(
  member: NodeOf<'MemberExpression'>,
  outer: AnyNode | undefined,
  outmost: AnyNode | undefined,
  holding: Holding,
): Effect {
  const name = propertyName(member);
  if (outer?.type === 'CallExpression' && outer.callee === member)
    return ofCall(name, outer, holding);
  if (outer?.type === 'AssignmentExpression' && outer.left === member)
    return ofElement(member, holding);
  if (outer?.type === 'UpdateExpression') return ofElement(member, holding);
  if (outer?.type === 'UnaryExpression' && outer.operator === 'delete') return 'limits';
  if (name !== 'length' && name !== 'size') return 'looks';
  if (outer?.type === 'BinaryExpression')
    return COMPARISONS.has(outer.operator) ? 'limits' : 'looks';
  const isShown =
    outer?.type === 'TemplateLiteral' ||
    outer?.type === 'CallExpression' ||
    (outer?.type === 'MemberExpression' && outmost?.type === 'AssignmentExpression') ||
    (outer?.type === 'Property' && outmost?.type === 'ObjectExpression');
  return isShown ? 'looks' : 'limits';
}

function ofCall(
  name: string | null,
  { arguments: given }: NodeOf<'CallExpression'>,
  { kind, isFresh }: Holding,
): Effect {
  if (name === null) return 'limits';
  if (kind === 'array' && (name === 'push' || name === 'unshift')) {
    if (given.length === 0) return 'looks';
    return given.some(({ type }) => type !== 'SpreadElement') ? 'grows' : 'may-grow';
  }
  const isPut = (kind === 'map' && name === 'set') || (kind === 'set' && name === 'add');
  const [key] = given;
  if (isPut && key) return isFresh(key) || isMade(key) ? 'grows' : 'may-grow';
  return LOOKERS.has(name) ? 'looks' : 'limits';
}

/** `x[key] = …`, `x.name = …`. */
function ofElement(
  member: NodeOf<'MemberExpression'>,
  { kind, isFresh, facts, variable }: Holding,
): Effect {
  if (!member.computed) return propertyName(member) === 'length' ? 'limits' : 'looks';
  if (constantOf(member.property, facts.scopes)) return 'looks';
  const { property } = member;
  const isEnd =
    property.type === 'MemberExpression' &&
    propertyName(property) === 'length' &&
    facts.variableOf(property.object) === variable;
  if (kind === 'array' && isEnd) return 'grows';
  if (kind !== 'array' && kind !== 'object') return 'looks';
  return isFresh(property) ? 'grows' : 'may-grow';
}

function ofAssignment(
  { operator, right }: NodeOf<'AssignmentExpression'>,
  holding: Holding,
): Effect {
  const { kind, isFresh, facts, variable } = holding;
  if (operator === '+=')
    return kind === 'text' ? (isText(right, isFresh) ? 'grows' : 'may-grow') : 'limits';
  if (operator !== '=') return 'limits';
  const isSelf = (node: AnyNode | null) => node !== null && facts.variableOf(node) === variable;
  switch (right.type) {
    case 'BinaryExpression':
      if (kind !== 'text' || right.operator !== '+') return 'limits';
      return ofSum(right, isSelf, isFresh);
    case 'TemplateLiteral':
      if (kind !== 'text' || !right.expressions.some(isSelf)) return 'limits';
      return right.quasis.some(({ value }) => value.raw !== '') ? 'grows' : 'may-grow';
    case 'ArrayExpression': {
      const keeps = right.elements.some(
        (each) => isSelf(each) || (each?.type === 'SpreadElement' && isSelf(each.argument)),
      );
      if (!keeps) return 'limits';
      return right.elements.some((each) => each && each.type !== 'SpreadElement')
        ? 'grows'
        : 'may-grow';
    }
    case 'ObjectExpression': {
      const isLink = right.properties.some(
        (each) => each.type === 'Property' && isSelf(each.value),
      );
      return isLink ? 'grows' : 'limits';
    }
    case 'CallExpression': {
      const { callee } = right;
      const isConcat =
        callee.type === 'MemberExpression' &&
        propertyName(callee) === 'concat' &&
        isSelf(callee.object);
      if (!isConcat) return 'limits';
      const adds = (each: AnyNode) =>
        each.type === 'ArrayExpression' ? each.elements.length > 0 : isMade(each);
      return right.arguments.some(adds) ? 'grows' : 'may-grow';
    }
    default:
      return 'limits';
  }
}

function ofSum(
  { left, right }: NodeOf<'BinaryExpression'>,
  isSelf: (node: AnyNode) => boolean,
  isFresh: (node: AnyNode) => boolean,
): Effect {
  // `s + a + b` is `(s + a) + b`.
  const others: AnyNode[] = [right];
  let at: AnyNode = left;
  while (at.type === 'BinaryExpression' && at.operator === '+') {
    others.push(at.right);
    at = at.left;
  }
  const first = isSelf(at);
  if (!first && !others.some(isSelf)) return 'limits';
  return others.some((each) => isText(each, isFresh)) || isText(at, isFresh) ? 'grows' : 'may-grow';
}

/** True for what surely adds at least one character. */
function isText(node: AnyNode, isFresh: (node: AnyNode) => boolean): boolean {
  if (node.type === 'Literal') return String(node.value) !== '';
  if (node.type === 'TemplateLiteral') return node.quasis.some(({ value }) => value.raw !== '');
  if (node.type === 'BinaryExpression')
    return (
      node.operator === '+' &&
      ((node.left.type !== 'PrivateIdentifier' && isText(node.left, isFresh)) ||
        isText(node.right, isFresh))
    );
  if (node.type === 'CallExpression' && node.callee.type === 'MemberExpression')
    return propertyName(node.callee) === 'repeat' && isText(node.callee.object, isFresh);
  return isFresh(node);
}

/** True for what makes a new object. */
function isMade({ type }: AnyNode): boolean {
  return (
    type === 'ObjectExpression' ||
    type === 'NewExpression' ||
    type === 'ArrowFunctionExpression' ||
    type === 'FunctionExpression'
  );
}
