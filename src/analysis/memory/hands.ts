// Owns what a macro's text does to one thing it holds: where it is added to, where taken out of, and where it is handed on,
// after which anybody may do anything with it.

import type { AnyNode } from 'acorn';
import type { NodeOf } from '../facts/facts.ts';
import { functionAt } from '../facts/function-at.ts';
import { propertyName } from '../facts/names.ts';
import type { Variable } from '../facts/scopes.ts';
import { eachChild, isLogical } from '../facts/tree.ts';
import { loopAt } from '../loops/loop-at.ts';
import type { Text } from '../read-text.ts';
import { assigned } from './assigned.ts';

/** A place that does something with the thing. */
export interface Hand {
  /** 1-based. */
  readonly line: number;
  /** Such as `push` or `+=`. */
  readonly how: string;
  /** Line of the innermost loop around it; null for none. */
  readonly loopLine: number | null;
  /** True when that loop goes over the thing itself. */
  readonly isWalked: boolean;
  /** True in a loop or a function: it may happen again and again. */
  readonly isAgain: boolean;
  /** True where what is put in is a constant, which weighs next to nothing. */
  readonly isPlain: boolean;
}

/** All places of one thing. */
export interface Hands {
  readonly adds: readonly Hand[];
  readonly takes: readonly Hand[];
  /** Where it is passed, given back or kept by another name; of a parameter, which others have too, where it is declared. */
  readonly leaves: readonly Hand[];
}

type Kind = keyof Hands;

/** What one place does. */
interface Effect {
  readonly kinds: readonly Kind[];
  readonly how: string;
  readonly isPlain?: boolean;
}

const ADDS = new Set('push unshift set add append'.split(' '));
const TAKES = new Set('pop shift clear delete'.split(' '));
const AROUND_MAX = 3;

/**
 * What the text does to `name` or `name.property`. Null when two variables have that name, for then nobody could say
 * which is meant, or none.
 */
export function handsOn(name: string, text: Text): Hands | null {
  const [root = '', property, ...deeper] = name.split('.');
  const [variable, ...others] = [...text.uses.keys()].filter((each) => each.name === root);
  if (!variable || others.length > 0 || deeper.length > 0) return null;
  const hands: Record<Kind, Hand[]> = { adds: [], takes: [], leaves: [] };
  const note = (node: AnyNode, effect: Effect | null) => {
    for (const kind of effect?.kinds ?? []) hands[kind].push(handAt(node, effect, text));
  };
  if (property !== undefined) {
    eachMember(text.facts.program, property, (node, around) => note(node, effectOf(node, around)));
    // `box[key]` may be `box.property`.
    for (const { id, around } of text.uses.get(variable) ?? [])
      note(id, effectOfElement(id, around));
    return hands;
  }
  for (const { id, around } of text.uses.get(variable) ?? []) note(id, effectOf(id, around));
  const declared = parameterOf(variable, text);
  if (declared) note(declared, { kinds: ['leaves'], how: 'parameter' });
  return hands;
}

/** Each `….property` of a text, whatever it is read from: an object goes by many names, `this` among them. */
function eachMember(
  program: AnyNode,
  property: string,
  visit: (node: AnyNode, around: readonly AnyNode[]) => void,
): void {
  const path: AnyNode[] = [];
  const walk = (node: AnyNode): void => {
    if (node.type === 'MemberExpression' && propertyName(node) === property)
      visit(node, path.slice(-AROUND_MAX).reverse());
    path.push(node);
    eachChild(node, walk);
    path.pop();
  };
  walk(program);
}

/** Where a variable is declared that is given its value from outside; null for others. */
function parameterOf({ writes, owner }: Variable, { facts }: Text): AnyNode | null {
  const [first] = writes;
  if (!owner) return null;
  const isWithin = (node: AnyNode) =>
    first && node.start <= first.node.start && first.node.end <= node.end;
  const isGiven = facts.functions.some(({ node }) => node?.params.some((each) => isWithin(each)));
  return isGiven && first ? first.node : null;
}

