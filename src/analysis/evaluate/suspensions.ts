// Owns compiling `await` and `yield`.

import type { NodeOf } from '../facts/facts.ts';
import type { Compiler } from './compiler.ts';
import { iterate } from './iteration.ts';
import type { Expression } from './machine.ts';
import { getProperty } from './properties.ts';
import { GiveUp, Obj, PromiseObj, Thrown } from './values.ts';

export function awaiting(c: Compiler, node: NodeOf<'AwaitExpression'>): Expression {
  const argument = c.expression(node.argument);
  return (act) => {
    const { m } = c;
    // What an un-awaited call does after its first await comes later, and in an order the evaluator does not keep.
    if (m.detached > 0) throw new GiveUp('an await in a call nobody awaits');
    m.isAwaited = true;
    const value = argument(act);
    m.isAwaited = false;
    m.spend(1);
    m.runJobs();
    if (value instanceof PromiseObj) {
      if (value.isRejected) throw new Thrown(value.value);
      return value.value;
    }
    if (value instanceof Obj && getProperty(m, value, 'then') !== undefined)
      throw new GiveUp('a thenable');
    return value;
  };
}

export function yielding(c: Compiler, node: NodeOf<'YieldExpression'>): Expression {
  const argument = node.argument ? c.expression(node.argument) : () => undefined;
  return (act) => {
    const { give } = act;
    if (!give) throw new GiveUp('a yield');
    if (!node.delegate) {
      give(argument(act));
      return undefined;
    }
    iterate(c.m, argument(act), (item) => {
      give(item);
      return false;
    });
    return undefined;
  };
}
