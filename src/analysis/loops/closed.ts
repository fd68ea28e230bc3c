// Owns whether a macro is worth evaluating: small, and with nothing at its top that nobody here knows.

import type { AnyNode } from 'acorn';
import { isKnownGlobal } from '../evaluate/globals.ts';
import type { CallNode, Facts } from '../facts.ts';
import type { Categories } from './leaving.ts';

/** Larger programs are not closed but long. */
const LENGTH_MAX = 30_000;

/** False when evaluation would give up at once, or would come by no loop: it begins with the macro's own top level. */
export function isClosed(facts: Facts, categories: Categories): boolean {
  const { program, functions, assignments } = facts;
  if (program.end - program.start > LENGTH_MAX) return false;
  const top = functions[0];
  if (!top || (top.loops.length === 0 && !top.calls.some(({ node }) => runsOurs(node, facts))))
    return false;
  const isKnown = (node: AnyNode): boolean => {
    const name = facts.globalName(rootOf(node));
    return name === null || isKnownGlobal(name, categories);
  };
  return (
    top.calls.every(({ node }) => isKnown(node.callee)) &&
    assignments.every(({ node, owner }) => owner !== top || isKnown(node.left))
  );
}

/** True when a call may run a function of the macro's. */
function runsOurs({ callee, arguments: given }: CallNode, facts: Facts): boolean {
  return facts.globalName(rootOf(callee)) === null || given.some((each) => !isPlain(each));
}

function isPlain({ type }: AnyNode): boolean {
  return type === 'Literal' || type === 'TemplateLiteral' || type === 'BinaryExpression';
}

/** `a` of `a.b.c`. */
function rootOf(node: AnyNode): AnyNode {
  let at = node;
  while (at.type === 'MemberExpression') at = at.object;
  return at;
}
