// Owns beacons: marks put before operations that may never return to where V8 can be interrupted. When such a process has
// to be killed nobody can ask it where it was; the last beacon says so. Lines stay as they are, only columns move.

import type { AnyNode, Program } from 'acorn';
import { eachChild } from './facts/tree.ts';
import { findKeepingEntries } from './function-entries.ts';
import { Lines } from './text/lines.ts';

/** The global function every beacon calls: it notes its first argument and gives back its second. */
export const BEACON_FUNCTION = '$corralAt';
/** A beacon's end, by which the bridge finds it in the text of a function (src/sandbox/bridge/function-text.ts). */
const BEACON_END = `/*${BEACON_FUNCTION}*/)`;

/** Where a beacon stands and what comes after it. */
export interface Beacon {
  readonly line: number;
  readonly column: number;
  /** Such as `fill()`, `**` or `await`. */
  readonly operation: string;
}

/** Code with its beacons. */
export interface Planted {
  readonly code: string;
  /** By the number the beacon gives. */
  readonly beacons: readonly Beacon[];
  /** Offsets into {@link code} at which a debugger must not stop it (function-entries.ts); null where they are not known. */
  readonly keepingEntries: readonly number[] | null;
  /** From a place in {@link code} (1-based) to the place in the source. */
  toOriginal(line: number, column: number): { readonly line: number; readonly column: number };
}

const BEACONS_MAX = 5_000;

/** Methods that can keep going inside one call, given a large or hostile value. */
const METHODS = new Set(
  (
    'fill join repeat split sort concat padStart padEnd indexOf lastIndexOf includes replace replaceAll match matchAll test ' +
    'exec search copyWithin reverse toString toLocaleString flat from of stringify parse apply call slice splice unshift ' +
    'shift set normalize localeCompare toSorted toReversed toSpliced with raw assign entries values keys fromEntries transfer ' +
    'transferToFixedLength for'
  ).split(' '),
);
const FUNCTIONS = new Set('Array BigInt String structuredClone eval'.split(' '));
const CLASSES = new Set(
  'Array ArrayBuffer Map Set String RegExp Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array Float32Array Float64Array BigInt64Array BigUint64Array'.split(
    ' ',
  ),
);
/** A text that has none of these makes no BigInt, short of tricks: its arithmetic needs no beacons, which cost some. */
const NAMES_BIGINT = /BigInt|[\da-fA-F]n\b/;
/** Operators that take long on a BigInt of many digits. */
const OPERATORS = new Set(['**', '*', '<<', '/', '%', '**=', '*=', '<<=', '/=', '%=']);

/** An expression that gets wrapped: `X` becomes `$corralAt(7,X)`. It is evaluated first, then the mark is set. */
interface Wrap {
  readonly target: AnyNode;
  /** Where the operation is, for people. */
  readonly at: number;
  readonly operation: string;
}

/** Plants the beacons of a macro; one that needs none, does not parse or has a word of its own for them comes back as it is. */
export function plantBeacons(parsed: {
  readonly code: string;
  readonly ast: Program | null;
}): Planted {
  const { code, ast } = parsed;
  const mayPlant = ast !== null && !code.includes(BEACON_FUNCTION);
  const wraps = mayPlant ? findWraps(ast, NAMES_BIGINT.test(code)) : [];
  const entries = ast && findKeepingEntries(ast, code);
  if (wraps.length === 0) {
    return {
      code,
      beacons: [],
      keepingEntries: entries,
      toOriginal: (line, column) => ({ line, column }),
    };
  }
  const lines = new Lines(code);
  const insertions = toInsertions(wraps);
  return {
    code: insert(code, insertions),
    beacons: wraps.map(({ at, operation }) => ({ ...lines.at(at), operation })),
    keepingEntries: entries && shifted(entries, insertions),
    toOriginal: (line, column) => toOriginal(line, column, insertions, lines),
  };
}

function findWraps(program: Program, hasBigInt: boolean): Wrap[] {
  const wraps: Wrap[] = [];
  const visit = (node: AnyNode, isInChain: boolean): void => {
    if (wraps.length < BEACONS_MAX) {
      const wrap = wrapOf(node, isInChain, hasBigInt);
      if (wrap) wraps.push(wrap);
    }
    const spine = chainSpine(node, isInChain);
    eachChild(node, (child) => visit(child, child === spine));
  };
  visit(program, false);
  return wraps;
}

/** The child that belongs to the same optional chain: `a?.b` of `a?.b.c()`, whose value cannot be wrapped. */
function chainSpine(node: AnyNode, isInChain: boolean): AnyNode | null {
  if (node.type === 'ChainExpression') return node.expression;
  if (!isInChain) return null;
  if (node.type === 'MemberExpression') return node.object;
  return node.type === 'CallExpression' ? node.callee : null;
}

