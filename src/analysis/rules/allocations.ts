// Owns the rule about constants that make something larger than any heap limit, or a walk over more than anybody has time for.

import type { AnyNode } from 'acorn';
import { amountOf, bitsOf, onlyValue } from '../facts/amounts.ts';
import type { CallNode, Facts } from '../facts/facts.ts';
import { propertyName } from '../facts/names.ts';
import { doublings } from './doubling.ts';
import { countText } from './numbers.ts';
import type { Level, RawFinding, Rule } from './rule.ts';

/** From here on no heap limit is enough. */
const BYTES_MAX = 128 * 1024 * 1024;
const ITEMS_MAX = 1e8;
/** From here on no guard level has the time, at a nanosecond an item. */
const NEVER_ITEMS = 1e11;
/** Multiplying numbers of so many bits takes seconds that nothing can interrupt. */
const BITS_MAX = 1e8;
/** Up to here `new Array(n)` makes room for all its items at once, 8 bytes each; a larger one is sparse. */
const DENSE_MAX = 32 * 1024 * 1024;

/** Larger objects are not there for their `length`. */
const PROPERTIES_MAX = 20;

/** What makes room for all its bytes at once, with the bytes of an item. */
const BUFFERS: ReadonlyMap<string, number> = new Map([
  ['ArrayBuffer', 1],
  ['SharedArrayBuffer', 1],
  ['Int8Array', 1],
  ['Uint8Array', 1],
  ['Uint8ClampedArray', 1],
  ['Int16Array', 2],
  ['Uint16Array', 2],
  ['Int32Array', 4],
  ['Uint32Array', 4],
  ['Float32Array', 4],
  ['Float64Array', 8],
  ['BigInt64Array', 8],
  ['BigUint64Array', 8],
]);

/** Methods that go through all items or holes of an array. */
const WALKS = new Set(
  (
    'fill join map forEach filter reduce reduceRight some every sort toSorted reverse toReversed indexOf includes find ' +
    'findIndex findLast concat flat flatMap toString toLocaleString slice splice shift unshift lastIndexOf copyWithin with toSpliced'
  ).split(' '),
);

/** The rule `huge-allocation`. */
export const hugeAllocation: Rule = {
  id: 'huge-allocation',
  summary: 'A constant makes something larger than any heap limit.',
  why: 'Filling a giant array is one step for the engine: only killing the whole process stops it.',
  check: ({ facts, loops }) =>
    facts
      ? [
          ...facts.calls.flatMap(({ node }) => hugeCall(node, facts)),
          ...hugeSpreads(facts),
          ...hugeNumbers(facts),
          ...hugeLengths(facts),
          ...doublings(facts, loops),
        ]
      : [],
};

function hugeCall(node: CallNode, facts: Facts): RawFinding[] {
  const { callee, arguments: given } = node;
  const sizeAt = (index: number) => sizeOf(given[index], facts);
  const name = facts.globalName(callee);
  if (name !== null) {
    const each = BUFFERS.get(name);
    if (each) return hugeBytes(node, sizeAt(0) * each);
    const size = name === 'Array' && given.length === 1 ? sizeAt(0) : 0;
    const isDense = size <= DENSE_MAX && size * 8 >= BYTES_MAX;
    return isDense ? hugeBytes(node, size * 8) : [];
  }
  if (callee.type !== 'MemberExpression') return [];
  const method = propertyName(callee);
  if (method === null) return [];
  const isOnArray = facts.globalName(callee.object) === 'Array';
  if (isOnArray && method === 'from') return hugeItems(node, lengthOf(given[0], facts));
  const isBorrowed = method === 'call' || method === 'apply';
  if (isBorrowed) return hugeItems(node, borrowedLength(node, facts), 'a walk over');
  if (WALKS.has(method)) return hugeItems(node, arraySize(callee.object, facts), 'a walk over');
  if (facts.globalName(callee.object) === 'Buffer' && /^alloc/.test(method))
    return hugeBytes(node, sizeAt(0));
  if (method !== 'repeat' && method !== 'padStart' && method !== 'padEnd') return [];
  const chars = sizeAt(0) * (method === 'repeat' ? textLength(callee.object, facts) : 1);
  return chars >= ITEMS_MAX ? [huge(node, `${countText(chars)} characters`)] : [];
}

