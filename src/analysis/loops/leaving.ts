// Owns whether something called in a loop may be its way out: what is not known may throw on purpose.

import type { AnyNode } from 'acorn';
import { type CallNode, type Facts, type FunctionFact, type LoopFact, sitesIn } from '../facts.ts';
import { isFunction } from '../tree.ts';

/** Globals of JavaScript and Corral that do not throw on purpose when called, or whose methods do not. */
const HARMLESS = new Set(
  (
    'Math JSON Number String Boolean BigInt Object Array Map Set WeakMap WeakSet Symbol Date Promise RegExp Reflect Intl ' +
    'console log parseInt parseFloat isNaN isFinite sleep every command state macros random now budget queueMicrotask ' +
    'structuredClone Error TypeError RangeError SyntaxError Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array ' +
    'Int32Array Uint32Array Float32Array Float64Array ArrayBuffer DataView Proxy'
  ).split(' '),
);
/** Methods every text, array, map, set, number or function has. */
const METHODS = new Set(
  [String, Array, Map, Set, Number, Date, RegExp, Promise, Function, Object].flatMap(
    ({ prototype }) => Object.getOwnPropertyNames(prototype),
  ),
);
const CALLS_MAX = 400;

/** True for a global that does nothing of its own accord. */
export function isHarmless(name: string): boolean {
  return HARMLESS.has(name) && name !== 'macros' && name !== 'every' && name !== 'queueMicrotask';
}

/** True when something called in the loop may leave it by throwing. */
export function mayLeave(loop: LoopFact, facts: Facts, categories: Categories): boolean {
  const seen = new Set<FunctionFact>();
  const calls = sitesIn(loop.owner.calls, loop.node, CALLS_MAX + 1);
  if (calls.length > CALLS_MAX) return true;
  return calls.some(({ node }) => mayThrow(node, facts, categories, seen));
}

/** True when a call may throw on purpose. */
export function callMayThrow(call: CallNode, facts: Facts, categories: Categories): boolean {
  return mayThrow(call, facts, categories, new Set());
}

/** The host's command categories; null when they are not known: then every global that is no name of JavaScript's is one. */
export type Categories = ReadonlySet<string> | null;

function mayThrow(
  call: CallNode,
  facts: Facts,
  categories: Categories,
  seen: Set<FunctionFact>,
): boolean {
  const { callee } = call;
  // Functions given to a built-in are called by it.
  if (call.arguments.some((each) => givenThrows(each, facts, categories, seen))) return true;
  const known = facts.calleeOf(call);
  if (known) return functionThrows(known, facts, categories, seen);
  const name = facts.globalName(callee);
  if (name !== null) return !HARMLESS.has(name);
  if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return true;
  const root = facts.globalName(callee.object);
  if (root !== null) return !(HARMLESS.has(root) || isCategory(root, categories));
  return callee.computed || !METHODS.has(callee.property.name);
}

function isCategory(name: string, categories: Categories): boolean {
  return categories ? categories.has(name) : !(name in globalThis);
}

function givenThrows(
  node: AnyNode,
  facts: Facts,
  categories: Categories,
  seen: Set<FunctionFact>,
): boolean {
  const fact = isFunction(node) ? facts.factOf(node as AnyNode) : functionOf(node, facts);
  return fact !== null && functionThrows(fact, facts, categories, seen);
}

/** The function a variable surely holds. */
function functionOf(node: AnyNode, facts: Facts): FunctionFact | null {
  const variable = facts.variableOf(node);
  const value = variable?.writes.length === 1 ? variable.writes[0]?.value : null;
  return value ? facts.factOf(value) : null;
}

function functionThrows(
  fact: FunctionFact,
  facts: Facts,
  categories: Categories,
  seen: Set<FunctionFact>,
): boolean {
  if (seen.has(fact)) return false;
  if (seen.size > CALLS_MAX) return true;
  seen.add(fact);
  return (
    fact.throws.length > 0 || fact.calls.some(({ node }) => mayThrow(node, facts, categories, seen))
  );
}
