// Owns the rules about memory and work that no limit will bear.

import type { AnyNode } from 'acorn';
import { safeText } from '../../model/safe-text.ts';
import type { JudgedLoop } from '../analysed.ts';
import { constantOf } from '../constants.ts';
import type { CallNode, Facts, LoopFact } from '../facts.ts';
import type { RawFinding, Rule } from './rule.ts';

const growingMemory: Rule = {
  id: 'growing-memory',
  summary: 'Something grows in a loop that never ends.',
  check: ({ growth }) =>
    growth.map(({ name, start, end }) => ({
      level: 'warning',
      message: `\`${safeText(name)}\` grows with each turn of a loop that never ends, and nothing cuts it back: it will reach the heap limit`,
      start,
      end,
    })),
};

const BYTES_MAX = 128 * 1024 * 1024;
const ITEMS_MAX = 1e8;

const hugeAllocation: Rule = {
  id: 'huge-allocation',
  summary: 'A constant makes something larger than any heap limit.',
  check: ({ facts }) =>
    facts
      ? [...facts.calls.flatMap(({ node }) => hugeCall(node, facts)), ...hugeSpreads(facts)]
      : [],
};

function hugeCall(node: CallNode, facts: Facts): RawFinding[] {
  const { callee, arguments: given } = node;
  const numberAt = (index: number): number => {
    const argument = given[index];
    const value = argument ? constantOf(argument as AnyNode, facts.scopes)?.value : undefined;
    return typeof value === 'number' ? value : 0;
  };
  const name = facts.globalName(callee);
  if (name && /^(?:\w+Array|ArrayBuffer|SharedArrayBuffer)$/.test(name)) {
    const bytes = numberAt(0) * bytesEach(name);
    return bytes >= BYTES_MAX ? [huge(node, `${amount(bytes)} bytes`)] : [];
  }
  if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return [];
  const method = callee.property.name;
  if (method === 'from' && facts.globalName(callee.object) === 'Array')
    return hugeFrom(node, facts);
  if (['fill', 'join'].includes(method)) {
    const size = arraySize(callee.object, facts);
    return size >= ITEMS_MAX ? [huge(node, `${amount(size)} items`)] : [];
  }
  if (method !== 'repeat' && method !== 'padStart' && method !== 'padEnd') return [];
  const text = constantOf(callee.object as AnyNode, facts.scopes)?.value;
  const each = method === 'repeat' && typeof text === 'string' ? text.length : 1;
  const chars = numberAt(0) * each;
  return chars >= BYTES_MAX ? [huge(node, `${amount(chars)} characters`)] : [];
}

function bytesEach(name: string): number {
  return Number(/\d+/.exec(name)?.[0] ?? 8) / 8;
}

/** `Array.from({ length: 1e12 })`. */
function hugeFrom(node: CallNode, facts: Facts): RawFinding[] {
  const [source] = node.arguments;
  if (source?.type !== 'ObjectExpression') return [];
  const length = source.properties.find(
    (each) =>
      each.type === 'Property' && each.key.type === 'Identifier' && each.key.name === 'length',
  );
  if (length?.type !== 'Property') return [];
  const size = constantOf(length.value, facts.scopes)?.value;
  return typeof size === 'number' && size >= ITEMS_MAX ? [huge(node, `${amount(size)} items`)] : [];
}

/** `[...Array(1e9)]`. */
function hugeSpreads(facts: Facts): RawFinding[] {
  return facts.spreads.flatMap(({ node }) => {
    const size = arraySize(node.argument, facts);
    return size >= ITEMS_MAX ? [huge(node, `${amount(size)} items`)] : [];
  });
}

/** The constant size of `Array(n)` and `new Array(n)`; an array of holes takes no room until it is filled. */
function arraySize(node: AnyNode, facts: Facts): number {
  if (node.type !== 'CallExpression' && node.type !== 'NewExpression') return 0;
  const [size] = node.arguments;
  if (facts.globalName(node.callee) !== 'Array' || node.arguments.length !== 1 || !size) return 0;
  const value = constantOf(size as AnyNode, facts.scopes)?.value;
  return typeof value === 'number' ? value : 0;
}

function huge({ start, end }: AnyNode, what: string): RawFinding {
  return {
    level: 'warning',
    message: `this makes ${what}: more than any heap limit allows`,
    start,
    end,
  };
}

/** `1e+12` → `10^12`; others with separators. */
function amount(count: number): string {
  const power = Math.log10(count);
  return Number.isInteger(power) && power > 6 ? `10^${power}` : count.toLocaleString('en-US');
}

const TURNS_MAX = 1e9;

const endlessWork: Rule = {
  id: 'endless-work',
  summary: 'Loops in each other take more turns than any CPU limit allows.',
  check: ({ loops }) => {
    const byFact = new Map(loops.map((loop) => [loop.fact, loop]));
    return loops.flatMap((loop) => workOf(loop, byFact));
  },
};

function workOf(loop: JudgedLoop, loops: ReadonlyMap<LoopFact, JudgedLoop>): RawFinding[] {
  const { fact, end, waits } = loop;
  // The innermost loop that passes the bound is the one to name, and only once.
  if (end.bound === null || end.bound === 0 || waits !== 'never' || fact.exits.length > 0)
    return [];
  let turns = end.bound;
  let before = 1;
  let depth = 1;
  for (let outer = fact.outer; outer; outer = outer.outer) {
    const bound = loops.get(outer)?.end.bound;
    if (bound == null || bound === 0 || outer.exits.length > 0) break;
    before *= bound;
    turns *= bound;
    depth++;
  }
  if (turns < TURNS_MAX || before >= TURNS_MAX) return [];
  const what = depth === 1 ? 'this loop takes' : `${depth} loops in each other take`;
  const { start, body } = fact.node;
  const message = `${what} ${amount(turns)} turns without waiting once: more than any CPU limit allows`;
  return [{ level: 'warning', message, start, end: Math.max(start + 3, body.start) }];
}

/** The rules of this file. */
export const MEMORY_RULES: readonly Rule[] = [growingMemory, hugeAllocation, endlessWork];
