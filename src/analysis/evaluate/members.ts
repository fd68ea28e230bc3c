// Owns compiling `a.b`, `a[b]` and `a?.b`.

import type { AnyNode } from 'acorn';
import type { NodeOf } from '../facts/facts.ts';
import type { Compiler } from './compiler.ts';
import { toKey } from './conversions.ts';
import type { Activation } from './machine.ts';
import { getElement, getProperty } from './properties.ts';
import { GiveUp, type Value } from './values.ts';

/** Reading and writing a member; its object and key are evaluated once. */
export function member(c: Compiler, node: NodeOf<'MemberExpression'>) {
  const { m } = c;
  if (node.object.type === 'Super') return superMember(c, node);
  const object = c.expression(node.object);
  if (!node.computed) {
    const key = staticKey(node.property);
    return {
      object,
      get: (act: Activation) => getProperty(m, object(act), key),
      of: (_act: Activation, target: Value) => getProperty(m, target, key),
      key: (_act: Activation): Value => key,
    };
  }
  const index = c.expression(node.property);
  const asKey = (value: Value) => toKey(m, value);
  return {
    object,
    get: (act: Activation) => {
      const target = object(act);
      return getElement(m, target, index(act), asKey);
    },
    of: (act: Activation, target: Value) => getElement(m, target, index(act), asKey),
    key: index,
  };
}

function superMember(c: Compiler, node: NodeOf<'MemberExpression'>) {
  const key = node.computed ? c.expression(node.property) : () => staticKey(node.property);
  const get = (act: Activation): Value => {
    const above = act.callee?.home?.proto;
    if (!above) throw new GiveUp('super');
    return getProperty(c.m, above, toKey(c.m, key(act)));
  };
  return { object: (act: Activation) => act.self, get, of: get, key };
}

/** The name of `a.name` and `{ name: … }`. */
export function staticKey(node: AnyNode): string {
  if (node.type === 'Identifier') return node.name;
  if (node.type === 'PrivateIdentifier') return `#${node.name}`;
  if (node.type === 'Literal' && !node.regex) return String(node.bigint ?? node.value);
  throw new GiveUp('a key');
}
