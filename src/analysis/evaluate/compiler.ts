// Owns what the parts of the compiler know of each other: a syntax tree becomes functions that take an activation.

import type { AnyNode, Function as FunctionNode, Identifier } from 'acorn';
import type { Facts } from '../facts/facts.ts';
import type { Scopes, Variable } from '../facts/scopes.ts';
import type { Activation, Expression, Machine, Statement } from './machine.ts';
import type { Cell, Value } from './values.ts';
import type { LoopWatch } from './watch.ts';

/** Gives a value to what a pattern names. */
export type Assign = (act: Activation, value: Value) => void;

/** The variables of one function while it is compiled. */
export class FunctionScope {
  readonly node: FunctionNode | null;
  readonly own = new Map<Variable, number>();
  /** Variables of functions around it, in the order their cells are captured. */
  readonly free = new Map<Variable, number>();
  /** Those of its own that functions inside it use. */
  readonly shared = new Set<Variable>();

  constructor(node: FunctionNode | null) {
    this.node = node;
  }

  /** How to get at a variable's cell. */
  cellOf(variable: Variable): (act: Activation) => Cell {
    const isOwn = variable.owner === this.node;
    const index = slot(isOwn ? this.own : this.free, variable);
    return isOwn ? (act) => act.cells[index] as Cell : (act) => act.captured[index] as Cell;
  }
}

function slot(slots: Map<Variable, number>, variable: Variable): number {
  const known = slots.get(variable);
  if (known !== undefined) return known;
  slots.set(variable, slots.size);
  return slots.size - 1;
}

/** Compiles any node; its parts are in files of their own. */
export interface Compiler {
  readonly m: Machine;
  readonly facts: Facts;
  readonly scopes: Scopes;
  readonly watch: LoopWatch;
  /** The host's command categories. */
  readonly categories: ReadonlySet<string> | null;
  /** The function being compiled. */
  scope: FunctionScope;
  expression(node: AnyNode): Expression;
  statement(node: AnyNode): Statement;
  /** Statements in a row, functions among them first. */
  block(nodes: readonly AnyNode[]): Statement;
  /** Assigns to a name, a member or a pattern. */
  target(node: AnyNode): Assign;
  callable(node: FunctionNode): Expression;
  classValue(node: Extract<AnyNode, { type: 'ClassDeclaration' | 'ClassExpression' }>): Expression;
  variableOf(id: Identifier): Variable | null;
}
