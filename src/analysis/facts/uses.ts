// Owns what a piece of a program does with the variables it names: each place with what stands around it.

import type { AnyNode, Identifier } from 'acorn';
import type { Facts } from './facts.ts';
import type { Variable } from './scopes.ts';
import { eachChild } from './tree.ts';

/** One place that names a variable. */
export interface Use {
  readonly id: Identifier;
  /** What stands around it, from the innermost; the piece itself is the last. */
  readonly around: readonly AnyNode[];
}

/** Steps left; what is not looked at because none are left is not known. */
export interface Fuel {
  steps: number;
}

const AROUND_MAX = 4;

/** All uses of variables in some pieces of a program; null when the fuel ran out. */
export function usesIn(
  pieces: readonly AnyNode[],
  facts: Facts,
  fuel: Fuel,
): ReadonlyMap<Variable, readonly Use[]> | null {
  const uses = new Map<Variable, Use[]>();
  const path: AnyNode[] = [];
  const visit = (node: AnyNode): void => {
    if (fuel.steps-- <= 0) return;
    if (node.type === 'Identifier') {
      const variable = facts.variableOf(node);
      if (!variable) return;
      const use = { id: node, around: path.slice(-AROUND_MAX).reverse() };
      const list = uses.get(variable);
      if (list) list.push(use);
      else uses.set(variable, [use]);
      return;
    }
    path.push(node);
    eachChild(node, visit);
    path.pop();
  };
  for (const piece of pieces) visit(piece);
  return fuel.steps > 0 ? uses : null;
}
