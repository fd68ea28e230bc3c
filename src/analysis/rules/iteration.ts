// Owns the rule about iterating to the end over what has none.

import type { AnyNode } from 'acorn';
import type { Analysed } from '../analysed.ts';
import { ancestorsOf } from '../facts/ancestors.ts';
import type { CallNode, Facts, NodeOf } from '../facts/facts.ts';
import { propertyName } from '../facts/names.ts';
import { type Endless, EndlessIterables } from '../loops/endless-iterables.ts';
import { type Categories, mayLeave } from '../loops/leaving.ts';
import type { Waits } from '../loops/waiting.ts';
import type { Level, RawFinding, Rule } from './rule.ts';

/** Constructors that take all items of what they are given. */
const TAKING_NEW =
  /^(?:Set|Map|WeakSet|WeakMap|(?:Big)?(?:Ui|I)nt\d+Array|Uint8ClampedArray|Float\d+Array)$/;
/** Functions of built-in objects that do. */
const TAKING: Record<string, ReadonlySet<string>> = {
  Array: new Set(['from']),
  Object: new Set(['fromEntries', 'groupBy']),
  Map: new Set(['groupBy']),
  Promise: new Set(['all', 'allSettled', 'any', 'race']),
};
/** Methods of iterators that do, whatever their callback says. */
const TAKING_METHODS = new Set(['toArray', 'forEach', 'reduce']);
/** Patterns whose initialiser is sought. */
const PATTERNS_MAX = 40;

const endlessIteration: Rule = {
  id: 'endless-iteration',
  summary: 'All items are taken of something that has endlessly many.',
  why: 'It fills memory at full speed, inside one expression that cannot be interrupted by the macro itself.',
  check: (analysed) => (analysed.facts ? findings(analysed, analysed.facts) : []),
};

function findings({ loops, catalogue }: Analysed, facts: Facts): RawFinding[] {
  if (!mayHaveAny(facts)) return [];
  const categories: Categories = catalogue && new Set(catalogue.map(({ category }) => category));
  const endless = new EndlessIterables(facts, categories);
  const taken = [
    ...facts.spreads.flatMap(({ node, parent }) =>
      parent.type === 'ObjectExpression' ? [] : found(node, endless.of(node.argument)),
    ),
    ...facts.calls.flatMap(({ node }) => {
      const given = takenBy(node, facts);
      return given ? found(node, endless.of(given)) : [];
    }),
    ...restPatterns(facts).flatMap(({ node, from }) => found(node, endless.of(from))),
  ];
  const walked = loops.flatMap(({ fact, waits }) => {
    const { node, exits } = fact;
    if (node.type !== 'ForOfStatement' || exits.length > 0 || !rushes(node, waits, facts))
      return [];
    const [finding] = found(node, endless.of(node.right));
    if (!finding) return [];
    const level: Level = mayLeave(fact, facts, categories) ? 'info' : 'warning';
    return [{ ...finding, level, end: node.body.start }];
  });
  return [...taken, ...walked];
}

/** True for a walk that surely never waits; one over an async generator only where nothing in the text waits. */
function rushes(node: NodeOf<'ForOfStatement'>, waits: Waits, facts: Facts): boolean {
  return node.await ? facts.awaits.length === 0 : waits === 'never';
}

/** Most programs have no generator and no iterator of their own. */
function mayHaveAny({ functions }: Facts): boolean {
  return functions.some(({ node, name }) => node?.generator || name === 'next');
}

function found({ start, end }: AnyNode, endless: Endless | null): RawFinding[] {
  if (!endless) return [];
  const level = endless === 'surely' ? 'error' : 'warning';
  const message = 'this takes all items of something that never ends';
  const advice =
    'Take only so many: `for (const item of items) { …; if (enough) break; }`, or `items.take(n)`.';
  return [{ level, message, advice, start, end }];
}

function takenBy(node: CallNode, facts: Facts): AnyNode | null {
  const { callee, arguments: given } = node;
  const [first] = given;
  const name = facts.globalName(callee);
  if (name !== null)
    return node.type === 'NewExpression' && TAKING_NEW.test(name) && first ? first : null;
  if (callee.type !== 'MemberExpression') return null;
  const method = propertyName(callee);
  if (method === null) return null;
  const root = facts.globalName(callee.object);
  if (root !== null && Object.hasOwn(TAKING, root))
    return TAKING[root]?.has(method) && first ? first : null;
  return TAKING_METHODS.has(method) ? (callee.object as AnyNode) : null;
}

/** `const [first, ...rest] = items`. */
function restPatterns(facts: Facts): { readonly node: AnyNode; readonly from: AnyNode }[] {
  return facts.arrayPatterns
    .filter(({ node }) => node.elements.at(-1)?.type === 'RestElement')
    .slice(0, PATTERNS_MAX)
    .flatMap(({ node }) => {
      const parent = ancestorsOf(facts.program, node).at(-1);
      const from = parent && valueFor(parent, node);
      return from ? [{ node: node as AnyNode, from }] : [];
    });
}

function valueFor(parent: AnyNode, pattern: NodeOf<'ArrayPattern'>): AnyNode | null {
  if (parent.type === 'VariableDeclarator')
    return parent.id === pattern ? (parent.init ?? null) : null;
  return parent.type === 'AssignmentExpression' && parent.left === pattern ? parent.right : null;
}

/** The rules of this file. */
export const ITERATION_RULES: readonly Rule[] = [endlessIteration];
