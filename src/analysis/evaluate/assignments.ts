// Owns compiling assignments: `=`, `+=`, `??=`, `++`.

import type { AnyNode } from 'acorn';
import type { NodeOf } from '../facts/facts.ts';
import type { Compiler } from './compiler.ts';
import { toKey, toNumber } from './conversions.ts';
import type { Activation, Expression } from './machine.ts';
import { member } from './members.ts';
import { FAST, isDecided } from './operations.ts';
import { binary } from './operators.ts';
import { getProperty, setProperty } from './properties.ts';
import { GiveUp, Linear, type Value } from './values.ts';

export function assignment(c: Compiler, node: NodeOf<'AssignmentExpression'>): Expression {
  const { m } = c;
  const { left, operator } = node;
  const right = c.expression(node.right);
  if (operator === '=') {
    const assign = c.target(left);
    return (act) => {
      const value = right(act);
      assign(act, value);
      return value;
    };
  }
  const plain = operator.slice(0, -1);
  const isLogical = ['&&', '||', '??'].includes(plain);
  return modify(c, left, (act, old) => {
    if (isLogical) return isDecided(c, plain, old) ? KEEP : right(act);
    const by = right(act);
    if (typeof old === 'number' && typeof by === 'number') {
      const fast = FAST[plain];
      if (fast) return fast(old, by);
    }
    return binary(m, plain, old, by);
  });
}

const KEEP = Symbol('keep');

/** Reads, changes and writes a name or member, whose parts are evaluated once; gives the new value. */
function modify(
  c: Compiler,
  node: AnyNode,
  change: (act: Activation, old: Value) => Value | typeof KEEP,
  wantsOld: ((old: Value) => Value) | null = null,
): Expression {
  const { m } = c;
  if (node.type === 'Identifier') {
    const read = c.expression(node);
    const assign = c.target(node);
    return (act) => {
      const old = read(act);
      const next = change(act, old);
      if (next === KEEP) return old;
      assign(act, next);
      return wantsOld ? wantsOld(old) : next;
    };
  }
  if (node.type !== 'MemberExpression') throw new GiveUp('an assignment');
  const access = member(c, node);
  return (act) => {
    const target = access.object(act);
    const key = toKey(m, access.key(act));
    const old = getProperty(m, target, key);
    const next = change(act, old);
    if (next === KEEP) return old;
    setProperty(m, target, key, next);
    return wantsOld ? wantsOld(old) : next;
  };
}

export function update(c: Compiler, node: NodeOf<'UpdateExpression'>): Expression {
  const { m } = c;
  const isUp = node.operator === '++';
  const change = (_act: Activation, old: Value): Value => {
    if (typeof old === 'number') return isUp ? old + 1 : old - 1;
    const number = toNumber(m, old);
    const isBig =
      typeof number === 'bigint' || (number instanceof Linear && typeof number.base === 'bigint');
    return binary(m, isUp ? '+' : '-', number, isBig ? 1n : 1);
  };
  return modify(c, node.argument, change, node.prefix ? null : (old) => toNumber(m, old));
}
