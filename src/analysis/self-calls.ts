// Owns the shortest circle of macros: one that calls itself by its own `@name`.

import type { AnyNode, Program } from 'acorn';
import type { Header } from '../model/header.ts';
import { eachChild } from './tree.ts';

/** A call of `macros.call` with the macro's own name; offsets into the source. */
export interface SelfCall {
  readonly path: readonly string[];
  readonly start: number;
  readonly end: number;
}

/** The places where a macro calls itself; none when it has no name or does not parse. */
export function selfCallsOf({
  ast,
  code,
  header: { name },
}: {
  readonly ast: Program | null;
  readonly code: string;
  readonly header: Header;
}): SelfCall[] {
  // Few macros call others: the others need no walk.
  if (!ast || name === '' || !/\bmacros\b/.test(code)) return [];
  const found: SelfCall[] = [];
  const visit = (node: AnyNode): void => {
    if (calledName(node) === name)
      found.push({ path: [name, name], start: node.start, end: node.end });
    eachChild(node, visit);
  };
  visit(ast);
  return found;
}

/** The name in `macros.call('name')`, null for every other node. */
function calledName(node: AnyNode): string | null {
  if (node.type !== 'CallExpression') return null;
  const { callee } = node;
  if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return null;
  if (callee.property.name !== 'call' || callee.computed) return null;
  if (!isMacros(callee.object)) return null;
  const [first] = node.arguments;
  return first?.type === 'Literal' && typeof first.value === 'string' ? first.value : null;
}

/** `macros`, or `macro.macros` in a module. */
function isMacros(node: AnyNode): boolean {
  if (node.type === 'Identifier') return node.name === 'macros';
  return (
    node.type === 'MemberExpression' &&
    node.property.type === 'Identifier' &&
    node.property.name === 'macros'
  );
}
