// Owns which names a piece of a program gives its value to: `a` and `b` in `const { a, b: [c = 1] } = (await f()).x`, and `c`.

import type { AnyNode, Pattern } from 'acorn';
import { isFunction, nodesAround } from './tree.ts';

/** The names that what stands at an offset goes into, by the declarations and assignments around it in its own function. */
export function namesMadeOf(offset: number, program: AnyNode): string[] {
  let names: string[] = [];
  for (const node of nodesAround(offset, program)) {
    if (isFunction(node)) names = [];
    if (node.type === 'VariableDeclarator') names.push(...namesIn(node.id));
    if (node.type === 'AssignmentExpression') names.push(...namesIn(node.left));
  }
  return names;
}

function namesIn(pattern: Pattern): string[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern.name];
    case 'ObjectPattern':
      return pattern.properties.flatMap((each) =>
        namesIn(each.type === 'Property' ? each.value : each.argument),
      );
    case 'ArrayPattern':
      return pattern.elements.flatMap((each) => (each ? namesIn(each) : []));
    case 'AssignmentPattern':
      return namesIn(pattern.left);
    case 'RestElement':
      return namesIn(pattern.argument);
    default:
      return [];
  }
}
