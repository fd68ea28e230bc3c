// Owns what becomes of a function that is given to one of JavaScript's own: is it called, when, and surely?

import type { AnyNode } from 'acorn';
import type { CallNode, Facts } from '../facts/facts.ts';
import { propertyName } from '../facts/names.ts';

/** When a function is called that was given away. */
export interface Callback {
  /** `call` before the call it was given to is over; `microtask` right after what runs now. */
  readonly kind: 'call' | 'microtask';
  readonly isSure: boolean;
}

/** Methods of arrays that call what they are given for each item. */
const EACH = new Set(
  (
    'forEach map filter some every find findIndex findLast findLastIndex flatMap reduce reduceRight ' +
    'sort toSorted'
  ).split(' '),
);
/** These need two items to call it. */
const PAIRS = new Set(['reduce', 'reduceRight', 'sort', 'toSorted']);
const LATER = new Set(['then', 'catch', 'finally']);
const TEXT = new Set(['replace', 'replaceAll']);

/** What a call does with the function that is its argument number `index`; null when it is not known to call it. */
export function callbackOf(call: CallNode, index: number, facts: Facts): Callback | null {
  const { callee } = call;
  const name = facts.globalName(callee);
  if (name !== null) {
    if (index !== 0) return null;
    if (name === 'queueMicrotask') return { kind: 'microtask', isSure: true };
    return name === 'Promise' && call.type === 'NewExpression'
      ? { kind: 'call', isSure: true }
      : null;
  }
  if (callee.type !== 'MemberExpression') return null;
  const method = propertyName(callee);
  if (method === null) return null;
  const { object } = callee;
  if (index === 0 && EACH.has(method)) {
    const least = PAIRS.has(method) && call.arguments.length < 2 ? 2 : 1;
    return { kind: 'call', isSure: hasItems(object, least) };
  }
  if (LATER.has(method) && index < 2)
    return {
      kind: 'microtask',
      isSure: index === 0 && method !== 'catch' && isReady(object, facts),
    };
  if (index !== 1) return null;
  if (TEXT.has(method)) return { kind: 'call', isSure: false };
  const root = facts.globalName(object);
  const isBuilder = (root === 'Array' && method === 'from') || root === 'JSON';
  return isBuilder ? { kind: 'call', isSure: false } : null;
}

/** An array written out with so many items. */
function hasItems(node: AnyNode, least: number): boolean {
  return (
    node.type === 'ArrayExpression' &&
    node.elements.length >= least &&
    node.elements.every((each) => each !== null && each.type !== 'SpreadElement')
  );
}

/** `Promise.resolve(…)`: what is chained to it runs at once. */
function isReady(node: AnyNode, facts: Facts): boolean {
  if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return false;
  const [value] = node.arguments;
  const isSettled = value === undefined || value.type === 'Literal';
  return (
    isSettled &&
    facts.globalName(node.callee.object) === 'Promise' &&
    propertyName(node.callee) === 'resolve'
  );
}
