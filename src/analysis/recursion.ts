// Owns cycles of calls: functions that call each other before anything can stop them.

import type { AnyNode } from 'acorn';
import { components } from './components.ts';
import type { Facts, FunctionFact } from './facts.ts';
import { eachChild, isFunction } from './tree.ts';
import { functionWaits } from './waiting.ts';

/** A cycle of functions. */
export interface Cycle {
  readonly functions: readonly FunctionFact[];
  readonly verdict: 'progress' | 'unknown' | 'infinite';
}

/** All cycles of the call graph, each named once, by its first function in the source. */
export function findCycles(facts: Facts): Cycle[] {
  const { functions } = facts;
  const indexes = new Map(functions.map((fact, index) => [fact, index]));
  const edges = functions.map(({ calls }) =>
    calls.flatMap(({ node }) => {
      const callee = facts.calleeOf(node);
      return callee ? [indexes.get(callee) as number] : [];
    }),
  );
  return components(edges).map((members) => {
    const inside = new Set(members.map((index) => functions[index] as FunctionFact));
    const start = functions[Math.min(...members)] as FunctionFact;
    const path = pathBack(start, facts, inside);
    return { functions: path, verdict: judge(path, facts) };
  });
}

/** The shortest way from a function back to itself, through functions of its circle. */
function pathBack(
  start: FunctionFact,
  facts: Facts,
  inside: ReadonlySet<FunctionFact>,
): FunctionFact[] {
  const cameFrom = new Map<FunctionFact, FunctionFact | null>([[start, null]]);
  for (const fact of cameFrom.keys()) {
    for (const call of fact.calls) {
      const callee = facts.calleeOf(call.node);
      if (callee === start) {
        const path: FunctionFact[] = [];
        for (let at: FunctionFact | null | undefined = fact; at; at = cameFrom.get(at))
          path.unshift(at);
        return path;
      }
      if (callee && inside.has(callee) && !cameFrom.has(callee)) cameFrom.set(callee, fact);
    }
  }
  return [start];
}

function judge(path: readonly FunctionFact[], facts: Facts): Cycle['verdict'] {
  const isUnconditional = path.every((fact, at) => {
    const next = path[(at + 1) % path.length] as FunctionFact;
    return firstCalls(fact.body, facts).has(next);
  });
  if (!isUnconditional) return 'unknown';
  return path.some((fact) => functionWaits(fact, facts)) ? 'progress' : 'infinite';
}

/** The functions that are surely called each time this code runs, whatever it is given. */
function firstCalls(body: AnyNode, facts: Facts): Set<FunctionFact> {
  const calls = new Set<FunctionFact>();
  straight(body, calls, facts);
  return calls;
}

/** Walks what surely runs; returns false where the way may end or part. */
function straight(node: AnyNode, calls: Set<FunctionFact>, facts: Facts): boolean {
  if (isFunction(node)) return true;
  switch (node.type) {
    case 'ReturnStatement':
      if (node.argument) straight(node.argument, calls, facts);
      return false;
    case 'ThrowStatement':
    case 'BreakStatement':
    case 'ContinueStatement':
    case 'YieldExpression':
    case 'TryStatement':
    case 'SwitchStatement':
    case 'ForInStatement':
    case 'ForOfStatement':
    case 'WhileStatement':
    case 'ForStatement':
      return false;
    case 'IfStatement':
      straight(node.test, calls, facts);
      return !leaves(node);
    case 'ConditionalExpression':
      return straight(node.test, calls, facts);
    case 'LogicalExpression':
      return straight(node.left, calls, facts);
    case 'AssignmentPattern':
      return true;
    case 'ChainExpression':
      return true;
  }
  let goesOn = true;
  eachChild(node, (child) => {
    if (goesOn) goesOn = straight(child, calls, facts);
  });
  const callee = goesOn ? facts.calleeOf(node) : null;
  if (callee) calls.add(callee);
  return goesOn;
}

/** True when a branch may end the function or jump. */
function leaves(node: AnyNode): boolean {
  if (isFunction(node)) return false;
  if (
    [
      'ReturnStatement',
      'ThrowStatement',
      'BreakStatement',
      'ContinueStatement',
      'YieldExpression',
    ].includes(node.type)
  )
    return true;
  // A call in a branch may throw on purpose.
  if (node.type === 'CallExpression') return true;
  let found = false;
  eachChild(node, (child) => {
    found ||= leaves(child);
  });
  return found;
}
