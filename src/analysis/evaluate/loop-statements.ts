// Owns compiling loops and labels.

import type { AnyNode } from 'acorn';
import type { LoopNode, NodeOf } from '../facts/facts.ts';
import { nothing, renew, sharedSlots } from './blocks.ts';
import type { Compiler } from './compiler.ts';
import { truth } from './conversions.ts';
import { iterableOf, iterate, protocolOf, type Stepper } from './iteration.ts';
import type { Activation, Completion, Statement } from './machine.ts';
import { binary } from './operators.ts';
import { keysOf } from './properties.ts';
import { ArrayObj, Cell, GiveUp, UNKNOWN, type Value } from './values.ts';

export function labelled(
  c: Compiler,
  node: NodeOf<'LabeledStatement'>,
  outer: readonly string[],
): Statement {
  const labels = [...outer, node.label.name];
  const { body } = node;
  if (body.type === 'LabeledStatement') return labelled(c, body, labels);
  const isLoop = /^(?:While|DoWhile|For|ForIn|ForOf)Statement$/.test(body.type);
  const inner = isLoop ? compileLoop(c, body as LoopNode, labels) : c.statement(body);
  return (act) => {
    const completion = inner(act);
    if (completion !== 'break' || act.label === null || !labels.includes(act.label))
      return completion;
    act.label = null;
    return 'next';
  };
}

/** What a turn's end means for the loop: null to go on, otherwise how the loop ends. */
function afterTurn(
  act: Activation,
  completion: Completion,
  labels: readonly string[],
): Completion | null {
  if (completion === 'next') return null;
  if (completion === 'return') return 'return';
  const isOurs = act.label === null || labels.includes(act.label);
  if (!isOurs) return completion;
  act.label = null;
  return completion === 'break' ? 'next' : null;
}

export function compileLoop(c: Compiler, node: LoopNode, labels: readonly string[]): Statement {
  if (node.type === 'ForOfStatement' || node.type === 'ForInStatement')
    return over(c, node, labels);
  const { m } = c;
  const init =
    node.type === 'ForStatement' && node.init ? initialiser(c, node.init as AnyNode) : nothing;
  const test = node.test ? c.expression(node.test) : () => true;
  const body = c.statement(node.body);
  const update = node.type === 'ForStatement' && node.update ? c.expression(node.update) : null;
  const fresh =
    node.type === 'ForStatement' && node.init ? sharedSlots(c, [node.init as AnyNode]) : [];
  const isDo = node.type === 'DoWhileStatement';
  return (act) => {
    init(act);
    if (!isDo && !truth(m, test(act))) {
      c.watch.skipped(node);
      return 'next';
    }
    // One turn, and the question whether there is another.
    return c.watch.loop(node, null, () => {
      const end = afterTurn(act, body(act), labels);
      if (end !== null) return end;
      renew(c, act, fresh, true);
      update?.(act);
      return truth(m, test(act)) ? null : 'next';
    });
  };
}

function initialiser(c: Compiler, init: AnyNode): Statement {
  if (init.type === 'VariableDeclaration') return c.statement(init);
  const work = c.expression(init);
  return (act) => {
    work(act);
    return 'next';
  };
}

export function over(
  c: Compiler,
  node: NodeOf<'ForOfStatement' | 'ForInStatement'>,
  labels: readonly string[],
): Statement {
  const { m } = c;
  if (node.type === 'ForOfStatement' && node.await) throw new GiveUp('for await');
  const source = c.expression(node.right);
  const { left } = node;
  if (left.type === 'VariableDeclaration' && left.kind.endsWith('using'))
    throw new GiveUp(left.kind);
  const assign = c.target(
    left.type === 'VariableDeclaration' ? (left.declarations[0]?.id as AnyNode) : left,
  );
  const body = c.statement(node.body);
  const fresh = left.type === 'VariableDeclaration' ? sharedSlots(c, [left]) : [];
  const turn = (act: Activation, item: Value): Completion | null => {
    renew(c, act, fresh, false);
    assign(act, item);
    return afterTurn(act, body(act), labels);
  };
  return (act) => {
    const items = iterableOf(m, source(act));
    if (node.type === 'ForInStatement')
      return overList(c, node, new ArrayObj(keysOf(items)), act, turn);
    if (items instanceof ArrayObj) return overList(c, node, items, act, turn);
    const stepper = protocolOf(m, items);
    if (stepper) return overSteps(c, node, stepper, act, turn);
    let end: Completion = 'next';
    c.watch.consumed(node, (count) =>
      iterate(m, items, (item) => {
        count();
        const now = turn(act, item);
        if (now !== null) end = now;
        return now !== null;
      }),
    );
    return end;
  };
}

/** Over an iterator the macro made by hand. */
function overSteps(
  c: Compiler,
  node: LoopNode,
  stepper: Stepper,
  act: Activation,
  turn: (act: Activation, item: Value) => Completion | null,
): Completion {
  const { m } = c;
  // The item that is due is state like any variable.
  const due = new Cell(undefined);
  const advance = (): boolean => {
    const step = stepper.next();
    m.assign(due, step?.value);
    return step !== null;
  };
  if (!advance()) {
    c.watch.skipped(node);
    return 'next';
  }
  return c.watch.loop(node, due, () => {
    const end = turn(act, due.v);
    if (end !== null) {
      stepper.close();
      return end;
    }
    return advance() ? null : 'next';
  });
}

/** Over an array, whose length is asked anew each turn: the index is state like any variable. */
function overList(
  c: Compiler,
  node: LoopNode,
  list: ArrayObj,
  act: Activation,
  turn: (act: Activation, item: Value) => Completion | null,
): Completion {
  const { m } = c;
  const at = new Cell(0);
  const hasMore = () => truth(m, binary(m, '<', at.v, list.length ?? list.items.length));
  if (!hasMore()) {
    c.watch.skipped(node);
    return 'next';
  }
  return c.watch.loop(node, at, () => {
    const item = typeof at.v === 'number' && !list.length ? list.items[at.v] : UNKNOWN;
    const end = turn(act, item);
    if (end !== null) return end;
    m.assign(at, binary(m, '+', at.v, 1));
    return hasMore() ? null : 'next';
  });
}
