// Owns what `thing = value` does to how much a thing holds: adds to it, cuts it back, or one of them and nobody can say which.

import type { AnyNode } from 'acorn';
import type { NodeOf } from '../facts/facts.ts';
import { propertyName } from '../facts/names.ts';

/** What becomes of a thing that is given a value, and how that is written. */
export interface Assigned {
  readonly adds: boolean;
  readonly takes: boolean;
  readonly how: string;
}

const SHORTENS = new Set('slice filter substring substr trim trimStart trimEnd splice'.split(' '));

/** What an assignment does to what stands on its left. */
export function assigned({ operator, left, right }: NodeOf<'AssignmentExpression'>): Assigned {
  // Only what adds up makes a thing larger; `-=` and its like are of numbers.
  if (operator !== '=') return { adds: true, takes: false, how: operator };
  if (isEmpty(right)) return { adds: false, takes: true, how: '=' };
  const by = extension(right, left);
  if (by !== null) return { adds: true, takes: false, how: by };
  return isShortened(right, left)
    ? { adds: false, takes: true, how: '=' }
    : { adds: true, takes: true, how: '=' };
}

/** `[]`, `{}`, `''`, `null`, `new Map()`: nothing is left of what was there. */
function isEmpty(node: AnyNode): boolean {
  switch (node.type) {
    case 'ArrayExpression':
      return node.elements.length === 0;
    case 'ObjectExpression':
      return node.properties.length === 0;
    case 'NewExpression':
      return node.arguments.length === 0;
    case 'Literal':
      return node.value === '' || node.value === null;
    default:
      return false;
  }
}

/** How a value holds all of a thing and something more: `thing + …`, `[...thing, …]`; null where it does not. */
function extension(value: AnyNode, thing: AnyNode): string | null {
  switch (value.type) {
    case 'BinaryExpression':
      return value.operator === '+' && addends(value).some((each) => isSame(each, thing))
        ? '= … + …'
        : null;
    case 'TemplateLiteral':
      return value.expressions.some((each) => isSame(each, thing)) ? '= `…`' : null;
    case 'ArrayExpression':
      return value.elements.length > 1 && value.elements.some((each) => spreads(each, thing))
        ? '= [...]'
        : null;
    case 'ObjectExpression':
      return value.properties.length > 1 && value.properties.some((each) => spreads(each, thing))
        ? '= {...}'
        : null;
    case 'CallExpression':
      return methodOn(value, thing) === 'concat' ? '= concat' : null;
    default:
      return null;
  }
}

function addends(node: AnyNode): AnyNode[] {
  if (node.type !== 'BinaryExpression' || node.operator !== '+') return [node];
  // Long sums lean to the left; one as deep as a tree may be is no sum to follow.
  const found: AnyNode[] = [node.right];
  let left: AnyNode = node.left;
  while (left.type === 'BinaryExpression' && left.operator === '+') {
    found.push(left.right);
    left = left.left;
  }
  return [...found, left];
}

function spreads(node: AnyNode | null, thing: AnyNode): boolean {
  return node?.type === 'SpreadElement' && isSame(node.argument, thing);
}

function isShortened(value: AnyNode, thing: AnyNode): boolean {
  const method = value.type === 'CallExpression' ? methodOn(value, thing) : null;
  return method !== null && SHORTENS.has(method);
}

function methodOn({ callee }: NodeOf<'CallExpression'>, thing: AnyNode): string | null {
  const isOn = callee.type === 'MemberExpression' && isSame(callee.object as AnyNode, thing);
  return isOn ? propertyName(callee) : null;
}

/** True for two ways to the same thing, written alike. */
function isSame(a: AnyNode, b: AnyNode): boolean {
  if (a.type === 'Identifier') return b.type === 'Identifier' && a.name === b.name;
  if (a.type === 'ThisExpression') return b.type === 'ThisExpression';
  if (a.type !== 'MemberExpression' || b.type !== 'MemberExpression') return false;
  const name = propertyName(a);
  return (
    name !== null && name === propertyName(b) && isSame(a.object as AnyNode, b.object as AnyNode)
  );
}
