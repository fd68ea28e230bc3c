// Owns compiling what values are assigned to: names, members, and patterns that take a value apart.

import type { AnyNode } from 'acorn';
import type { NodeOf } from '../facts/facts.ts';
import type { Assign, Compiler } from './compiler.ts';
import { toKey } from './conversions.ts';
import { collect } from './iteration.ts';
import { staticKey } from './members.ts';
import { getProperty, keysOf, setProperty } from './properties.ts';
import { ArrayObj, GiveUp, Obj, Slot, Unknown } from './values.ts';

/** Compiles the left side of an assignment or declaration. @throws {GiveUp} */
export function compileTarget(c: Compiler, node: AnyNode): Assign {
  switch (node.type) {
    case 'Identifier': {
      const variable = c.variableOf(node);
      if (!variable) throw new GiveUp(`the global ${node.name}`);
      const cellOf = c.scope.cellOf(variable);
      return (act, value) => c.m.assign(cellOf(act), value);
    }
    case 'MemberExpression':
      return memberTarget(c, node);
    case 'AssignmentPattern': {
      const assign = c.target(node.left);
      const otherwise = c.expression(node.right);
      return (act, value) => {
        if (value instanceof Unknown) throw new GiveUp('a default for something unknown');
        assign(act, value === undefined ? otherwise(act) : value);
      };
    }
    case 'ArrayPattern':
      return arrayPattern(c, node);
    case 'ObjectPattern':
      return objectPattern(c, node);
    default:
      throw new GiveUp(node.type);
  }
}

function memberTarget(c: Compiler, node: NodeOf<'MemberExpression'>): Assign {
  const object = node.object.type === 'Super' ? null : c.expression(node.object);
  if (!object) throw new GiveUp('super');
  const index = node.computed ? c.expression(node.property) : null;
  const name = index ? '' : staticKey(node.property);
  return (act, value) => {
    const target = object(act);
    setProperty(c.m, target, index ? toKey(c.m, index(act)) : name, value);
  };
}

function arrayPattern(c: Compiler, node: NodeOf<'ArrayPattern'>): Assign {
  const last = node.elements.at(-1);
  const rest = last?.type === 'RestElement' ? c.target(last.argument) : null;
  const parts = (rest ? node.elements.slice(0, -1) : node.elements).map((element) =>
    element ? c.target(element) : null,
  );
  return (act, value) => {
    if (value instanceof Unknown) throw new GiveUp('the items of something unknown');
    const items = collect(c.m, value, rest ? undefined : parts.length);
    parts.forEach((part, index) => {
      part?.(act, items[index]);
    });
    rest?.(act, new ArrayObj(items.slice(parts.length)));
  };
}

function objectPattern(c: Compiler, node: NodeOf<'ObjectPattern'>): Assign {
  const taken = new Set<string>();
  const parts = node.properties.map((property): Assign => {
    if (property.type === 'RestElement') {
      const assign = c.target(property.argument);
      return (act, value) => {
        const others = new Obj();
        for (const key of keysOf(value))
          if (!taken.has(key)) others.props.set(key, new Slot(getProperty(c.m, value, key)));
        assign(act, others);
      };
    }
    const assign = c.target(property.value);
    const index = property.computed ? c.expression(property.key) : null;
    const name = index ? '' : staticKey(property.key);
    taken.add(name);
    return (act, value) =>
      assign(act, getProperty(c.m, value, index ? toKey(c.m, index(act)) : name));
  });
  return (act, value) => {
    for (const part of parts) part(act, value);
  };
}
