// Owns in which function a place in a program stands.

import type { AnyNode } from 'acorn';
import { isFunction, nodesAround } from './tree.ts';

/** The innermost function around an offset (or what else has a scope of its own in a class); null at the program's top level. */
export function functionAt(offset: number, program: AnyNode): AnyNode | null {
  let found: AnyNode | null = null;
  for (const node of nodesAround(offset, program))
    if (isFunction(node) || node.type === 'StaticBlock' || node.type === 'PropertyDefinition')
      found = node;
  return found;
}
