// Owns in which function a place in a program stands.

import type { AnyNode } from 'acorn';
import { eachChild, isFunction } from './tree.ts';

/** The innermost function around an offset (or what else has a scope of its own in a class); null at the program's top level. */
export function functionAt(offset: number, program: AnyNode): AnyNode | null {
  let found: AnyNode | null = null;
  let node: AnyNode | null = program;
  while (node) {
    if (isFunction(node) || node.type === 'StaticBlock' || node.type === 'PropertyDefinition')
      found = node;
    let inner: AnyNode | null = null;
    eachChild(node, (child) => {
      if (child.start <= offset && offset < child.end) inner = child;
    });
    node = inner;
  }
  return found;
}
