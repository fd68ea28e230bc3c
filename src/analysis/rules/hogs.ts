// Owns the rules about code that keeps the macro busy to no purpose: waiting by turning round, timers upon timers.

import type { AnyNode } from 'acorn';
import type { Analysed, JudgedLoop } from '../analysed.ts';
import { amountOf } from '../facts/amounts.ts';
import type { CallNode, Facts, FunctionFact, Site } from '../facts/facts.ts';
import { propertyName } from '../facts/names.ts';
import { eachChild, isFunction } from '../facts/tree.ts';
import { countText } from './numbers.ts';
import type { RawFinding, Rule } from './rule.ts';

/** Waiting so long by turning round uses up any burst of CPU. */
const BUSY_MS_MAX = 1_000;
/** How much of a loop is looked at. */
const NODES_MAX = 200;

const syncHog: Rule = {
  id: 'sync-hog',
  summary: 'A loop waits by turning round until some time has passed.',
  why: 'It uses all the CPU it can get for doing nothing; `await sleep(ms)` uses none.',
  check: ({ facts, loops }) => (facts ? loops.flatMap((loop) => busyWait(loop, facts)) : []),
};

/** `while (Date.now() < end) {}`, with nothing in it that does anything. */
function busyWait({ fact: { node, exits, owner }, waits }: JudgedLoop, facts: Facts): RawFinding[] {
  if (waits !== 'never' || exits.length > 0) return [];
  if (node.type !== 'WhileStatement' && node.type !== 'DoWhileStatement') return [];
  if (!readsClock(node.test, facts) && !readsClock(node.body, facts)) return [];
  if (!isIdle(node.body, facts) || !comparesClock(node.test, facts, node.body)) return [];
  const ms = largestIn([node.test, ...declared(node.test, facts)], facts);
  const isLong = ms !== null && ms >= BUSY_MS_MAX && owner.node === null;
  const how = ms === null ? '' : ` for ${countText(ms)} ms`;
  const end = node.type === 'WhileStatement' ? node.body.start : node.end;
  return [
    {
      level: isLong || isEmpty(node.body) ? 'warning' : 'info',
      message: `this waits${how} by turning round, at full CPU`,
      advice: 'Write `await sleep(ms)` instead.',
      start: node.start,
      end,
    },
  ];
}

function isClock(node: AnyNode, facts: Facts): boolean {
  if (node.type === 'NewExpression')
    return facts.globalName(node.callee) === 'Date' && node.arguments.length === 0;
  if (node.type !== 'CallExpression') return false;
  const { callee } = node;
  if (facts.globalName(callee) === 'now') return true;
  if (callee.type !== 'MemberExpression' || propertyName(callee) !== 'now') return false;
  const root = facts.globalName(callee.object);
  return root === 'Date' || root === 'performance';
}

/** True when the test compares with a clock: read in it, or in the body into what it names. */
function comparesClock(test: AnyNode, facts: Facts, body: AnyNode): boolean {
  const isComparison = test.type === 'BinaryExpression' && /^[<>]=?$/.test(test.operator);
  return isComparison && (readsClock(test, facts) || readsClock(body, facts));
}

function readsClock(node: AnyNode, facts: Facts): boolean {
  return some(node, (each) => isClock(each, facts));
}

/** True when nothing is called but clocks, and nothing is done but keeping what they say. */
function isIdle(body: AnyNode, facts: Facts): boolean {
  return !some(body, (each) => {
    if (each.type === 'CallExpression' || each.type === 'NewExpression')
      return !isClockCall(each, facts);
    return (
      isFunction(each) ||
      each.type === 'AwaitExpression' ||
      each.type === 'YieldExpression' ||
      (each.type === 'AssignmentExpression' && each.left.type === 'MemberExpression')
    );
  });
}

/** A clock, or a method of what `new Date()` gives. */
function isClockCall(node: CallNode, facts: Facts): boolean {
  if (isClock(node, facts)) return true;
  const { callee } = node;
  return callee.type === 'MemberExpression' && propertyName(callee) === 'getTime';
}

function isEmpty(body: AnyNode): boolean {
  return (
    body.type === 'EmptyStatement' || (body.type === 'BlockStatement' && body.body.length === 0)
  );
}

