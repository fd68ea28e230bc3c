// Owns which promises stand for others that never settle: names, functions that give one, and `Promise.all` of one.

import type { AnyNode } from 'acorn';
import { onlyValue } from '../facts/amounts.ts';
import type { Facts, FunctionFact, NodeOf } from '../facts/facts.ts';
import { propertyName } from '../facts/names.ts';
import type { Fuel } from '../facts/uses.ts';

/** Names of names can stand for very many promises. */
const STEPS = 40;
const ITEMS_MAX = 50;
const TAKEN_MAX = 200;

/** Tells of a promise that is made where it stands whether nothing ever settles it. */
type IsNever = (node: AnyNode, facts: Facts) => boolean;

/** True when what stands behind an expression never settles, however many names lie between. */
export function neverBehind(node: AnyNode, facts: Facts, isNever: IsNever): boolean {
  return behind(node, facts, isNever, { steps: STEPS });
}

function behind(node: AnyNode, facts: Facts, isNever: IsNever, fuel: Fuel): boolean {
  if (fuel.steps-- <= 0) return false;
  const next = (each: AnyNode) =>
    behind(each, facts, isNever, fuel) || (isMade(each) && isNever(each, facts));
  if (node.type === 'Identifier') {
    const value = onlyValue(node, facts.scopes);
    return value ? next(value) : isUnresolvable(node, facts);
  }
  if (node.type !== 'CallExpression') return false;
  const called = facts.calleeOf(node);
  if (called) {
    const given = returned(called);
    return given !== null && next(given);
  }
  return isNeverTogether(node, facts, next);
}

/** What the caller judges itself; everything else it would only hand back. */
function isMade({ type }: AnyNode): boolean {
  return type === 'NewExpression' || type === 'ObjectExpression';
}

/** `Promise.all` of one that never settles; `Promise.race` and `any` of none or only such. */
function isNeverTogether(
  { callee, arguments: [given] }: NodeOf<'CallExpression'>,
  facts: Facts,
  isNever: (node: AnyNode) => boolean,
): boolean {
  if (callee.type !== 'MemberExpression' || facts.globalName(callee.object) !== 'Promise')
    return false;
  const method = propertyName(callee);
  if (method === 'resolve') return given ? given.type !== 'SpreadElement' && isNever(given) : false;
  if (given?.type !== 'ArrayExpression' || given.elements.length > ITEMS_MAX) return false;
  const items = given.elements;
  const test = (each: AnyNode | null) => each !== null && isNever(each);
  if (method === 'all' || method === 'allSettled') return items.some(test);
  // Of no promises at all `any` fails at once, and `race` waits for ever.
  if (method === 'any') return items.length > 0 && items.every(test);
  return method === 'race' && items.every(test);
}

/** `promise` of `const { promise } = Promise.withResolvers()`: nobody has what would settle it. */
function isUnresolvable(node: NodeOf<'Identifier'>, facts: Facts): boolean {
  const variable = facts.variableOf(node);
  if (variable?.writes.length !== 1 || facts.taken.length > TAKEN_MAX) return false;
  return facts.taken.some(({ pattern, from }) => {
    const isMadeHere =
      from.type === 'CallExpression' &&
      from.callee.type === 'MemberExpression' &&
      facts.globalName(from.callee.object) === 'Promise' &&
      propertyName(from.callee) === 'withResolvers';
    const [only] = pattern.properties;
    return (
      isMadeHere &&
      pattern.properties.length === 1 &&
      only?.type === 'Property' &&
      facts.variableOf(only.value) === variable
    );
  });
}

/** What a function gives back where that is the one thing it does. */
function returned({ node, body, throws, calls }: FunctionFact): AnyNode | null {
  if (!node || node.generator || throws.length > 0) return null;
  if (body.type !== 'BlockStatement') return body;
  const [only] = body.body;
  const isOnly = body.body.length === 1 && calls.length <= 1;
  return isOnly && only?.type === 'ReturnStatement' ? (only.argument ?? null) : null;
}
