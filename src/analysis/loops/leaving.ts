// Owns whether something called in a loop may be its way out: what is not known may throw on purpose.

import {
  type CallNode,
  type Facts,
  type FunctionFact,
  type LoopFact,
  sitesIn,
} from '../facts/facts.ts';
import { heldFunction } from '../facts/held.ts';

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
  const calls = sitesIn(loop.owner.calls, loop.node, CALLS_MAX + 1);
  if (calls.length > CALLS_MAX) return true;
  return calls.some(({ node }) => callMayThrow(node, facts, categories));
}

/** True when a call may throw on purpose. */
export function callMayThrow(call: CallNode, facts: Facts, categories: Categories): boolean {
  const throwers = throwersOf(facts, categories);
  const called = functionsOf(call, facts);
  if (called.some((fact) => throwers.has(fact))) return true;
  return facts.calleeOf(call) === null && isUnknown(call, facts, categories);
}

/** The host's command categories; null when they are not known: then every global that is no name of JavaScript's is one. */
export type Categories = ReadonlySet<string> | null;

/** Of each program the functions that may throw on purpose, themselves or by what they call. */
const THROWERS = new WeakMap<Facts, ReadonlySet<FunctionFact>>();

function throwersOf(facts: Facts, categories: Categories): ReadonlySet<FunctionFact> {
  const known = THROWERS.get(facts);
  if (known) return known;
  const throwers = new Set<FunctionFact>();
  const callers = new Map<FunctionFact, FunctionFact[]>();
  for (const fact of facts.functions) {
    if (fact.throws.length > 0) throwers.add(fact);
    for (const { node } of fact.calls) {
      if (facts.calleeOf(node) === null && isUnknown(node, facts, categories)) throwers.add(fact);
      for (const called of functionsOf(node, facts)) {
        const list = callers.get(called);
        if (list) list.push(fact);
        else callers.set(called, [fact]);
      }
    }
  }
  for (const fact of throwers) for (const caller of callers.get(fact) ?? []) throwers.add(caller);
  THROWERS.set(facts, throwers);
  return throwers;
}

/** The functions that a call runs: the one called, and those given to it. */
function functionsOf(call: CallNode, facts: Facts): FunctionFact[] {
  const given = call.arguments.flatMap((each) => heldFunction(each, facts) ?? []);
  const callee = facts.calleeOf(call);
  return callee ? [callee, ...given] : given;
}

/** True for a call of something whose text is not here, and that is not known to be harmless. */
function isUnknown({ callee }: CallNode, facts: Facts, categories: Categories): boolean {
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
