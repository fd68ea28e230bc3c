// Owns compiling calls, `new` and tagged templates.

import type { AnyNode } from 'acorn';
import type { NodeOf } from '../facts/facts.ts';
import type { Compiler } from './compiler.ts';
import { collect } from './iteration.ts';
import type { Activation, Expression } from './machine.ts';
import { member } from './members.ts';
import { getProperty, prototypeOf } from './properties.ts';
import { ArrayObj, FunctionObj, GiveUp, Obj, ProxyObj, type Value } from './values.ts';

export function argumentsOf(c: Compiler, nodes: readonly AnyNode[]): (act: Activation) => Value[] {
  if (nodes.every((node) => node.type !== 'SpreadElement')) {
    const parts = nodes.map((node) => c.expression(node));
    return (act) => {
      const values: Value[] = [];
      for (const part of parts) values.push(part(act));
      return values;
    };
  }
  const parts = nodes.map((node) =>
    node.type === 'SpreadElement'
      ? { isSpread: true, value: c.expression(node.argument) }
      : { isSpread: false, value: c.expression(node) },
  );
  return (act) =>
    parts.flatMap(({ isSpread, value }) => {
      const one = value(act);
      return isSpread ? collect(c.m, one) : [one];
    });
}

export function callExpression(c: Compiler, node: NodeOf<'CallExpression'>): Expression {
  const { m } = c;
  const { callee } = node;
  const args = argumentsOf(c, node.arguments);
  if (callee.type === 'Super') {
    return (act) => {
      const parent = act.callee?.parentClass;
      if (!parent || !(act.self instanceof Obj)) throw new GiveUp('super()');
      m.ports.invoke(m, parent, act.self, args(act), act.newTarget);
      act.callee?.initialise?.(act.self);
      return undefined;
    };
  }
  if (callee.type !== 'MemberExpression') {
    const target = c.expression(callee);
    return (act) => {
      const called = target(act);
      if (node.optional && called == null) return undefined;
      return m.call(called, undefined, args(act));
    };
  }
  const access = member(c, callee);
  return (act) => {
    const self = access.object(act);
    if (callee.optional && self == null) return undefined;
    const called = access.of(act, self);
    if (node.optional && called == null) return undefined;
    return m.call(called, self, args(act));
  };
}

export function newExpression(c: Compiler, node: NodeOf<'NewExpression'>): Expression {
  const target = c.expression(node.callee);
  const args = argumentsOf(c, node.arguments);
  return (act) => construct(c, target(act), args(act));
}

function construct(c: Compiler, callee: Value, args: readonly Value[]): Value {
  const { m } = c;
  if (callee instanceof ProxyObj) {
    const trap = getProperty(m, callee.handler, 'construct');
    if (trap instanceof FunctionObj)
      return m.call(trap, callee.handler, [callee.target, new ArrayObj([...args]), callee]);
    return construct(c, callee.target, args);
  }
  if (!(callee instanceof FunctionObj)) throw new GiveUp('new of something unknown');
  if (callee.native) return m.call(callee, undefined, args);
  const prototype = prototypeOf(callee);
  const self = new Obj(prototype instanceof Obj ? prototype : null);
  const result = m.ports.invoke(m, callee, self, args, callee);
  return result instanceof Obj ? result : self;
}

/** A tag is called with the texts and the values between them. */
export function tagged(c: Compiler, node: NodeOf<'TaggedTemplateExpression'>): Expression {
  const access = node.tag.type === 'MemberExpression' ? member(c, node.tag) : null;
  const plain = access ? null : c.expression(node.tag);
  const parts = node.quasi.expressions.map((each) => c.expression(each));
  const texts = node.quasi.quasis.map(({ value }) => value.cooked ?? undefined);
  return (act) => {
    const self = access?.object(act);
    const tag = access ? access.of(act, self) : plain?.(act);
    return c.m.call(tag, self, [new ArrayObj(texts), ...parts.map((part) => part(act))]);
  };
}
