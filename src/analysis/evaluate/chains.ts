// Owns compiling `a?.b.c()`: nothing further is asked of nothing.

import type { AnyNode } from 'acorn';
import type { NodeOf } from '../facts/facts.ts';
import { argumentsOf } from './calls.ts';
import type { Compiler } from './compiler.ts';
import { toKey } from './conversions.ts';
import type { Expression } from './machine.ts';
import { staticKey } from './members.ts';
import { getElement, getProperty } from './properties.ts';
import { Enough } from './values.ts';

/** `a?.b.c`: nothing further is asked of nothing. */
export function chain(c: Compiler, node: NodeOf<'ChainExpression'>): Expression {
  const nothing = new Enough();
  const link = (inner: AnyNode): Expression => {
    if (inner.type === 'MemberExpression' && inner.object.type !== 'Super') {
      const object = link(inner.object);
      const index = inner.computed ? c.expression(inner.property) : null;
      const key = index ? '' : staticKey(inner.property);
      return (act) => {
        const target = object(act);
        if (inner.optional && target == null) throw nothing;
        if (!index) return getProperty(c.m, target, key);
        return getElement(c.m, target, index(act), (value) => toKey(c.m, value));
      };
    }
    if (inner.type !== 'CallExpression') return c.expression(inner);
    if (inner.callee.type === 'MemberExpression' && inner.callee.object.type !== 'Super')
      return chainCall(inner, inner.callee);
    return c.expression(inner);
  };
  const chainCall = (
    inner: NodeOf<'CallExpression'>,
    callee: NodeOf<'MemberExpression'>,
  ): Expression => {
    const object = link(callee.object as AnyNode);
    const index = callee.computed
      ? c.expression(callee.property)
      : () => staticKey(callee.property);
    const args = argumentsOf(c, inner.arguments);
    return (act) => {
      const self = object(act);
      if (callee.optional && self == null) throw nothing;
      const called = getProperty(c.m, self, toKey(c.m, index(act)));
      if (inner.optional && called == null) throw nothing;
      return c.m.call(called, self, args(act));
    };
  };
  const whole = link(node.expression);
  return (act) => {
    try {
      return whole(act);
    } catch (error) {
      if (error === nothing) return undefined;
      throw error;
    }
  };
}
