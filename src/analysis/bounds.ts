// Owns whether a loop ends: `infinite` is said only when certain, and a bound only where it can be counted.

import type { AnyNode } from 'acorn';
import { constantOf } from './constants.ts';
import { type Facts, type FunctionFact, type LoopFact, type LoopNode, sitesIn } from './facts.ts';
import type { Variable } from './scopes.ts';

/** What is known of a loop's end. */
export interface LoopEnd {
  readonly verdict: 'terminates' | 'unknown' | 'infinite';
  /** The most iterations, null where unknown. */
  readonly bound: number | null;
  /** For `infinite`: why, as the end of a sentence. */
  readonly why: string;
}

const UNKNOWN: LoopEnd = { verdict: 'unknown', bound: null, why: '' };

/** Judges one loop. */
export function judgeLoop(loop: LoopFact, facts: Facts): LoopEnd {
  const { node } = loop;
  if (node.type === 'ForOfStatement' || node.type === 'ForInStatement') return judgeOver(node);
  const counted = node.type === 'ForStatement' ? judgeCounted(node, facts) : null;
  if (counted?.verdict === 'terminates') return counted;
  const test = node.test == null ? { value: true } : constantOf(node.test, facts.scopes);
  if (test && !test.value) {
    return { verdict: 'terminates', bound: node.type === 'DoWhileStatement' ? 1 : 0, why: '' };
  }
  if (!test && counted?.verdict !== 'infinite') return UNKNOWN;
  if (loop.exits.some((exit) => facts.isOpen(exit, loop)) || mayThrowOut(loop, facts))
    return UNKNOWN;
  if (counted?.verdict === 'infinite') return counted;
  const why =
    node.test == null
      ? 'it has no condition and no way out'
      : 'its condition is always true and nothing leaves it';
  return { verdict: 'infinite', bound: null, why };
}

/** Over an array literal nobody else can hold, the items can be counted; anything else may grow. */
function judgeOver(
  node: Extract<LoopNode, { type: 'ForOfStatement' | 'ForInStatement' }>,
): LoopEnd {
  const { right } = node;
  if (
    right.type === 'ArrayExpression' &&
    right.elements.every((each) => each?.type !== 'SpreadElement')
  )
    return { verdict: 'terminates', bound: right.elements.length, why: '' };
  if (
    right.type === 'ObjectExpression' &&
    right.properties.every(({ type }) => type === 'Property')
  )
    return { verdict: 'terminates', bound: right.properties.length, why: '' };
  return UNKNOWN;
}

/** `for (let i = a; i < b; i += c)` with constants, where nothing else writes i. */
function judgeCounted(
  node: Extract<LoopNode, { type: 'ForStatement' }>,
  facts: Facts,
): LoopEnd | null {
  const start = node.init?.type === 'VariableDeclaration' ? node.init.declarations[0] : undefined;
  if (
    !start?.init ||
    start.id.type !== 'Identifier' ||
    node.test?.type !== 'BinaryExpression' ||
    !node.update
  )
    return null;
  const variable = facts.scopes.variables.get(start.id);
  const first = constantOf(start.init, facts.scopes)?.value;
  const { left, right, operator } = node.test;
  if (!variable || left.type !== 'Identifier' || facts.scopes.variables.get(left) !== variable)
    return null;
  const last = constantOf(right, facts.scopes)?.value;
  const step = stepOf(node.update, variable, facts);
  // Two writes: the start and the step. A third one could do anything.
  if (facts.scopes.isDynamic || variable.writes.length !== 2) return null;
  if (typeof first !== 'number' || typeof last !== 'number' || step === null) return null;
  const bound = countOf(first, last, step, operator);
  if (bound === null) return null;
  if (bound < Number.POSITIVE_INFINITY) return { verdict: 'terminates', bound, why: '' };
  const how = step === 0 ? 'never changes' : `moves by ${step} and never gets past ${last}`;
  return { verdict: 'infinite', bound: null, why: `\`${variable.name}\` ${how}` };
}

/** What one turn adds, null where it is no constant. */
function stepOf(update: AnyNode, variable: Variable, facts: Facts): number | null {
  if (update.type === 'UpdateExpression') {
    if (
      update.argument.type !== 'Identifier' ||
      facts.scopes.variables.get(update.argument) !== variable
    )
      return null;
    return update.operator === '++' ? 1 : -1;
  }
  if (update.type !== 'AssignmentExpression' || update.left.type !== 'Identifier') return null;
  if (facts.scopes.variables.get(update.left) !== variable) return null;
  const by = constantOf(update.right, facts.scopes)?.value;
  if (typeof by !== 'number' || !Number.isFinite(by)) return null;
  return update.operator === '+=' ? by : update.operator === '-=' ? -by : null;
}

/** How often the test holds; Infinity when it holds for ever, null where that cannot be said exactly. */
function countOf(first: number, last: number, step: number, operator: string): number | null {
  const inside: Record<string, boolean> = {
    '<': first < last,
    '<=': first <= last,
    '>': first > last,
    '>=': first >= last,
  };
  if (!Object.hasOwn(inside, operator)) return null;
  if (!inside[operator]) return 0;
  if (step === 0) return Number.POSITIVE_INFINITY;
  const towards = operator.startsWith('<') ? step > 0 : step < 0;
  // Beyond 2^53 a step of one changes nothing: such a loop needs more thought than this.
  if (Math.abs(first) > 2 ** 52 || Math.abs(last) > 2 ** 52 || Math.abs(step) < 1e-6) return null;
  if (!towards) return Number.POSITIVE_INFINITY;
  const turns = Math.abs(last - first) / Math.abs(step);
  return operator.length === 2 ? Math.floor(turns) + 1 : Math.ceil(turns);
}

/** True when something called in the loop throws on purpose: that may be its way out. */
function mayThrowOut(loop: LoopFact, facts: Facts): boolean {
  const { start, end } = loop.node;
  const inside = facts.functions.some(
    ({ node, throws }) => node && node.start > start && node.end < end && throws.length > 0,
  );
  return (
    inside ||
    sitesIn(loop.owner.calls, loop.node).some((call) =>
      throwsOut(facts.calleeOf(call.node), facts, new Set()),
    )
  );
}

function throwsOut(fact: FunctionFact | null, facts: Facts, seen: Set<FunctionFact>): boolean {
  if (!fact || seen.has(fact)) return false;
  seen.add(fact);
  return (
    fact.throws.length > 0 ||
    fact.calls.some((call) => throwsOut(facts.calleeOf(call.node), facts, seen))
  );
}
