// Owns which awaits really wait: for a sleep or for the host. A loop that does so each time round is how automation looks.

import type { AnyNode } from 'acorn';
import { constantOf } from '../facts/constants.ts';
import { type Facts, type FunctionFact, type LoopFact, sitesIn } from '../facts/facts.ts';
import { eachChild, isFunction, isLogical } from '../facts/tree.ts';

/** How sure it is that each turn waits. */
export type Waits = 'surely' | 'maybe' | 'never';

/** What JavaScript itself has under these names is no host category. */
const LANGUAGE = new Set(
  'Promise Math JSON Object Array String Number Boolean Symbol BigInt Date Map Set WeakMap WeakSet RegExp Error Reflect Proxy Intl globalThis console log input signal'.split(
    ' ',
  ),
);

/** A question that goes from call to call. */
interface Asked {
  /** The functions it has come through. */
  readonly functions: ReadonlySet<FunctionFact>;
  /** Calls that may still be followed. */
  calls: number;
  /** True when a call was not followed. */
  isCut: boolean;
}

const CALLS_MAX = 200;

function asking(...through: readonly FunctionFact[]): Asked {
  return { functions: new Set(through), calls: CALLS_MAX, isCut: false };
}

/** Whether each turn of a loop waits. */
export function waitsOf(loop: LoopFact, facts: Facts): Waits {
  const { node } = loop;
  if (waitsIn(node.body, facts, asking())) return 'surely';
  if (node.type === 'WhileStatement' && waitsIn(node.test, facts, asking())) return 'surely';
  if (node.type === 'ForStatement' && node.update && waitsIn(node.update, facts, asking()))
    return 'surely';
  if (node.type === 'ForOfStatement' && node.await) return 'maybe';
  return sitesIn(loop.owner.awaits, node).some((site) => !isReady(site.node.argument, facts))
    ? 'maybe'
    : 'never';
}

/** True when each call of a function waits. */
export function functionWaits(fact: FunctionFact, facts: Facts): boolean {
  return waitsIn(fact.body, facts, asking(fact));
}

/** True when running this code surely waits. */
export function surelyWaits(node: AnyNode, facts: Facts): boolean {
  return waitsIn(node, facts, asking());
}

/** True when running this code from its start surely comes to an await that waits, before any way around it. */
function waitsIn(node: AnyNode, facts: Facts, asked: Asked): boolean {
  if (isFunction(node)) return false;
  switch (node.type) {
    case 'BlockStatement':
      for (const statement of node.body) {
        if (waitsIn(statement, facts, asked)) return true;
        if (mayJump(statement)) return false;
      }
      return false;
    case 'IfStatement':
      if (waitsIn(node.test, facts, asked)) return true;
      return (
        node.alternate != null &&
        waitsIn(node.consequent, facts, asked) &&
        waitsIn(node.alternate, facts, asked)
      );
    case 'TryStatement':
      // What throws before its await goes around it, unless the handler waits too; a finalizer is never gone around.
      if (node.finalizer && waitsIn(node.finalizer, facts, asked)) return true;
      return (
        waitsIn(node.block, facts, asked) &&
        (!node.handler ||
          waitsFirst(node.block, facts, asked) ||
          waitsIn(node.handler.body, facts, asked))
      );
    case 'DoWhileStatement':
      return waitsIn(node.body, facts, asked);
    case 'WhileStatement':
    case 'ForStatement':
    case 'ForInStatement':
    case 'ForOfStatement':
    case 'SwitchStatement':
      return false;
    case 'ConditionalExpression':
      return (
        waitsIn(node.test, facts, asked) ||
        (waitsIn(node.consequent, facts, asked) && waitsIn(node.alternate, facts, asked))
      );
    case 'LogicalExpression':
      return waitsIn(node.left, facts, asked);
    case 'AssignmentExpression':
      if (isLogical(node)) return waitsIn(node.left, facts, asked);
      break;
    case 'ChainExpression':
    case 'AssignmentPattern':
    case 'ClassDeclaration':
    case 'ClassExpression':
      return false;
    case 'AwaitExpression':
      return isWait(node.argument, facts, asked) || waitsIn(node.argument, facts, asked);
  }
  let waits = false;
  eachChild(node, (child) => {
    waits ||= waitsIn(child, facts, asked);
  });
  return waits;
}

/** True when the very first statement of a block waits: nothing of ours can throw before it. */
function waitsFirst(block: AnyNode, facts: Facts, asked: Asked): boolean {
  const first = block.type === 'BlockStatement' ? block.body[0] : undefined;
  return first !== undefined && waitsIn(first, facts, asked);
}

/** True for a statement that can end the turn early: `continue` in any depth (exits end the loop and are no matter). */
function mayJump(node: AnyNode): boolean {
  if (isFunction(node)) return false;
  if (node.type === 'ContinueStatement') return true;
  let jumps = false;
  eachChild(node, (child) => {
    jumps ||= mayJump(child);
  });
  return jumps;
}

function isWait(node: AnyNode, facts: Facts, asked: Asked): boolean {
  if (node.type !== 'CallExpression') return false;
  const { callee } = node;
  if (callee.type === 'Identifier' && !facts.scopes.variables.has(callee)) {
    if (callee.name === 'command') return true;
    if (callee.name !== 'sleep') return false;
    const time = node.arguments[0] ? constantOf(node.arguments[0], facts.scopes) : { value: 0 };
    return time === null || Number(time.value) > 0;
  }
  if (
    callee.type === 'MemberExpression' &&
    !callee.computed &&
    callee.object.type === 'Identifier'
  ) {
    const { object } = callee;
    return !facts.scopes.variables.has(object) && !LANGUAGE.has(object.name);
  }
  const called = facts.calleeOf(node);
  return called !== null && callWaits(called, facts, asked);
}

/** Asked once each: functions that call functions that call functions would double the work with each step. */
function callWaits(called: FunctionFact, facts: Facts, asked: Asked): boolean {
  const known = WAITERS.get(called);
  if (known !== undefined) return known;
  if (asked.functions.has(called) || asked.calls-- <= 0) {
    asked.isCut = true;
    return false;
  }
  const inner: Asked = { ...asked, functions: new Set([...asked.functions, called]), isCut: false };
  const waits = waitsIn(called.body, facts, inner);
  asked.calls = inner.calls;
  asked.isCut ||= inner.isCut;
  // A circle that was cut short says nothing about the functions in it.
  if (waits || !inner.isCut) WAITERS.set(called, waits);
  return waits;
}

/** Of each function that was asked for: whether calling it surely waits. */
const WAITERS = new WeakMap<FunctionFact, boolean>();

/** True for what is there at once: awaiting it only lets other microtasks run. */
function isReady(node: AnyNode, facts: Facts): boolean {
  if (constantOf(node, facts.scopes)) return true;
  if (node.type !== 'CallExpression') return false;
  const { callee } = node;
  if (callee.type === 'Identifier') {
    const isSleep = callee.name === 'sleep' && !facts.scopes.variables.has(callee);
    const time = node.arguments[0] ? constantOf(node.arguments[0], facts.scopes) : { value: 0 };
    return isSleep && time !== null && !(Number(time.value) > 0);
  }
  if (callee.type !== 'MemberExpression') return false;
  const { object, property } = callee;
  return (
    object.type === 'Identifier' &&
    object.name === 'Promise' &&
    property.type === 'Identifier' &&
    property.name === 'resolve'
  );
}