/** The initialisers of the variables a test names. */
function declared(test: AnyNode, facts: Facts): AnyNode[] {
  const values: AnyNode[] = [];
  some(test, (each) => {
    const variable = facts.variableOf(each);
    const value = variable?.writes.length === 1 ? variable.writes[0]?.value : null;
    if (value && !isFunction(value)) values.push(value);
    return false;
  });
  return values;
}

/** The largest number that stands there: a time in ms. */
function largestIn(nodes: readonly AnyNode[], facts: Facts): number | null {
  let largest: number | null = null;
  for (const node of nodes)
    some(node, (each) => {
      const amount = amountOf(each, facts.scopes);
      if (amount !== null && amount > 0) largest = Math.max(largest ?? 0, amount);
      return amount !== null;
    });
  return largest;
}

/** True when a node or one below it passes; a part too large to look at passes. */
function some(node: AnyNode, test: (node: AnyNode) => boolean): boolean {
  let left = NODES_MAX;
  const visit = (each: AnyNode): boolean => {
    if (left-- <= 0 || test(each)) return true;
    let passes = false;
    eachChild(each, (child) => {
      passes ||= visit(child);
    });
    return passes;
  };
  return visit(node);
}

/** So many statements of a timer's function are looked at. */
const STATEMENTS_MAX = 100;
/** Corral's timer is no faster (ms). */
const EVERY_MS_MIN = 10;

const timerStorm: Rule = {
  id: 'timer-storm',
  summary: 'Timers are started without end, or faster than they can run.',
  why: 'Each timer goes on beside the others: soon the macro does nothing but answer them.',
  check: (analysed) => (analysed.facts ? storms(analysed, analysed.facts) : []),
};

function storms({ loops }: Analysed, facts: Facts): RawFinding[] {
  const timers = facts.callsOf('every');
  const intervals = facts.callsOf('setInterval');
  if (timers.length + intervals.length === 0) return [];
  const callbacks = new Set(timers.flatMap(({ node }) => callbackOf(node, facts)));
  const endless = new Set(
    loops.flatMap(({ fact, end }) => (end.verdict === 'infinite' ? [fact] : [])),
  );
  const isInLoop = ({ loop }: Site) => {
    for (let at = loop; at; at = at.outer) if (endless.has(at)) return true;
    return false;
  };
  return [
    ...[...timers, ...intervals].flatMap((site) =>
      isInLoop(site) ? [storm(site.node, 'each turn of a loop that never ends')] : [],
    ),
    ...timers.flatMap((site) =>
      // What it gives is kept: it may be stopped.
      callbacks.has(site.owner) &&
      site.parent.type === 'ExpressionStatement' &&
      isUnconditional(site)
        ? [storm(site.node, 'each run of another one')]
        : [],
    ),
    ...timers.flatMap(({ node }) => tooFast(node, facts)),
  ];
}

function storm({ start, end }: AnyNode, when: string): RawFinding {
  return {
    level: 'warning',
    message: `a timer is started with ${when}, and none is stopped`,
    advice: 'Start it once, outside.',
    start,
    end,
  };
}

function tooFast(node: CallNode, facts: Facts): RawFinding[] {
  const ms = node.arguments[0] ? amountOf(node.arguments[0], facts.scopes) : null;
  if (ms === null || ms >= EVERY_MS_MIN) return [];
  const message = `\`every(${countText(ms)}, …)\` runs each ${EVERY_MS_MIN} ms: no timer is faster`;
  return [{ level: 'info', message, start: node.start, end: node.end }];
}

function callbackOf({ arguments: given }: CallNode, facts: Facts): FunctionFact[] {
  const [, callback] = given;
  if (!callback) return [];
  const [only, ...more] = facts.variableOf(callback)?.writes ?? [];
  const fact =
    facts.factOf(callback) ?? (only?.value && more.length === 0 ? facts.factOf(only.value) : null);
  return fact ? [fact] : [];
}

/** True for a statement of the function's body itself, with no way out before it. */
function isUnconditional({ owner, parent, node }: Site): boolean {
  const { body, returns } = owner;
  if (body.type !== 'BlockStatement') return true;
  const isFirst = !returns[0] || returns[0].node.start > node.start;
  return isFirst && body.body.slice(0, STATEMENTS_MAX).some((each) => each === parent);
}

/** The rules of this file. */
export const HOG_RULES: readonly Rule[] = [syncHog, timerStorm];
