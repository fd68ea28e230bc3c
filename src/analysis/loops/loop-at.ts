// Owns the loop around a place: where it begins, on what condition it goes on, and which names that condition looks at.

import type { AnyNode } from 'acorn';
import type { LoopFact, LoopNode } from '../facts/facts.ts';
import { eachChild } from '../facts/tree.ts';
import type { Text } from '../read-text.ts';
import { type Course, courseOf } from './course.ts';

/** A loop, for people. */
export interface LoopAt {
  /** Where it begins, 1-based. */
  readonly line: number;
  readonly column: number;
  /** True when something in it leaves it, by a `break`, say. */
  readonly hasExit: boolean;
  /** The condition's own text; null for none, for one that is always true, and for a loop over a list. */
  readonly condition: string | null;
  readonly names: readonly string[];
  /** The variable it goes over, for `for (… of variable)`; null for every other loop. */
  readonly over: string | null;
  /** The last of its lines. */
  readonly endLine: number;
  /** Which way it goes; null where the text does not show it. */
  readonly course: Course | null;
  /** The function it stands in; '' for the program itself. */
  readonly owner: string;
}

/** The innermost loop around an offset, whatever function stands between; null for none. */
export function loopAt(offset: number, text: Text): LoopAt | null {
  return loopsAround(offset, text)[0] ?? null;
}

/** All loops around an offset, the innermost first. */
export function loopsAround(offset: number, text: Text): LoopAt[] {
  return loopsWhere(({ node }) => node.start <= offset && offset < node.end, text);
}

/** Of the loops around a call those that make it again with each turn, the innermost first. */
export function loopsCalling(offset: number, text: Text): LoopAt[] {
  return loopsWhere(({ node }) => {
    const head = headOf(node);
    const isOnce = head != null && head.start <= offset && offset < head.end;
    return node.start <= offset && offset < node.end && !isOnce;
  }, text);
}

/** What a loop works out once, before its first turn. */
function headOf(node: LoopNode): Pick<AnyNode, 'start' | 'end'> | null {
  if (node.type === 'ForOfStatement' || node.type === 'ForInStatement') return node.right;
  return node.type === 'ForStatement' ? (node.init ?? null) : null;
}

function loopsWhere(
  isWanted: (loop: LoopFact) => boolean,
  { facts, lines, source }: Text,
): LoopAt[] {
  return facts.loops
    .filter(isWanted)
    .sort((a, b) => b.node.start - a.node.start)
    .map((loop) => {
      const test = testOf(loop);
      return {
        ...lines.at(loop.node.start),
        hasExit: loop.exits.length > 0,
        condition: test && source.slice(test.start, test.end).replace(/\s+/g, ' '),
        names: test ? namesIn(test) : [],
        over: overOf(loop),
        endLine: lines.at(loop.node.end).line,
        course: courseOf(loop, facts),
        owner: loop.owner.node ? loop.owner.name : '',
      };
    });
}

function testOf({ node }: LoopFact): AnyNode | null {
  if (node.type === 'ForOfStatement' || node.type === 'ForInStatement') return null;
  const test = (node.test ?? null) as AnyNode | null;
  return test?.type === 'Literal' && test.value ? null : test;
}

function overOf({ node }: LoopFact): string | null {
  const right = node.type === 'ForOfStatement' ? (node.right as AnyNode) : null;
  return right?.type === 'Identifier' ? right.name : null;
}

function namesIn(test: AnyNode): string[] {
  const names = new Set<string>();
  const visit = (node: AnyNode): void => {
    if (node.type === 'Identifier') names.add(node.name);
    if (node.type === 'MemberExpression' && !node.computed) visit(node.object as AnyNode);
    else eachChild(node, visit);
  };
  visit(test);
  return [...names];
}
