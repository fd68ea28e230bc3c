// Owns loops that one variable counts: from a known start, by a known step, against a known limit. How many turns they take
// is reckoned, not estimated.

import type { AnyNode } from 'acorn';
import { constantOf } from '../facts/constants.ts';
import { type Facts, type LoopFact, sitesIn } from '../facts/facts.ts';
import type { Variable, Write } from '../facts/scopes.ts';
import { eachChild, isFunction, isWithin } from '../facts/tree.ts';

/** A loop that is counted. */
export interface Counted {
  readonly name: string;
  /** Infinity when it never stops by itself; null where that is not known. */
  readonly turns: number | null;
  /** Why it would never stop once it has begun, as the end of a sentence; '' where nothing says so. */
  readonly why: string;
}

/** Steps that one file's counters may be tried for. */
export interface Budget {
  steps: number;
}

type Comparison = '<' | '<=' | '>' | '>=' | '!=' | '!==' | '==' | '===';
const MIRRORED: Record<string, Comparison> = {
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
  '!=': '!=',
  '!==': '!==',
  '==': '==',
  '===': '===',
};
const TRIED_MAX = 3_000;
const SEARCH_MAX = 2_000;

interface Counter {
  readonly variable: Variable;
  readonly operator: Comparison;
  /** Null where it is not known. */
  readonly limit: number | null;
  readonly start: number | null;
  readonly step: Step;
}

/** One turn's change. */
export interface Step {
  readonly next: (value: number) => number;
  /** For `+=` and its kind: what is added. */
  readonly by: number | null;
}

/** What a condition's counter says of the loop; null when nothing counts it. */
export function judgeCounter(loop: LoopFact, facts: Facts, budget: Budget): Counted | null {
  const { node } = loop;
  if (node.type === 'ForInStatement' || node.type === 'ForOfStatement' || !node.test) return null;
  const parts = conjuncts(node.test);
  const counted = parts.flatMap((test) => {
    const counter = counterOf(test, loop, facts);
    return counter ? [count(counter, node.type === 'DoWhileStatement', budget)] : [];
  });
  const finite = counted.filter(
    ({ turns }) => turns !== null && turns !== Number.POSITIVE_INFINITY,
  );
  // Whichever part fails first ends the loop.
  const least = finite.sort((a, b) => (a.turns ?? 0) - (b.turns ?? 0))[0];
  if (least) return least;
  return parts.length === 1 ? (counted[0] ?? null) : null;
}

/** A variable that is written in more places counts too many things at once. */
const WRITES_MAX = 2_000;

/** The parts of a condition that all must hold. */
export function conjuncts(test: AnyNode): AnyNode[] {
  if (test.type !== 'LogicalExpression' || test.operator !== '&&') return [test];
  return [...conjuncts(test.left), ...conjuncts(test.right)];
}

function counterOf(test: AnyNode, loop: LoopFact, facts: Facts): Counter | null {
  const compared = comparisonOf(test, facts);
  if (!compared || facts.scopes.isDynamic) return null;
  const { variable, operator, limit } = compared;
  if (variable.writes.length > WRITES_MAX) return null;
  const inside: Write[] = [];
  const outside: Write[] = [];
  for (const write of variable.writes) {
    // Written by another function: that may happen at any time.
    if (write.owner !== loop.owner.node) return null;
    const isInside = write.node.start >= loop.node.start && write.node.end <= loop.node.end;
    (isInside && !isInit(write, loop) ? inside : outside).push(write);
  }
  const [only] = inside;
  if (inside.length !== 1 || !only || !isEachTurn(only.node, loop)) return null;
  const step = stepOf(only, variable, facts);
  if (!step) return null;
  return { variable, operator, limit, start: startOf(outside, test, facts), step };
}

function isInit({ node }: Write, { node: loop }: LoopFact): boolean {
  if (loop.type !== 'ForStatement' || !loop.init) return false;
  return node.start >= loop.init.start && node.end <= loop.init.end;
}

function startOf(outside: readonly Write[], test: AnyNode, facts: Facts): number | null {
  const [only] = outside;
  if (outside.length !== 1 || !only?.value || only.node.start > test.start) return null;
  return numberOf(only.value, facts);
}