/** What is done to what lies in a thing under a key that is worked out: `(box[key] ??= []).push(…)`. */
function effectOfElement(id: AnyNode, around: readonly AnyNode[]): Effect | null {
  const [member, ...outer] = around;
  if (member?.type !== 'MemberExpression' || member.object !== id) return null;
  if (propertyName(member) !== null) return null;
  const [parent, ...further] = outer;
  const isMade = parent?.type === 'AssignmentExpression' && parent.left === member;
  if (isMade) return isLogical(parent) ? effectOf(parent, further) : null;
  return effectOf(member, outer);
}

function effectOf(node: AnyNode, around: readonly AnyNode[]): Effect | null {
  const [parent, outer] = around;
  switch (parent?.type) {
    case 'MemberExpression':
      return parent.object === node ? ofMember(parent, outer) : null;
    case 'AssignmentExpression':
      return parent.left === node ? ofAssignment(parent) : { kinds: ['leaves'], how: '=' };
    case 'CallExpression':
    case 'NewExpression':
      return parent.callee === node ? null : { kinds: ['leaves'], how: 'passed' };
    case 'ReturnStatement':
    case 'YieldExpression':
    case 'Property':
    case 'ArrayExpression':
      return { kinds: ['leaves'], how: 'kept' };
    case 'UnaryExpression':
      return parent.operator === 'delete' ? { kinds: ['takes'], how: 'delete' } : null;
    case 'VariableDeclarator':
      return parent.init === node ? { kinds: ['leaves'], how: '=' } : null;
    default:
      return null;
  }
}

function ofAssignment(node: NodeOf<'AssignmentExpression'>): Effect | null {
  const { left, right } = node;
  // A property's first value, in a constructor, is none that cuts it back.
  const isFirst =
    node.operator === '=' &&
    left.type === 'MemberExpression' &&
    left.object.type === 'ThisExpression' &&
    ['ArrayExpression', 'ObjectExpression', 'NewExpression', 'Literal'].includes(right.type);
  const { adds, takes, how } = assigned(node);
  const kinds: Kind[] = [...(adds ? ['adds' as const] : []), ...(takes ? ['takes' as const] : [])];
  return isFirst && takes ? null : { kinds, how };
}

function ofMember(member: AnyNode & { type: 'MemberExpression' }, outer?: AnyNode): Effect | null {
  const name = propertyName(member);
  if (outer?.type === 'CallExpression' && outer.callee === member) {
    if (name === 'splice') return { kinds: ofSplice(outer.arguments), how: name };
    const kinds: Kind[] = [];
    if (name === null || ADDS.has(name)) kinds.push('adds');
    if (name === null || TAKES.has(name)) kinds.push('takes');
    const isPlain = outer.arguments.every(({ type }) => type === 'Literal');
    return kinds.length > 0 ? { kinds, how: name ?? '[…]', isPlain } : null;
  }
  if (outer?.type === 'UnaryExpression' && outer.operator === 'delete')
    return { kinds: ['takes'], how: 'delete' };
  if (outer?.type !== 'AssignmentExpression' || outer.left !== member) return null;
  return name === 'length'
    ? { kinds: ['takes'], how: 'length =' }
    : { kinds: ['adds'], how: `[…] ${outer.operator}`, isPlain: outer.right.type === 'Literal' };
}

/** `splice(at, 0, item)` only adds, `splice(at, 1)` only takes. */
function ofSplice(given: readonly AnyNode[]): Kind[] {
  if (given.some(({ type }) => type === 'SpreadElement')) return ['adds', 'takes'];
  const [, count] = given;
  const takes: Kind[] = count?.type === 'Literal' && count.value === 0 ? [] : ['takes'];
  return given.length > 2 ? ['adds', ...takes] : takes;
}

function handAt(node: AnyNode, effect: Effect | null, text: Text): Hand {
  const { line } = text.lines.at(node.start);
  const loop = loopAt(node.start, text);
  const isWalked = loop !== null && loop.over !== null && loop.over === nameOf(node);
  const isAgain = loop !== null || functionAt(node.start, text.facts.program) !== null;
  return {
    line,
    how: effect?.how ?? '',
    loopLine: loop?.line ?? null,
    isWalked,
    isAgain,
    isPlain: effect?.isPlain ?? false,
  };
}

function nameOf(node: AnyNode): string | null {
  return node.type === 'Identifier' ? node.name : null;
}
