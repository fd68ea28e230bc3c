// Owns compiling object, array and template literals.

import type { AnyNode, Property } from 'acorn';
import type { NodeOf } from '../facts/facts.ts';
import { argumentsOf } from './calls.ts';
import type { Compiler } from './compiler.ts';
import { toKey, toText } from './conversions.ts';
import type { Activation, Expression } from './machine.ts';
import { staticKey } from './members.ts';
import { binary } from './operators.ts';
import { getProperty, keysOf } from './properties.ts';
import { ArrayObj, FunctionObj, GiveUp, Obj, Slot, Unknown, type Value } from './values.ts';

/** An object costs memory too: what is made in all stays bounded. */
const OBJECT_STEPS = 5;

export function objectLiteral(c: Compiler, node: NodeOf<'ObjectExpression'>): Expression {
  const steps = node.properties.map((property) => {
    if (property.type === 'SpreadElement') {
      const source = c.expression(property.argument);
      return (act: Activation, object: Obj) => spreadInto(c, object, source(act));
    }
    return propertyStep(c, property);
  });
  return (act) => {
    const object = new Obj();
    c.m.spend(OBJECT_STEPS);
    for (const step of steps) step(act, object);
    return object;
  };
}

function spreadInto(c: Compiler, object: Obj, source: Value): void {
  if (source instanceof Unknown) throw new GiveUp('unknown properties');
  if (source == null) return;
  for (const key of keysOf(source)) object.props.set(key, new Slot(getProperty(c.m, source, key)));
}

function propertyStep(c: Compiler, property: Property): (act: Activation, object: Obj) => void {
  const key = property.computed ? c.expression(property.key) : null;
  const name = key ? '' : staticKey(property.key);
  const value = c.expression(property.value);
  if (name === '__proto__') throw new GiveUp('__proto__');
  return (act, object) => {
    const at = key ? toKey(c.m, key(act)) : name;
    const made = value(act);
    if (made instanceof FunctionObj && property.value.type === 'FunctionExpression')
      made.home = object;
    define(object, at, property.kind, made);
  };
}

/** Adds a property, or half an accessor, to an object or a class. */
export function define(object: Obj, key: string, kind: string, made: Value): void {
  if (kind !== 'get' && kind !== 'set') {
    object.props.set(key, new Slot(made));
    return;
  }
  if (!(made instanceof FunctionObj)) throw new GiveUp('an accessor');
  const known = object.props.get(key)?.accessor ?? { get: null, set: null };
  object.props.set(key, new Slot(undefined, { ...known, [kind]: made }));
}

export function arrayLiteral(c: Compiler, node: NodeOf<'ArrayExpression'>): Expression {
  if (node.elements.some((each) => each === null)) throw new GiveUp('an array with holes');
  const items = argumentsOf(c, node.elements as AnyNode[]);
  return (act) => {
    const values = items(act);
    c.m.spend(OBJECT_STEPS + (values.length >> 2));
    return new ArrayObj(values);
  };
}

export function template(c: Compiler, node: NodeOf<'TemplateLiteral'>): Expression {
  const parts = node.expressions.map((each) => c.expression(each));
  const texts = node.quasis.map(({ value }) => value.cooked ?? '');
  return (act) => {
    let text: Value = texts[0] ?? '';
    parts.forEach((part, index) => {
      const piece = toText(c.m, part(act));
      text = binary(c.m, '+', binary(c.m, '+', text, piece), texts[index + 1] ?? '');
    });
    return text;
  };
}