function comparisonOf(
  test: AnyNode,
  facts: Facts,
): { variable: Variable; operator: Comparison; limit: number | null } | null {
  if (test.type !== 'BinaryExpression' || !Object.hasOwn(MIRRORED, test.operator)) return null;
  const operator = test.operator as Comparison;
  const left = facts.variableOf(test.left);
  const right = facts.variableOf(test.right);
  if (left && isFixed(test.right, facts))
    return { variable: left, operator, limit: numberOf(test.right, facts) };
  if (right && isFixed(test.left, facts)) {
    const mirrored = MIRRORED[operator] as Comparison;
    return { variable: right, operator: mirrored, limit: numberOf(test.left, facts) };
  }
  return null;
}

/** A constant, or a name that is written once: it is the same in each turn. */
function isFixed(node: AnyNode, facts: Facts): boolean {
  const variable = facts.variableOf(node);
  return variable ? variable.writes.length <= 1 : numberOf(node, facts) !== null;
}

function numberOf(node: AnyNode, facts: Facts): number | null {
  const value = constantOf(node, facts.scopes)?.value;
  return typeof value === 'number' ? value : null;
}

// Steps

/** True when a write happens exactly once in each turn. */
export function isEachTurn(write: AnyNode, loop: LoopFact): boolean {
  const { node } = loop;
  if (node.type === 'ForStatement' && node.update && isWithin(write, node.update))
    return isWhole(node.update, write);
  if (node.body.type !== 'BlockStatement') {
    return node.body.type === 'ExpressionStatement' && isWhole(node.body.expression, write);
  }
  const statement = node.body.body.find((each) => isWithin(write, each));
  if (statement?.type !== 'ExpressionStatement' || !isWhole(statement.expression, write))
    return false;
  const budget = { left: SEARCH_MAX };
  return !mayContinue(node.body, budget) && budget.left > 0;
}

/** True when an expression is the write itself, or a row of such. */
function isWhole(expression: AnyNode, write: AnyNode): boolean {
  if (expression.type === 'SequenceExpression')
    return expression.expressions.some((each) => isWithin(write, each) && isWhole(each, write));
  return expression.type === 'UpdateExpression'
    ? expression === write
    : expression.type === 'AssignmentExpression' && expression.left === write;
}

function mayContinue(node: AnyNode, budget: { left: number }): boolean {
  if (--budget.left < 0 || node.type === 'ContinueStatement') return true;
  if (isFunction(node)) return false;
  let found = false;
  eachChild(node, (child) => {
    found ||= mayContinue(child, budget);
  });
  return found;
}

/** What one write adds each turn; null for what is no step. */
export function stepOf(write: Write, variable: Variable, facts: Facts): Step | null {
  const { node } = write;
  if (node.type === 'UpdateExpression') {
    const by = node.operator === '++' ? 1 : -1;
    return { by, next: (value) => value + by };
  }
  const assignment = sitesIn(facts.assignments, node).find((each) => each.node.left === node)?.node;
  if (!assignment) return null;
  if (assignment.operator === '=') return plainStep(assignment.right, variable, facts);
  const by = numberOf(assignment.right, facts);
  return by === null ? null : operatorStep(assignment.operator.slice(0, -1), by);
}

/** `i = i + 1`. */
function plainStep(right: AnyNode, variable: Variable, facts: Facts): Step | null {
  if (right.type !== 'BinaryExpression') return null;
  const isLeft = facts.variableOf(right.left) === variable;
  const other = isLeft ? right.right : right.left;
  const isCommutative = right.operator === '+' || right.operator === '*';
  if (!isLeft && !(isCommutative && facts.variableOf(right.right) === variable)) return null;
  const by = numberOf(other, facts);
  return by === null ? null : operatorStep(right.operator, by);
}