function wrapOf(node: AnyNode, isInChain: boolean, hasBigInt: boolean): Wrap | null {
  switch (node.type) {
    case 'AwaitExpression':
      return { target: node.argument, at: node.start, operation: 'await' };
    case 'CallExpression':
    case 'NewExpression':
      return wrapOfCall(node, isInChain);
    case 'BinaryExpression':
    case 'AssignmentExpression':
      if (!hasBigInt || !OPERATORS.has(node.operator)) return null;
      return { target: node.right, at: node.start, operation: node.operator };
    case 'ArrayExpression': {
      const last = node.elements.findLast((element) => element?.type === 'SpreadElement');
      if (last?.type !== 'SpreadElement') return null;
      return { target: last.argument, at: node.start, operation: '[...]' };
    }
    default:
      return null;
  }
}

function wrapOfCall(
  node: Extract<AnyNode, { type: 'CallExpression' | 'NewExpression' }>,
  isInChain: boolean,
): Wrap | null {
  const { callee } = node;
  const last = node.arguments.at(-1);
  const name = calledName(node);
  const isRisky = name !== null || last?.type === 'SpreadElement';
  if (!isRisky) return null;
  const shown = name === 'for' ? 'Symbol.for' : name;
  const operation =
    node.type === 'NewExpression' ? `new ${shown ?? ''}()` : `${shown ?? '(...)'}()`;
  const at = callee.type === 'MemberExpression' ? callee.property.start : node.start;
  // After the last argument is evaluated comes the call itself; without arguments, after its object.
  if (last) return { target: last.type === 'SpreadElement' ? last.argument : last, at, operation };
  if (node.type === 'NewExpression' || isInChain || callee.type !== 'MemberExpression') return null;
  if (callee.object.type === 'Super') return null;
  return { target: callee.object, at, operation };
}

/** The name of a call that may take long; '' for one that is computed at run time, null for one that is harmless. */
function calledName({
  type,
  callee,
}: Extract<AnyNode, { type: 'CallExpression' | 'NewExpression' }>): string | null {
  if (callee.type === 'Identifier') {
    return (type === 'NewExpression' ? CLASSES : FUNCTIONS).has(callee.name) ? callee.name : null;
  }
  if (callee.type !== 'MemberExpression') return null;
  if (callee.computed) return '[…]';
  return callee.property.type === 'Identifier' && METHODS.has(callee.property.name)
    ? callee.property.name
    : null;
}

interface Insertion {
  readonly at: number;
  readonly text: string;
}

function toInsertions(wraps: readonly Wrap[]): Insertion[] {
  const insertions: (Insertion & { readonly order: number })[] = [];
  wraps.forEach(({ target: whole }, id) => {
    // A sequence would become several arguments, and is worth its last expression.
    const target = lastOf(whole);
    const size = target.end - target.start;
    // At one place: what ends there comes before what begins there; of two beginnings the larger comes first, of two
    // ends the smaller.
    insertions.push({
      at: target.start,
      text: `${BEACON_FUNCTION}(${id},`,
      order: 2 ** 40 - size,
    });
    insertions.push({ at: target.end, text: BEACON_END, order: size - 2 ** 40 });
  });
  return insertions.sort((a, b) => a.at - b.at || a.order - b.order);
}

function lastOf(target: AnyNode): AnyNode {
  const last = target.type === 'SequenceExpression' ? target.expressions.at(-1) : undefined;
  return last ? lastOf(last) : target;
}

function insert(code: string, insertions: readonly Insertion[]): string {
  let text = '';
  let from = 0;
  for (const insertion of insertions) {
    text += code.slice(from, insertion.at) + insertion.text;
    from = insertion.at;
  }
  return text + code.slice(from);
}

/** Where the offsets are once everything is inserted. */
function shifted(offsets: readonly number[], insertions: readonly Insertion[]): number[] {
  let shift = 0;
  let next = 0;
  return offsets
    .toSorted((a, b) => a - b)
    .map((offset) => {
      for (; (insertions[next]?.at ?? Number.POSITIVE_INFINITY) <= offset; next++)
        shift += insertions[next]?.text.length ?? 0;
      return offset + shift;
    });
}

function toOriginal(
  line: number,
  column: number,
  insertions: readonly Insertion[],
  lines: Lines,
): { line: number; column: number } {
  const lineStart = lines.starts[line - 1];
  if (lineStart === undefined) return { line, column };
  const lineEnd = lines.starts[line] ?? Number.POSITIVE_INFINITY;
  let shift = 0;
  for (const { at, text } of insertions) {
    if (at < lineStart) continue;
    if (at >= lineEnd) break;
    const planted = at - lineStart + 1 + shift;
    if (column < planted) break;
    if (column < planted + text.length) return { line, column: at - lineStart + 1 };
    shift += text.length;
  }
  return { line, column: column - shift };
}
