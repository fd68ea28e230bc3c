// Owns whether a place in a program stands inside a function.

import type { AnyNode } from 'acorn';
import { eachChild, isFunction } from './tree.ts';

/** True where a function is around an offset; false for the program's own top level. */
export function isInFunction(offset: number, program: AnyNode): boolean {
  let node: AnyNode | null = program;
  while (node) {
    if (isFunction(node) || node.type === 'StaticBlock' || node.type === 'PropertyDefinition')
      return true;
    let inner: AnyNode | null = null;
    eachChild(node, (child) => {
      if (child.start <= offset && offset < child.end) inner = child;
    });
    node = inner;
  }
  return false;
}
