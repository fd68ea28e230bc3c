// Owns compiling operators.

import type { NodeOf } from '../facts/facts.ts';
import type { Compiler } from './compiler.ts';
import { toKey, toNumber, truth } from './conversions.ts';
import type { Expression } from './machine.ts';
import { member } from './members.ts';
import { binary } from './operators.ts';
import { deleteProperty, hasProperty, prototypeOf } from './properties.ts';
import { FunctionObj, GiveUp, Linear, Obj, Text, UNKNOWN, Unknown, type Value } from './values.ts';

export function binaryExpression(c: Compiler, node: NodeOf<'BinaryExpression'>): Expression {
  const { m } = c;
  const { operator } = node;
  if (node.left.type === 'PrivateIdentifier') throw new GiveUp('a private in');
  const left = c.expression(node.left);
  const right = c.expression(node.right);
  if (operator === 'in')
    return (act) => {
      const key = toKey(m, left(act));
      return hasProperty(m, right(act), key);
    };
  if (operator === 'instanceof') return (act) => instanceOf(left(act), right(act));
  const fast = FAST[operator];
  if (!fast) return (act) => binary(m, operator, left(act), right(act));
  return (act) => {
    const a = left(act);
    const b = right(act);
    if (typeof a === 'number' && typeof b === 'number') return fast(a, b);
    return binary(m, operator, a, b);
  };
}

export const FAST: Partial<Record<string, (a: number, b: number) => Value>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '===': (a, b) => a === b,
  '!==': (a, b) => a !== b,
};

function instanceOf(value: Value, callable: Value): Value {
  if (!(callable instanceof FunctionObj) || callable.native || value instanceof Unknown)
    throw new GiveUp('instanceof');
  if (!(value instanceof Obj)) return false;
  const prototype = prototypeOf(callable);
  for (let above = value.proto; above; above = above.proto) if (above === prototype) return true;
  return false;
}

export function logical(c: Compiler, node: NodeOf<'LogicalExpression'>): Expression {
  const left = c.expression(node.left);
  const right = c.expression(node.right);
  const { operator } = node;
  return (act) => {
    const value = left(act);
    return isDecided(c, operator, value) ? value : right(act);
  };
}

export function isDecided(c: Compiler, operator: string, value: Value): boolean {
  if (operator === '&&') return !truth(c.m, value);
  if (operator === '||') return truth(c.m, value);
  if (value instanceof Unknown) throw new GiveUp('?? of something unknown');
  return value != null;
}

export function unary(c: Compiler, node: NodeOf<'UnaryExpression'>): Expression {
  const { m } = c;
  const { operator } = node;
  if (operator === 'delete') return deletion(c, node);
  const argument = c.expression(node.argument);
  switch (operator) {
    case '!':
      return (act) => !truth(m, argument(act));
    case '-':
      return (act) => {
        const value = toNumber(m, argument(act));
        if (typeof value === 'number') return -value;
        return binary(m, '*', value, typeof value === 'bigint' ? -1n : -1);
      };
    case '+':
      return (act) => toNumber(m, argument(act));
    case '~':
      return (act) => {
        const value = toNumber(m, argument(act));
        return typeof value === 'number' || typeof value === 'bigint' ? ~value : UNKNOWN;
      };
    case 'void':
      return (act) => {
        argument(act);
        return undefined;
      };
    case 'typeof':
      return (act) => typeOf(argument(act));
    default:
      throw new GiveUp(operator);
  }
}

function typeOf(value: Value): Value {
  if (value instanceof FunctionObj) return 'function';
  if (value instanceof Linear) return typeof value.base;
  if (value instanceof Text) return 'string';
  if (value instanceof Unknown) return UNKNOWN;
  return typeof value;
}

function deletion(c: Compiler, node: NodeOf<'UnaryExpression'>): Expression {
  const { argument } = node;
  if (argument.type !== 'MemberExpression') throw new GiveUp('a delete');
  const access = member(c, argument);
  return (act) => {
    const target = access.object(act);
    deleteProperty(c.m, target, toKey(c.m, access.key(act)));
    return true;
  };
}
