// Owns compiling statements.

import type { AnyNode } from 'acorn';
import type { LoopNode, NodeOf } from '../facts.ts';
import type { Compiler } from './compiler.ts';
import { truth } from './conversions.ts';
import { iterate, protocolOf, type Stepper } from './iteration.ts';
import type { Activation, Completion, Statement } from './machine.ts';
import { binary, strictEqual } from './operators.ts';
import { keysOf } from './properties.ts';
import { ArrayObj, Cell, Enough, GiveUp, Thrown, UNKNOWN, Unknown, type Value } from './values.ts';

const nothing: Statement = () => 'next';

/** Compiles a statement. @throws {GiveUp} for what the evaluator does not know */
export function compileStatement(c: Compiler, node: AnyNode): Statement {
  switch (node.type) {
    case 'ExpressionStatement': {
      const work = c.expression(node.expression);
      return (act) => {
        work(act);
        return 'next';
      };
    }
    case 'VariableDeclaration':
      return declaration(c, node);
    case 'IfStatement': {
      const test = c.expression(node.test);
      const yes = c.statement(node.consequent);
      const no = node.alternate ? c.statement(node.alternate) : nothing;
      return (act) => (truth(c.m, test(act)) ? yes(act) : no(act));
    }
    case 'BlockStatement':
      return c.block(node.body);
    case 'ReturnStatement': {
      const value = node.argument ? c.expression(node.argument) : () => undefined;
      return (act) => {
        act.result = value(act);
        return 'return';
      };
    }
    case 'WhileStatement':
    case 'DoWhileStatement':
    case 'ForStatement':
    case 'ForInStatement':
    case 'ForOfStatement':
      return compileLoop(c, node, []);
    default:
      return rare(c, node);
  }
}

function rare(c: Compiler, node: AnyNode): Statement {
  switch (node.type) {
    case 'LabeledStatement':
      return labelled(c, node, []);
    case 'BreakStatement':
    case 'ContinueStatement': {
      const label = node.label?.name ?? null;
      const completion: Completion = node.type === 'BreakStatement' ? 'break' : 'continue';
      return (act) => {
        act.label = label;
        return completion;
      };
    }
    case 'ThrowStatement': {
      const value = c.expression(node.argument);
      return (act) => {
        throw new Thrown(value(act));
      };
    }
    case 'TryStatement':
      return tryStatement(c, node);
    case 'SwitchStatement':
      return switchStatement(c, node);
    case 'ClassDeclaration': {
      if (!node.id) return nothing;
      const made = c.classValue(node);
      const assign = c.target(node.id);
      return (act) => {
        assign(act, made(act));
        return 'next';
      };
    }
    // Hoisted: the block around it has made it already.
    case 'FunctionDeclaration':
    case 'EmptyStatement':
    case 'DebuggerStatement':
      return nothing;
    case 'ExportDefaultDeclaration':
    case 'ExportNamedDeclaration':
      return node.declaration?.type.endsWith('Declaration')
        ? c.statement(node.declaration as AnyNode)
        : nothing;
    default:
      throw new GiveUp(node.type);
  }
}

function declaration(c: Compiler, node: NodeOf<'VariableDeclaration'>): Statement {
  const parts = node.declarations.flatMap(({ id, init }) => {
    if (!init && node.kind === 'var') return [];
    const assign = c.target(id);
    const value = init ? c.expression(init) : () => undefined;
    return [(act: Activation) => assign(act, value(act))];
  });
  return (act) => {
    for (const part of parts) part(act);
    return 'next';
  };
}

/** Statements in a row: functions first, and variables that inner functions keep are fresh each time. */
export function compileBlock(c: Compiler, nodes: readonly AnyNode[]): Statement {
  const declarations = nodes.map((node) => exported(node));
  const functions = declarations.flatMap((node) => {
    if (node.type !== 'FunctionDeclaration' || !node.id) return [];
    const assign = c.target(node.id);
    const made = c.callable(node);
    return [(act: Activation) => assign(act, made(act))];
  });
  const statements = nodes.map((node) => c.statement(node));
  const fresh = sharedSlots(c, declarations);
  return (act) => {
    renew(c, act, fresh, false);
    for (const make of functions) make(act);
    for (const statement of statements) {
      const completion = statement(act);
      if (completion !== 'next') return completion;
    }
    return 'next';
  };
}

function exported(node: AnyNode): AnyNode {
  const isExport =
    node.type === 'ExportDefaultDeclaration' || node.type === 'ExportNamedDeclaration';
  return isExport && node.declaration ? (node.declaration as AnyNode) : node;
}

/** The slots of block-scoped variables that functions inside keep. */
function sharedSlots(c: Compiler, nodes: readonly AnyNode[]): number[] {
  const slots: number[] = [];
  for (const node of nodes) {
    const isBlockScoped =
      (node.type === 'VariableDeclaration' && node.kind !== 'var') ||
      node.type === 'ClassDeclaration';
    if (!isBlockScoped) continue;
    const names: readonly (AnyNode | null)[] =
      node.type === 'ClassDeclaration' ? [node.id] : node.declarations.map(({ id }) => id);
    for (const id of names) {
      const variable = id?.type === 'Identifier' ? c.variableOf(id) : null;
      if (id && id.type !== 'Identifier' && c.scope.shared.size > 0)
        throw new GiveUp('a shared pattern');
      const slot = variable && c.scope.shared.has(variable) ? c.scope.own.get(variable) : undefined;
      if (slot !== undefined) slots.push(slot);
    }
  }
  return slots;
}

function renew(c: Compiler, act: Activation, slots: readonly number[], keepsValue: boolean): void {
  if (slots.length === 0) return;
  c.m.touch(act);
  for (const slot of slots) {
    const old = act.cells[slot];
    act.cells[slot] = new Cell(keepsValue ? old?.v : undefined);
  }
}

function labelled(
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

function switchStatement(c: Compiler, node: NodeOf<'SwitchStatement'>): Statement {
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

function tryStatement(c: Compiler, node: NodeOf<'TryStatement'>): Statement {
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

// Loops

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

function compileLoop(c: Compiler, node: LoopNode, labels: readonly string[]): Statement {
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

function over(
  c: Compiler,
  node: NodeOf<'ForOfStatement' | 'ForInStatement'>,
  labels: readonly string[],
): Statement {
  const { m } = c;
  if (node.type === 'ForOfStatement' && node.await) throw new GiveUp('for await');
  const source = c.expression(node.right);
  const { left } = node;
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
    const items = source(act);
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
