// Owns data that doubles each turn: thirty turns are more than any memory.

import type { AnyNode } from 'acorn';
import { safeText } from '../../model/safe-text.ts';
import { formatCount } from '../../model/units.ts';
import type { JudgedLoop } from '../analysed.ts';
import {
  type CallNode,
  type Facts,
  type LoopFact,
  type NodeOf,
  type Site,
  sitesIn,
} from '../facts/facts.ts';
import { propertyName } from '../facts/names.ts';
import type { Variable } from '../facts/scopes.ts';
import { eachChild } from '../facts/tree.ts';
import { kindOf } from '../memory/holdings.ts';
import type { RawFinding } from './rule.ts';

/** So many doublings of one item pass every limit. */
const TURNS_MAX = 28;
const NODES_MAX = 3_000;
/** So many of one file are judged. */
const FOUND_MAX = 30;

interface Doubled {
  readonly node: AnyNode;
  readonly variable: Variable;
  readonly loop: LoopFact;
}

/** Each `s += s`, `a.push(...a)` and their kind in a loop of many turns. */
export function doublings(facts: Facts, loops: readonly JudgedLoop[]): RawFinding[] {
  if (loops.length === 0) return [];
  const found = [
    ...facts.assignments.flatMap((site) => doubledBy(site, site.node.left, facts)),
    ...facts.calls.flatMap((site) => pushed(site, facts)),
  ];
  if (found.length === 0) return [];
  const ends = new Map(loops.map(({ fact, end }) => [fact, end]));
  return found.slice(0, FOUND_MAX).flatMap(({ node, variable, loop }) => {
    const end = ends.get(loop);
    if (!end || (end.bound !== null && end.bound < TURNS_MAX)) return [];
    // A cut, or a question after how long it is, ends most such loops in time.
    if (end.verdict !== 'terminates' && isMeasured(variable, node, loop, facts)) return [];
    const many = end.bound === null ? 'each turn' : `each of ${formatCount(end.bound)} turns`;
    const message = `\`${safeText(variable.name, { charsMax: 60 })}\` becomes twice as large ${many}: thirty are more than any memory`;
    const level = end.verdict === 'unknown' && loop.exits.length > 0 ? 'info' : 'warning';
    return [{ level, message, start: node.start, end: node.end }];
  });
}

function doubledBy(
  { node, loop }: Site<NodeOf<'AssignmentExpression'>>,
  left: AnyNode,
  facts: Facts,
): Doubled[] {
  // Asked of every assignment there is: what is rare comes first.
  if (!loop || (node.operator !== '+=' && node.operator !== '=')) return [];
  const variable = facts.variableOf(left);
  if (!variable) return [];
  const { right, operator } = node;
  const isDouble =
    operator === '+='
      ? facts.variableOf(right) === variable
      : operator === '=' && copiesIn(right, variable, facts) >= 2;
  return isDouble && isHeld(variable, loop, facts) ? [{ node, variable, loop }] : [];
}

/** `a.push(...a)`. */
function pushed({ node, loop }: Site<CallNode>, facts: Facts): Doubled[] {
  const { callee } = node;
  if (!loop || callee.type !== 'MemberExpression') return [];
  const name = propertyName(callee);
  if (name !== 'push' && name !== 'unshift') return [];
  const variable = facts.variableOf(callee.object);
  const isDouble = node.arguments.some(
    (each) => each.type === 'SpreadElement' && facts.variableOf(each.argument) === variable,
  );
  return isDouble && variable && isHeld(variable, loop, facts) ? [{ node, variable, loop }] : [];
}

/** How often the whole of a variable is in a new value. */
function copiesIn(node: AnyNode, variable: Variable, facts: Facts): number {
  const isSelf = (each: AnyNode | null) => each !== null && facts.variableOf(each) === variable;
  const count = (list: readonly (AnyNode | null)[]) => list.filter(isSelf).length;
  switch (node.type) {
    case 'BinaryExpression':
      return node.operator === '+' ? count([node.left as AnyNode, node.right]) : 0;
    case 'TemplateLiteral':
      return count(node.expressions);
    case 'ArrayExpression':
      return count(
        node.elements.map((each) => (each?.type === 'SpreadElement' ? each.argument : null)),
      );
    case 'CallExpression': {
      const { callee } = node;
      const isConcat = callee.type === 'MemberExpression' && propertyName(callee) === 'concat';
      return isConcat ? count([callee.object as AnyNode, ...node.arguments]) : 0;
    }
    default:
      return 0;
  }
}

/** True for a text or an array that is there before the loop and not empty: a number that doubles is no matter. */
function isHeld({ writes }: Variable, { node }: LoopFact, facts: Facts): boolean {
  const [first] = writes;
  if (!first?.value || (first.node.start >= node.body.start && first.node.end <= node.body.end))
    return false;
  const kind = kindOf(first.value, facts);
  if (kind === 'array')
    return first.value.type !== 'ArrayExpression' || first.value.elements.length > 0;
  return kind === 'text' && !(first.value.type === 'Literal' && first.value.value === '');
}

/** True when the loop asks how long it is, cuts it, or sets it anew. */
function isMeasured(
  variable: Variable,
  doubled: AnyNode,
  { node, owner }: LoopFact,
  facts: Facts,
): boolean {
  const writes = variable.writes.filter(
    (write) => write.node.start >= node.body.start && write.node.end <= node.end,
  );
  if (writes.some((write) => write.node.start < doubled.start || write.node.end > doubled.end))
    return true;
  const isCut = sitesIn(owner.calls, node).some(
    ({ node: { callee, arguments: given } }) =>
      (callee.type === 'MemberExpression' &&
        facts.variableOf(callee.object) === variable &&
        /^(?:shift|pop|splice|slice)$/.test(propertyName(callee) ?? '')) ||
      given.some((each) => facts.variableOf(each) === variable),
  );
  return isCut || asksLength(node, variable, facts);
}

function asksLength(loop: AnyNode, variable: Variable, facts: Facts): boolean {
  let left = NODES_MAX;
  let asks = false;
  const visit = (node: AnyNode): void => {
    if (asks || left-- <= 0) {
      asks = true;
      return;
    }
    if (
      node.type === 'MemberExpression' &&
      propertyName(node) === 'length' &&
      facts.variableOf(node.object) === variable
    )
      asks = true;
    else eachChild(node, visit);
  };
  visit(loop);
  return asks;
}
