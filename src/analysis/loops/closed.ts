// Owns whether a macro is worth evaluating: small, and with nothing at its top that nobody here knows.

import type { AnyNode } from 'acorn';
import { isKnownGlobal } from '../evaluate/globals.ts';
import type { Facts } from '../facts/facts.ts';
import type { Categories } from './leaving.ts';

/** Larger programs are not closed but long. */
const LENGTH_MAX = 30_000;

/** False when evaluation would give up at once, or there is nothing it could find. */
export function isClosed(facts: Facts, categories: Categories): boolean {
  const { program, functions, assignments } = facts;
  if (program.end - program.start > LENGTH_MAX) return false;
  const top = functions[0];
  if (!top || !program.body.some(doesSomething)) return false;
  const isKnown = (node: AnyNode): boolean => {
    const name = facts.globalName(rootOf(node));
    return name === null || isKnownGlobal(name, categories);
  };
  return (
    top.calls.every(({ node }) => isKnown(node.callee)) &&
    assignments.every(({ node, owner }) => owner !== top || isKnown(node.left))
  );
}

/** A text of declarations alone does nothing by itself. */
function doesSomething({ type }: AnyNode): boolean {
  return (
    type !== 'FunctionDeclaration' && type !== 'EmptyStatement' && type !== 'ExportNamedDeclaration'
  );
}

/** `a` of `a.b.c`. */
function rootOf(node: AnyNode): AnyNode {
  let at = node;
  while (at.type === 'MemberExpression') at = at.object;
  return at;
}
