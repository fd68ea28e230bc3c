// Owns compiling `switch` and `try`.

import type { NodeOf } from '../facts/facts.ts';
import type { Compiler } from './compiler.ts';
import type { Activation, Completion, Statement } from './machine.ts';
import { strictEqual } from './operators.ts';
import { Enough, GiveUp, Thrown, Unknown, type Value } from './values.ts';

export function switchStatement(c: Compiler, node: NodeOf<'SwitchStatement'>): Statement {
  const value = c.expression(node.discriminant);
  const cases = node.cases.map(({ test, consequent }) => ({
    test: test ? c.expression(test) : null,
    body: c.block(consequent),
  }));
  const find = (act: Activation, wanted: Value): number => {
    for (const [index, { test }] of cases.entries()) {
      const same = test && strictEqual(wanted, test(act));
      if (same instanceof Unknown) throw new GiveUp('a switch over something unknown');
      if (same) return index;
    }
    return cases.findIndex(({ test }) => !test);
  };
  return (act) => {
    const from = find(act, value(act));
    if (from < 0) return 'next';
    for (const { body } of cases.slice(from)) {
      const completion = body(act);
      if (completion === 'break' && act.label === null) return 'next';
      if (completion !== 'next') return completion;
    }
    return 'next';
  };
}

export function tryStatement(c: Compiler, node: NodeOf<'TryStatement'>): Statement {
  const { m } = c;
  const block = c.statement(node.block);
  const handler = node.handler ? c.statement(node.handler.body) : null;
  const bind = node.handler?.param ? c.target(node.handler.param) : null;
  const finalizer = node.finalizer ? c.statement(node.finalizer) : null;
  const guarded = (act: Activation): Completion => {
    m.tries++;
    try {
      return block(act);
    } catch (error) {
      if (!(error instanceof Thrown) || !handler) throw error;
      bind?.(act, error.value);
    } finally {
      m.tries--;
    }
    return handler(act);
  };
  if (!finalizer) return guarded;
  return (act) => {
    let completion: Completion | null = null;
    let failure: unknown = null;
    try {
      completion = guarded(act);
    } catch (error) {
      if (!(error instanceof Thrown) && !(error instanceof Enough)) throw error;
      failure = error;
    }
    const { result, label } = act;
    const after = finalizer(act);
    if (after !== 'next') return after;
    if (completion === null) throw failure;
    act.result = result;
    act.label = label;
    return completion;
  };
}
