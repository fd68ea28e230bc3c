// Owns how long each turn of a loop surely waits: the sleeps that no turn goes around.

import type { AnyNode } from 'acorn';
import { constantOf } from '../facts/constants.ts';
import { type Facts, type FunctionFact, isNamed, type LoopFact } from '../facts/facts.ts';
import { eachChild, isFunction } from '../facts/tree.ts';

const SEARCH_MAX = 3_000;
const CALLS_MAX = 6;

/** ms that each turn surely sleeps; 0 where that is not certain. */
export function pauseOf({ node }: LoopFact, facts: Facts): number {
  const search = { left: SEARCH_MAX };
  const inBody = sleepIn(node.body, facts, search, CALLS_MAX);
  const { test, update } = node as { test?: AnyNode | null; update?: AnyNode | null };
  const parts = [node.type === 'DoWhileStatement' ? null : test, update];
  const besides = parts.reduce(
    (sum, part) => sum + (part ? sleepIn(part, facts, search, CALLS_MAX) : 0),
    0,
  );
  return search.left > 0 ? inBody + besides : 0;
}

interface Search {
  left: number;
}

/** ms surely slept by running this code to its end, whichever way it goes. */
function sleepIn(node: AnyNode, facts: Facts, search: Search, calls: number): number {
  if (--search.left < 0 || isFunction(node)) return 0;
  const inside = (each: AnyNode | null | undefined) =>
    each ? sleepIn(each, facts, search, calls) : 0;
  switch (node.type) {
    case 'BlockStatement': {
      let sum = 0;
      for (const statement of node.body) {
        sum += inside(statement);
        // What comes after a way around is not sure.
        if (mayJump(statement, search)) return sum;
      }
      return sum;
    }
    case 'IfStatement':
    case 'ConditionalExpression':
      return inside(node.test) + Math.min(inside(node.consequent), inside(node.alternate));
    case 'LogicalExpression':
      return inside(node.left);
    case 'TryStatement':
      return inside(node.finalizer) + (node.handler ? 0 : inside(node.block));
    // Parts that may be gone around, or that a jump may end early.
    case 'DoWhileStatement':
    case 'WhileStatement':
    case 'ForStatement':
    case 'ForInStatement':
    case 'ForOfStatement':
    case 'SwitchStatement':
    case 'LabeledStatement':
    case 'ChainExpression':
    case 'AssignmentPattern':
    case 'ClassDeclaration':
    case 'ClassExpression':
      return 0;
    case 'AssignmentExpression':
      return /^(&&|\|\||\?\?)/.test(node.operator) ? 0 : inside(node.left) + inside(node.right);
    case 'AwaitExpression':
      return waitOf(node.argument, facts, search, calls);
  }
  let sum = 0;
  eachChild(node, (child) => {
    sum += inside(child);
  });
  return sum;
}

/** True for a statement that can end the turn early. */
function mayJump(node: AnyNode, search: Search): boolean {
  if (--search.left < 0) return true;
  if (isFunction(node)) return false;
  if (node.type === 'ContinueStatement' || node.type === 'ReturnStatement') return true;
  let found = false;
  eachChild(node, (child) => {
    found ||= mayJump(child, search);
  });
  return found;
}

/** ms that awaiting this surely takes. */
function waitOf(node: AnyNode, facts: Facts, search: Search, calls: number): number {
  if (node.type !== 'CallExpression' || calls === 0) return 0;
  const [first] = node.arguments;
  if (facts.globalName(node.callee) === 'sleep' || isHandedSleep(node.callee, facts))
    return first ? lengthOf(first, facts) : 0;
  const called = facts.calleeOf(node);
  if (!called?.node) return 0;
  const timer = timerOf(called, facts);
  if (timer) return timerLength(timer, called, node.arguments, facts);
  // Awaiting a generator's call only makes the generator.
  if (!called.node.async || called.node.generator) return 0;
  return sleepIn(called.body, facts, search, calls - 1);
}

/** `macro.sleep` of the module form, or the `sleep` of `({ sleep }) => …`. */
function isHandedSleep(node: AnyNode, facts: Facts): boolean {
  const param = facts.main?.params[0];
  if (!param) return false;
  if (node.type === 'MemberExpression') {
    const [only, ...others] = facts.variableOf(node.object)?.writes ?? [];
    return !node.computed && isNamed(node.property, 'sleep') && only?.node === param && !others[0];
  }
  const [only, ...others] = facts.variableOf(node)?.writes ?? [];
  if (param.type !== 'ObjectPattern' || !only || others[0]) return false;
  return param.properties.some(
    (each) =>
      each.type === 'Property' &&
      !each.computed &&
      each.value === only.node &&
      isNamed(each.key, 'sleep'),
  );
}

function lengthOf(node: AnyNode, facts: Facts): number {
  const ms = constantOf(node, facts.scopes)?.value;
  return typeof ms === 'number' && ms > 0 && Number.isFinite(ms) ? ms : 0;
}

/** The `setTimeout(resolve, ms)` of `ms => new Promise(resolve => setTimeout(resolve, ms))`. */
function timerOf({ node, body }: FunctionFact, facts: Facts): AnyNode | null {
  if (node?.generator) return null;
  const only = body.type === 'BlockStatement' ? body.body[0] : body;
  const made = only?.type === 'ReturnStatement' ? only.argument : only;
  if (made?.type !== 'NewExpression' || facts.globalName(made.callee) !== 'Promise') return null;
  const executor = made.arguments[0] ? facts.factOf(made.arguments[0] as AnyNode) : null;
  const [timer, ...others] = executor?.calls ?? [];
  const resolve = executor?.node?.params[0];
  if (!timer || others.length > 0 || resolve?.type !== 'Identifier') return null;
  // Used for nothing but the timer: nobody can resolve it earlier.
  const uses = facts.variableOf(resolve)?.reads ?? [];
  const [given, ms] = timer.node.arguments;
  const isTimer = facts.globalName(timer.node.callee) === 'setTimeout';
  return isTimer && uses.length === 1 && uses[0] === given ? (ms ?? null) : null;
}

function timerLength(
  ms: AnyNode,
  { node }: FunctionFact,
  given: readonly AnyNode[],
  facts: Facts,
): number {
  const variable = facts.variableOf(ms);
  const index =
    (node?.params as AnyNode[] | undefined)?.indexOf(variable?.writes[0]?.node as AnyNode) ?? -1;
  if (index < 0) return lengthOf(ms, facts);
  const value = given[index];
  return value && variable?.writes.length === 1 ? lengthOf(value, facts) : 0;
}
