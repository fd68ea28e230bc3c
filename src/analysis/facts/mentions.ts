// Owns whether a piece of a program has a variable in it.

import type { AnyNode } from 'acorn';
import type { Facts } from './facts.ts';
import type { Variable } from './scopes.ts';
import { eachChild } from './tree.ts';

/** True where a node, or anything within it, is the variable. */
export function mentions(node: AnyNode, variable: Variable, facts: Facts): boolean {
  if (facts.variableOf(node) === variable) return true;
  let found = false;
  eachChild(node, (child) => {
    found ||= mentions(child, variable, facts);
  });
  return found;
}
