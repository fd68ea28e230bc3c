// Owns compiling statements in a row, and which of their variables are made anew each time.

import type { AnyNode } from 'acorn';
import type { Compiler } from './compiler.ts';
import type { Activation, Statement } from './machine.ts';
import { Cell, GiveUp } from './values.ts';

/** A statement that does nothing. */
export const nothing: Statement = () => 'next';

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
export function sharedSlots(c: Compiler, nodes: readonly AnyNode[]): number[] {
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

export function renew(
  c: Compiler,
  act: Activation,
  slots: readonly number[],
  keepsValue: boolean,
): void {
  if (slots.length === 0) return;
  c.m.touch(act);
  for (const slot of slots) {
    const old = act.cells[slot];
    act.cells[slot] = new Cell(keepsValue ? old?.v : undefined);
  }
}