/** `Array.prototype.sort.call({ length: 2 ** 53 - 1 })`, `[].fill.call(…)`, `Array.apply(null, Array(1e9))`. */
function borrowedLength({ callee, arguments: given }: CallNode, facts: Facts): number {
  if (callee.type !== 'MemberExpression') return 0;
  const { object } = callee;
  if (facts.globalName(object) === 'Array') return lengthOf(given[1], facts);
  const isWalk = object.type === 'MemberExpression' && WALKS.has(propertyName(object) ?? '');
  return isWalk ? lengthOf(given[0], facts) : 0;
}

/** The `length` of `{ length: n }` and of `Array(n)`, the variables that hold them included. */
function lengthOf(node: AnyNode | undefined, facts: Facts): number {
  if (!node) return 0;
  const value = onlyValue(node, facts.scopes) ?? node;
  if (value.type !== 'ObjectExpression') return arraySize(value, facts);
  if (value.properties.length > PROPERTIES_MAX) return 0;
  const length = value.properties.find(
    (each) =>
      each.type === 'Property' && each.key.type === 'Identifier' && each.key.name === 'length',
  );
  return length?.type === 'Property' ? sizeOf(length.value, facts) : 0;
}

/** `[...Array(1e9)]`, `Math.max(...Array(1e9))`. */
function hugeSpreads(facts: Facts): RawFinding[] {
  return facts.spreads.flatMap(({ node, parent }) =>
    parent.type === 'ObjectExpression' ? [] : hugeItems(node, arraySize(node.argument, facts)),
  );
}

/** `2n ** (2n ** 40n)` and `1n << 10n ** 10n`; a shift by a literal is not looked for. */
function hugeNumbers(facts: Facts): RawFinding[] {
  return facts.powers.flatMap(({ node, parent }) => {
    const isShift = parent.type === 'BinaryExpression' && parent.operator === '<<';
    const whole = isShift ? parent : node;
    if (whole.type !== 'BinaryExpression') return [];
    const bits = bitsOf(whole, facts.scopes)?.bits ?? 0;
    return bits >= BITS_MAX ? [huge(whole, `a number of ${countText(bits)} bits`)] : [];
  });
}

/** `a.length = 2 ** 32 - 1`: nothing is made yet, but each walk over it takes as many steps. */
function hugeLengths(facts: Facts): RawFinding[] {
  return facts.assignments.flatMap(({ node: { left, right, operator, start, end } }) => {
    if (operator !== '=' || left.type !== 'MemberExpression' || propertyName(left) !== 'length')
      return [];
    const size = sizeOf(right, facts);
    const message = `each walk over this array takes ${countText(size)} steps from here on, which nothing can interrupt`;
    return size >= ITEMS_MAX ? [{ level: 'warning', message, start, end }] : [];
  });
}

/** The constant size of `Array(n)` and of a variable that holds one. */
function arraySize(node: AnyNode, facts: Facts): number {
  const made = onlyValue(node, facts.scopes) ?? node;
  if (made.type !== 'CallExpression' && made.type !== 'NewExpression') return 0;
  const [size] = made.arguments;
  const { callee } = made;
  // What `fill` gives is as long.
  if (callee.type === 'MemberExpression')
    return propertyName(callee) === 'fill' && callee.object.type !== 'Identifier'
      ? arraySize(callee.object, facts)
      : 0;
  const isArray = facts.globalName(callee) === 'Array' && made.arguments.length === 1;
  return isArray ? sizeOf(size, facts) : 0;
}

function sizeOf(node: AnyNode | undefined, facts: Facts): number {
  const amount = node ? amountOf(node, facts.scopes) : null;
  return amount !== null && amount > 0 ? amount : 0;
}

/** The length of a constant text; of another one at least a character. */
function textLength(node: AnyNode, facts: Facts): number {
  const text = onlyValue(node, facts.scopes) ?? node;
  return text.type === 'Literal' && typeof text.value === 'string' ? text.value.length : 1;
}

function hugeBytes(node: AnyNode, bytes: number): RawFinding[] {
  return bytes >= BYTES_MAX ? [huge(node, `${countText(bytes)} bytes`)] : [];
}

function hugeItems(node: AnyNode, size: number, what = ''): RawFinding[] {
  if (size < ITEMS_MAX) return [];
  const items = what ? `${what} ${countText(size)} items` : `${countText(size)} items`;
  return [huge(node, items, size >= NEVER_ITEMS ? 'error' : 'warning')];
}

function huge({ start, end }: AnyNode, what: string, level: Level = 'warning'): RawFinding {
  const message = `this makes ${what}: more than any limit allows`;
  return { level, message, advice: 'Make less, or make it piece by piece.', start, end };
}
