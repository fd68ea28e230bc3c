// Owns whether a macro is calm enough to share a process with others: every loop counted or waiting, no recursion, and
// nothing called that could keep a process busy by itself. What is not on the list is not calm.

import type { AnyNode } from 'acorn';
import type { Facts } from './facts/facts.ts';

const LOOP_TURNS_MAX = 100_000;

const GLOBAL_CALLS = new Set(
  'sleep command every random now budget log Number String Boolean parseInt parseFloat isNaN isFinite'.split(
    ' ',
  ),
);
const GLOBAL_OBJECTS = new Set('log console state Math signal'.split(' '));
/**
 * JavaScript's own names that no calm macro mentions, called or not: `list.map(Array.from)` runs it as well. `macros` is
 * among them, because what another macro does in this one's process nobody has looked at here.
 */
const RISKY_NAMES = new Set(
  (
    'Object Array JSON Promise Reflect Proxy RegExp BigInt Symbol Map Set WeakMap WeakSet WeakRef Date Error Intl Function ' +
    'ArrayBuffer DataView Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array Float16Array ' +
    'Float32Array Float64Array BigInt64Array BigUint64Array SharedArrayBuffer Atomics WebAssembly Iterator Temporal ' +
    'AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError SuppressedError DisposableStack ' +
    'AsyncDisposableStack FinalizationRegistry globalThis eval escape unescape decodeURI decodeURIComponent encodeURI ' +
    'encodeURIComponent macros constructor prototype __proto__ call apply bind'
  ).split(' '),
);
const METHODS = new Set(
  'push pop shift find findIndex findLast some every map filter reduce forEach keys values entries get set has add delete stop toFixed trim toLowerCase toUpperCase startsWith endsWith at charAt charCodeAt throwIfAborted addEventListener'.split(
    ' ',
  ),
);

/** What a macro is not calm for. */
const NODES = new Set<AnyNode['type']>([
  'NewExpression',
  'TaggedTemplateExpression',
  'ClassDeclaration',
  'ClassExpression',
  'WithStatement',
  'YieldExpression',
  'SpreadElement',
  // At the top of a macro, another name for the global.
  'ThisExpression',
]);

/** True when a node alone makes a macro not calm. */
export function isRisky(node: AnyNode, facts: Facts): boolean {
  if (NODES.has(node.type)) return true;
  switch (node.type) {
    case 'Identifier':
      return RISKY_NAMES.has(node.name) && !facts.scopes.variables.has(node);
    case 'Literal':
      if (typeof node.value === 'string') return RISKY_NAMES.has(node.value);
      return node.bigint != null || ('regex' in node && Boolean(node.regex));
    case 'BinaryExpression':
      return node.operator === '**';
    case 'AssignmentExpression':
      return node.operator === '**=' || node.left.type === 'MemberExpression';
    case 'Property':
      return node.kind !== 'init';
    case 'VariableDeclaration':
      // At the end of its block, whatever "dispose" its value has is called.
      return node.kind === 'using' || node.kind === 'await using';
    case 'CallExpression':
      return !isCalmCall(node, facts);
    default:
      return false;
  }
}

/** The most turns a loop of a calm macro may have. */
export function isCalmBound(bound: number | null): boolean {
  return bound !== null && bound <= LOOP_TURNS_MAX;
}

function isCalmCall(node: Extract<AnyNode, { type: 'CallExpression' }>, facts: Facts): boolean {
  const { callee } = node;
  if (callee.type === 'Identifier') {
    if (!facts.scopes.variables.has(callee)) return GLOBAL_CALLS.has(callee.name);
    return facts.calleeOf(node) !== null;
  }
  if (
    callee.type !== 'MemberExpression' ||
    callee.computed ||
    callee.property.type !== 'Identifier'
  )
    return false;
  const { object, property } = callee;
  if (object.type === 'Identifier' && !facts.scopes.variables.has(object)) {
    if (GLOBAL_OBJECTS.has(object.name)) return true;
    // A host's category; `input` is data, so its methods are judged by name.
    return object.name !== 'input';
  }
  return METHODS.has(property.name);
}
