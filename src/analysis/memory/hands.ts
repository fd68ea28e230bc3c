// Owns what a macro's text does to one thing it holds: where it is added to, where taken out of, and where it is handed on,
// after which anybody may do anything with it.

import type { AnyNode } from 'acorn';
import { propertyName } from '../facts/names.ts';
import type { Use } from '../facts/uses.ts';
import { loopAt } from '../loops/loop-at.ts';
import type { Text } from '../read-text.ts';

/** A place that adds or takes away. */
export interface Hand {
  /** 1-based. */
  readonly line: number;
  /** Such as `push` or `+=`. */
  readonly how: string;
  /** Line of the innermost loop of the function around it; null for none. */
  readonly loopLine: number | null;
}

/** All places of one thing. */
export interface Hands {
  readonly adds: readonly Hand[];
  readonly takes: readonly Hand[];
  /** Where it is passed, given back or kept elsewhere. */
  readonly leaves: readonly Hand[];
}

const ADDS = new Set('push unshift set add append concat splice'.split(' '));
const TAKES = new Set('pop shift splice clear delete'.split(' '));

/**
 * What the text does to `name` or `name.property`. Null when two variables have that name, for then nobody could say
 * which is meant, or none.
 */
export function handsOn(name: string, text: Text): Hands | null {
  const [root = '', property, ...deeper] = name.split('.');
  if (deeper.length > 0) return null;
  const named = [...text.uses.keys()].filter((variable) => variable.name === root);
  const [variable] = named;
  if (!variable || named.length > 1) return null;
  const hands: { adds: Hand[]; takes: Hand[]; leaves: Hand[] } = {
    adds: [],
    takes: [],
    leaves: [],
  };
  for (const use of text.uses.get(variable) ?? []) {
    const found = property === undefined ? effect(use.id, use.around) : ofProperty(use, property);
    if (!found) continue;
    const hand = handAt(use.id, found.how, text);
    for (const kind of found.kinds) hands[kind].push(hand);
  }
  return hands;
}

interface Effect {
  readonly kinds: readonly (keyof Hands)[];
  readonly how: string;
}

function ofProperty({ id, around }: Use, property: string): Effect | null {
  const [parent, ...outer] = around;
  if (parent?.type !== 'MemberExpression' || parent.object !== id)
    return effect(id, around)?.kinds.includes('leaves')
      ? { kinds: ['leaves'], how: 'whole' }
      : null;
  return propertyName(parent) === property ? effect(parent, outer) : null;
}

function effect(node: AnyNode, around: readonly AnyNode[]): Effect | null {
  const [parent, outer] = around;
  switch (parent?.type) {
    case 'MemberExpression':
      return parent.object === node ? ofMember(parent, outer) : null;
    case 'AssignmentExpression':
      if (parent.left !== node) return { kinds: ['leaves'], how: '=' };
      return parent.operator === '='
        ? { kinds: ['adds', 'takes'], how: '=' }
        : { kinds: ['adds'], how: parent.operator };
    case 'CallExpression':
    case 'NewExpression':
      return parent.callee === node ? null : { kinds: ['leaves'], how: 'passed' };
    case 'ReturnStatement':
    case 'YieldExpression':
    case 'Property':
    case 'ArrayExpression':
      return { kinds: ['leaves'], how: 'kept' };
    case 'VariableDeclarator':
      return parent.init === node ? { kinds: ['leaves'], how: '=' } : null;
    default:
      return null;
  }
}

function ofMember(member: AnyNode & { type: 'MemberExpression' }, outer?: AnyNode): Effect | null {
  const name = propertyName(member);
  if (outer?.type === 'CallExpression' && outer.callee === member) {
    const kinds: (keyof Hands)[] = [];
    if (name === null || ADDS.has(name)) kinds.push('adds');
    if (name === null || TAKES.has(name)) kinds.push('takes');
    return kinds.length > 0 ? { kinds, how: name ?? '[…]' } : null;
  }
  if (outer?.type === 'UnaryExpression' && outer.operator === 'delete')
    return { kinds: ['takes'], how: 'delete' };
  if (outer?.type !== 'AssignmentExpression' || outer.left !== member) return null;
  return name === 'length'
    ? { kinds: ['takes'], how: 'length =' }
    : { kinds: ['adds'], how: '[…] =' };
}

function handAt(node: AnyNode, how: string, text: Text): Hand {
  const { line } = text.lines.at(node.start);
  return { line, how, loopLine: loopAt(node.start, text)?.line ?? null };
}
