// Owns comparisons that come out the same whatever happens: with chance, the clock, or a length on one side.

import type { AnyNode } from 'acorn';
import { constantOf } from '../facts/constants.ts';
import type { Facts } from '../facts/facts.ts';

/** Numbers that a value lies between. */
interface Range {
  readonly least: number;
  readonly most: number;
  /** True when `most` itself never comes. */
  readonly isBelow: boolean;
  /** False where it may be no number at all. */
  readonly isCertain: boolean;
}

/** Nothing that runs Corral is older than this (ms since 1970). */
const CLOCK_LEAST = 1.6e12;
/** The last moment a Date can hold (ms since 1970). */
const CLOCK_MOST = 8.64e15;

/** A comparison that is always true, and whether that is certain; null for every other condition. */
export function alwaysTrue(test: AnyNode, facts: Facts): { readonly isCertain: boolean } | null {
  if (test.type === 'ParenthesizedExpression') return alwaysTrue(test.expression, facts);
  if (test.type !== 'BinaryExpression') return null;
  const { operator, left, right } = test;
  return (
    compare(left as AnyNode, operator, right, facts) ??
    compare(right, MIRRORED[operator] ?? '', left as AnyNode, facts)
  );
}

const MIRRORED: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

function compare(
  value: AnyNode,
  operator: string,
  limit: AnyNode,
  facts: Facts,
): { readonly isCertain: boolean } | null {
  const range = rangeOf(value, facts);
  const against = range && constantOf(limit, facts.scopes)?.value;
  if (!range || typeof against !== 'number') return null;
  const { least, most, isBelow, isCertain } = range;
  const holds =
    (operator === '>=' && least >= against) ||
    (operator === '>' && least > against) ||
    (operator === '<' && (isBelow ? most <= against : most < against)) ||
    (operator === '<=' && most <= against);
  return holds ? { isCertain } : null;
}

function rangeOf(node: AnyNode, facts: Facts): Range | null {
  if (node.type === 'MemberExpression' && !node.computed && node.property.type === 'Identifier') {
    const isLength = node.property.name === 'length' || node.property.name === 'size';
    return isLength ? { least: 0, most: 2 ** 53, isBelow: false, isCertain: false } : null;
  }
  if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return null;
  const { object, property, computed } = node.callee;
  if (computed || property.type !== 'Identifier') return null;
  const name = `${facts.globalName(object) ?? ''}.${property.name}`;
  if (name === 'Math.random') return { least: 0, most: 1, isBelow: true, isCertain: true };
  if (name === 'Date.now')
    return { least: CLOCK_LEAST, most: CLOCK_MOST, isBelow: false, isCertain: true };
  return null;
}
