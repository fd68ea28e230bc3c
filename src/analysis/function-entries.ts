// Owns where a function of a macro begins whose variables others may keep: V8 makes room for those just after it has looked
// whether it is to stop, and a debugger that stops there crashes the process.

import type { AnyNode, Program } from 'acorn';
import { eachChild } from './facts/tree.ts';

/**
 * Where (offsets into the code) V8 may say that it is while it enters a function, or the initialisers of a class, that may
 * keep variables for others: those that have a function or class in them, or name `eval` or `arguments`. More places than
 * there are, never fewer.
 */
export function findKeepingEntries(program: Program, code: string): number[] {
  const entries: number[] = [];
  visit(program, code, entries);
  return entries;
}

/** @returns true where there is something in the node, or in what it is made of, that keeps the variables around it */
function visit(node: AnyNode, code: string, entries: number[]): boolean {
  let keeps = false;
  eachChild(node, (child) => {
    if (visit(child, code, entries)) keeps = true;
  });
  switch (node.type) {
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression': {
      if (keeps) {
        const until = node.params[0]?.start ?? node.body.start;
        entries.push(node.start, until);
        // V8 means the parenthesis; one in a comment before it does no harm.
        for (let at = node.start; at < until; at++) if (code[at] === '(') entries.push(at);
      }
      return true;
    }
    case 'ClassBody':
      entries.push(node.start);
      return true;
    case 'PropertyDefinition':
    case 'StaticBlock':
      entries.push(node.start);
      if (node.type === 'PropertyDefinition') entries.push(node.key.start);
      return true;
    case 'WithStatement':
      return true;
    case 'Identifier':
      return node.name === 'eval' || node.name === 'arguments';
    default:
      return keeps;
  }
}
