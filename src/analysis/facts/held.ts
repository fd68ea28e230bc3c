// Owns what a name surely stands for: the one value its variable is ever given.

import type { AnyNode } from 'acorn';
import type { Facts, FunctionFact } from './facts.ts';

/** What a variable was given, when it is given something only once; null for everything else. */
export function heldBy(node: AnyNode, facts: Facts): AnyNode | null {
  const variable = facts.variableOf(node);
  return (variable?.writes.length === 1 && variable.writes[0]?.value) || null;
}

/** The function that an expression surely is: written there, or held by a name. */
export function heldFunction(node: AnyNode, facts: Facts): FunctionFact | null {
  const direct = facts.factOf(node);
  if (direct) return direct;
  const value = heldBy(node, facts);
  return value && facts.factOf(value);
}
