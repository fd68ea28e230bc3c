// Owns which way a loop goes, as the text shows it: to the end of what it counts or goes over, or only on with the clock.
// It never says that a loop ends: what it counts to may move away.

import type { AnyNode } from 'acorn';
import { type Facts, type LoopFact, sitesIn } from '../facts/facts.ts';
import { mentions } from '../facts/mentions.ts';
import { propertyName } from '../facts/names.ts';
import { conjuncts, isEachTurn, stepOf } from './counter.ts';

/** What takes a loop to its end. */
export type Course =
  /** A variable that each turn brings nearer to a bound. */
  | {
      readonly kind: 'counted';
      /** How far one turn takes it. */
      readonly by: number;
      readonly isUp: boolean;
      /** The variable the bound is, or is the length of; null for any other bound. */
      readonly bound: Sized | null;
    }
  /** It goes over what is there, an element a turn. */
  | { readonly kind: 'over'; readonly bound: Sized | null }
  /** Only time that passes ends it. */
  | { readonly kind: 'clock' };

/** What a bound is read from. */
export interface Sized {
  /** `list`, or `box.list`. */
  readonly name: string;
  /** True for a `length` or `size`, and for what is gone over; false for a number itself. */
  readonly isSize: boolean;
}

const WRITES_MAX = 500;
const CALLS_MAX = 200;
const UP = new Set(['<', '<=', '!=', '!==']);
const DOWN = new Set(['>', '>=', '!=', '!==']);
const MIRRORED: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

/** Which way a loop goes; null where the text does not show it. */
export function courseOf(loop: LoopFact, facts: Facts): Course | null {
  const { node } = loop;
  if (node.type === 'ForOfStatement' || node.type === 'ForInStatement') {
    const name = nameOf(node.right);
    return { kind: 'over', bound: name === null ? null : { name, isSize: true } };
  }
  if (!node.test || facts.scopes.isDynamic) return null;
  for (const test of conjuncts(node.test)) {
    const counted = countedBy(test, loop, facts);
    if (counted) return counted;
  }
  return isClock(node.test, loop, facts) ? { kind: 'clock' } : null;
}

function countedBy(test: AnyNode, loop: LoopFact, facts: Facts): Course | null {
  if (test.type !== 'BinaryExpression' || test.left.type === 'PrivateIdentifier') return null;
  const { left, right, operator } = test;
  return (
    towards(left, right, operator, loop, facts) ??
    towards(right, left, MIRRORED[operator] ?? operator, loop, facts)
  );
}

/** Whether each turn takes a variable nearer to a bound, and no write in the loop takes it away again. */
function towards(
  counter: AnyNode,
  bound: AnyNode,
  operator: string,
  loop: LoopFact,
  facts: Facts,
): Course | null {
  const variable = facts.variableOf(counter);
  if (!variable || variable.writes.length > WRITES_MAX || mentions(bound, variable, facts))
    return null;
  const steps: number[] = [];
  let isSteady = false;
  for (const write of variable.writes) {
    const isInside = write.node.start >= loop.node.start && write.node.end <= loop.node.end;
    if (write.owner !== loop.owner.node) return null;
    if (!isInside || isStart(write.node, loop)) continue;
    const by = stepOf(write, variable, facts)?.by;
    if (by == null || by === 0) return null;
    isSteady ||= isEachTurn(write.node, loop);
    steps.push(by);
  }
  const [by] = steps;
  if (by === undefined || !isSteady) return null;
  const isUp = by > 0;
  if (steps.some((each) => each > 0 !== isUp)) return null;
  if (!(isUp ? UP : DOWN).has(operator)) return null;
  return { kind: 'counted', by: Math.abs(by), isUp, bound: boundOf(bound) };
}

function isStart(write: AnyNode, { node }: LoopFact): boolean {
  const init = node.type === 'ForStatement' ? node.init : null;
  return init != null && write.start >= init.start && write.end <= init.end;
}

function boundOf(node: AnyNode): Sized | null {
  if (node.type === 'MemberExpression') {
    const property = propertyName(node);
    if (property === 'length' || property === 'size') {
      const name = nameOf(node.object);
      return name === null ? null : { name, isSize: true };
    }
  }
  const name = nameOf(node);
  return name === null ? null : { name, isSize: false };
}

/** `list`, or `box.list`. */
function nameOf(node: AnyNode): string | null {
  if (node.type === 'Identifier') return node.name;
  if (node.type !== 'MemberExpression' || node.object.type !== 'Identifier') return null;
  const property = propertyName(node);
  return property === null ? null : `${node.object.name}.${property}`;
}

/** A condition that asks what time it is, in a loop that waits for nothing. */
function isClock(test: AnyNode, loop: LoopFact, facts: Facts): boolean {
  if (sitesIn(loop.owner.awaits, loop.node, 1).length > 0) return false;
  return sitesIn(loop.owner.calls, test, CALLS_MAX).some(({ node: { callee } }) => {
    if (callee.type === 'Identifier') return facts.globalName(callee) === 'now';
    return (
      callee.type === 'MemberExpression' &&
      propertyName(callee) === 'now' &&
      facts.globalName(callee.object as AnyNode) === 'Date'
    );
  });
}