const STEPS: Record<string, (by: number) => Step> = {
  '+': (by) => ({ by, next: (value) => value + by }),
  '-': (by) => ({ by: -by, next: (value) => value - by }),
  '*': (by) => ({ by: null, next: (value) => value * by }),
  '/': (by) => ({ by: null, next: (value) => value / by }),
  '%': (by) => ({ by: null, next: (value) => value % by }),
  '**': (by) => ({ by: null, next: (value) => value ** by }),
  '>>': (by) => ({ by: null, next: (value) => value >> by }),
  '>>>': (by) => ({ by: null, next: (value) => value >>> by }),
  '<<': (by) => ({ by: null, next: (value) => value << by }),
  '&': (by) => ({ by: null, next: (value) => value & by }),
  '|': (by) => ({ by: null, next: (value) => value | by }),
  '^': (by) => ({ by: null, next: (value) => value ^ by }),
};

function operatorStep(operator: string, by: number): Step | null {
  return Object.hasOwn(STEPS, operator) ? (STEPS[operator]?.(by) ?? null) : null;
}

// Counting

const HOLDS: Record<Comparison, (value: number, limit: number) => boolean> = {
  '<': (value, limit) => value < limit,
  '<=': (value, limit) => value <= limit,
  '>': (value, limit) => value > limit,
  '>=': (value, limit) => value >= limit,
  '!=': (value, limit) => value !== limit,
  '!==': (value, limit) => value !== limit,
  '==': (value, limit) => value === limit,
  '===': (value, limit) => value === limit,
};

function count(counter: Counter, isDo: boolean, budget: Budget): Counted {
  const { variable, start, limit, step, operator } = counter;
  const { name } = variable;
  const why = wrongWay(counter);
  if (start === null || limit === null) return { name, turns: null, why };
  // A do-while takes its first turn unasked, and is asked after its step.
  const first = isDo ? step.next(start) : start;
  const turns = turnsFrom(first, limit, operator, step, budget);
  if (turns === null) return { name, turns, why };
  if (turns < Number.POSITIVE_INFINITY) return { name, turns: turns + (isDo ? 1 : 0), why: '' };
  return { name, turns, why: why || `\`${name}\` never comes to where the condition fails` };
}

/** Why a counter never gets where it should, whatever it starts from. */
function wrongWay({ variable: { name }, operator, step: { by } }: Counter): string {
  if (by === 0) return `\`${name}\` never changes`;
  if (by === null) return '';
  const isUp = operator === '<' || operator === '<=';
  const isDown = operator === '>' || operator === '>=';
  if ((isUp && by < 0) || (isDown && by > 0))
    return `\`${name}\` moves by ${by} each turn, away from where the condition fails`;
  return '';
}

function turnsFrom(
  first: number,
  limit: number,
  operator: Comparison,
  { next, by }: Step,
  budget: Budget,
): number | null {
  const holds = HOLDS[operator];
  let value = first;
  for (let turns = 0; turns < TRIED_MAX; turns++) {
    if (!holds(value, limit)) return turns;
    if (--budget.steps < 0) return null;
    const after = next(value);
    // What no longer changes never will.
    if (Object.is(after, value)) return Number.POSITIVE_INFINITY;
    value = after;
  }
  const rest = by === null ? null : linearTurns(value, limit, operator, by);
  return rest === null ? null : TRIED_MAX + rest;
}

/** How often the condition holds still, for a counter that holds now; null where that cannot be said exactly. */
function linearTurns(
  value: number,
  limit: number,
  operator: Comparison,
  by: number,
): number | null {
  const isExact = [value, by, limit].every(
    (each) => Number.isSafeInteger(each) && Math.abs(each) < 2 ** 52,
  );
  const distance = limit - value;
  if (operator.endsWith('=') && operator.length >= 2 && operator !== '<=' && operator !== '>=') {
    if (operator.startsWith('=')) return null;
    const isAway = distance > 0 !== by > 0;
    if (isAway) return Number.POSITIVE_INFINITY;
    if (!isExact) return null;
    return distance % by === 0 ? distance / by : Number.POSITIVE_INFINITY;
  }
  const isTowards = operator.startsWith('<') ? by > 0 : by < 0;
  if (!isTowards) return Number.POSITIVE_INFINITY;
  if (!isExact) return null;
  const turns = Math.abs(distance / by);
  return operator.length === 2 ? Math.floor(turns) + 1 : Math.ceil(turns);
}
