// Owns loops that turn round until something else has happened, which cannot happen while they turn: what their condition
// looks at is only set by code that runs later.

import type { AnyNode, Function as FunctionNode } from 'acorn';
import { type FunctionFact, type LoopFact, sitesIn } from '../facts/facts.ts';
import { propertyName } from '../facts/names.ts';
import type { Variable, Write } from '../facts/scopes.ts';
import { eachChild, isWithin } from '../facts/tree.ts';
import type { Text } from '../read-text.ts';

/** A variable that is set too late. */
export interface SetLater {
  readonly name: string;
  /** The line that sets it. */
  readonly line: number;
  /** The function that sets it after an `await`; null where a callback does. */
  readonly by: string | null;
}

const WRITES_MAX = 100;
/** What runs the function it is given later, when nothing else does. */
const LATER = new Set(['then', 'catch', 'finally', 'every']);

/** What the condition of the loop at a place waits for in vain; null where the text does not show that. */
export function setLater(
  at: { readonly line: number; readonly column: number },
  text: Text,
): SetLater | null {
  const { facts, lines } = text;
  const loop = facts.loops.find(({ node }) => {
    const { line, column } = lines.at(node.start);
    return line === at.line && column === at.column;
  });
  if (!loop || sitesIn(loop.owner.awaits, loop.node, 1).length > 0) return null;
  const { node } = loop;
  if (node.type === 'ForOfStatement' || node.type === 'ForInStatement' || !node.test) return null;
  for (const variable of variablesIn(node.test, text)) {
    const found = lateWrite(variable, loop, text);
    if (found) return found;
  }
  return null;
}

function variablesIn(test: AnyNode, { facts }: Text): Set<Variable> {
  const found = new Set<Variable>();
  const visit = (node: AnyNode): void => {
    const variable = facts.variableOf(node);
    if (variable) found.add(variable);
    eachChild(node, visit);
  };
  visit(test);
  return found;
}

/** Its first write that is late, when all writes but those before the loop are. */
function lateWrite(variable: Variable, loop: LoopFact, text: Text): SetLater | null {
  if (variable.writes.length > WRITES_MAX) return null;
  const others = variable.writes.filter(
    ({ owner, node }) => owner !== loop.owner.node || node.end > loop.node.start,
  );
  const [first] = others;
  if (!first || others.some(({ owner }) => owner === loop.owner.node)) return null;
  const by = others.map((write) => lateBy(write, text));
  if (by.includes(null)) return null;
  const name = by[0] ?? '';
  return {
    name: variable.name,
    line: text.lines.at(first.node.start).line,
    by: /^\(.*\)$/.test(name) ? null : name,
  };
}

/** The name of the function that writes it later; null where that may be at once. */
function lateBy({ node, owner }: Write, text: Text): string | null {
  const fact = owner && text.facts.factOf(owner as AnyNode);
  if (!owner || !fact) return null;
  return isAfterAwait(node, fact) || isCallback(owner, text) ? fact.name : null;
}

/** A statement of its own before it, or the one that it stands in, awaits. */
function isAfterAwait({ start }: AnyNode, { awaits, node, body }: FunctionFact): boolean {
  if (!node?.async || body.type !== 'BlockStatement') return false;
  return body.body.some(
    (statement) =>
      (statement.type === 'ExpressionStatement' || statement.type === 'VariableDeclaration') &&
      statement.start <= start &&
      awaits.some((each) => isWithin(each.node, statement)),
  );
}

function isCallback(owner: FunctionNode, { facts }: Text): boolean {
  return facts.calls.some(({ node: { callee, arguments: given } }) => {
    if (!given.some((each) => each.start === owner.start && each.end === owner.end)) return false;
    if (callee.type === 'MemberExpression') return LATER.has(propertyName(callee) ?? '');
    return LATER.has(facts.globalName(callee) ?? '');
  });
}
