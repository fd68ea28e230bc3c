// Owns how many items a list has at the most, and so how often what is given to `map` and the like is called.

import type { AnyNode } from 'acorn';
import { amountOf } from '../facts/amounts.ts';
import type { CallNode, Facts, NodeOf } from '../facts/facts.ts';
import { propertyName } from '../facts/names.ts';

/** Methods that call what they are given once for each item at the most, however the list changes meanwhile. */
const EACH = new Set(
  'forEach map filter some every find findIndex findLast findLastIndex flatMap reduce reduceRight'.split(
    ' ',
  ),
);
/** Methods that give no more items than there are. */
const NO_MORE = new Set(
  'fill map filter slice reverse sort toSorted toReversed keys values entries'.split(' '),
);
const DEPTH_MAX = 10;

/** The most times a call runs the function that is its argument number `index`; null where that is not known. */
export function runsOfCallback(call: CallNode, index: number, facts: Facts): number | null {
  const { callee } = call;
  const name = facts.globalName(callee);
  if (name !== null) {
    const runsOnce = call.type === 'NewExpression' ? 'Promise' : 'queueMicrotask';
    return index === 0 && name === runsOnce ? 1 : null;
  }
  if (callee.type !== 'MemberExpression') return null;
  const method = propertyName(callee) ?? '';
  if (method === 'from' && index === 1) return itemCountOf(call, facts);
  return index === 0 && EACH.has(method) ? itemCountOf(callee.object, facts) : null;
}

/** The most items of a list that stands in the text; null where that is not known. */
export function itemCountOf(node: AnyNode, facts: Facts, depth = 0): number | null {
  if (depth > DEPTH_MAX) return null;
  switch (node.type) {
    case 'ParenthesizedExpression':
      return itemCountOf(node.expression, facts, depth + 1);
    case 'ArrayExpression':
      return node.elements.reduce<number | null>((sum, each) => {
        const many =
          each?.type === 'SpreadElement' ? itemCountOf(each.argument, facts, depth + 1) : 1;
        return sum === null || many === null ? null : sum + many;
      }, 0);
    case 'NewExpression':
    case 'CallExpression':
      return countOfMade(node, facts, depth);
    default:
      return null;
  }
}

/** `Array(n)`, `Array.from(…)`, and what methods give. */
function countOfMade(node: CallNode, facts: Facts, depth: number): number | null {
  const { callee, arguments: given } = node;
  const [first] = given;
  if (facts.globalName(callee) === 'Array') {
    if (given.some(({ type }) => type === 'SpreadElement')) return null;
    return given.length === 1 && first ? wholeNumber(first, facts) : given.length;
  }
  if (callee.type !== 'MemberExpression') return null;
  const method = propertyName(callee) ?? '';
  if (method === 'from' && facts.globalName(callee.object) === 'Array' && first)
    return first.type === 'ObjectExpression'
      ? lengthOf(first, facts)
      : itemCountOf(first, facts, depth + 1);
  return NO_MORE.has(method) ? itemCountOf(callee.object, facts, depth + 1) : null;
}

/** `{ length: n }` and nothing else. */
function lengthOf({ properties }: NodeOf<'ObjectExpression'>, facts: Facts): number | null {
  const [only, ...others] = properties;
  const isLength =
    only?.type === 'Property' && only.key.type === 'Identifier' && only.key.name === 'length';
  return isLength && others.length === 0 ? wholeNumber(only.value, facts) : null;
}

function wholeNumber(node: AnyNode, facts: Facts): number | null {
  const amount = amountOf(node, facts.scopes);
  return amount === null ? null : Math.max(0, Math.floor(amount));
}
