// Owns what speaks for a recursion's end: what each call is given shrinks, or it waits before it calls itself again.

import type { AnyNode } from 'acorn';
import type { Callable, CallGraph, Edge } from '../calls/call-graph.ts';
import { ancestorsOf } from '../facts/ancestors.ts';
import type { Facts, FunctionFact } from '../facts/facts.ts';
import { propertyName } from '../facts/names.ts';
import { isFunction } from '../facts/tree.ts';
import { surelyWaits } from '../loops/waiting.ts';

const EDGES_MAX = 100;
const FUEL = 20_000;
const DEPTH_MAX = 6;

/** Methods that give less than what they are asked of. */
const LESS = new Set(
  'slice shift pop substring substr splice subarray filter trim next'.split(' '),
);
/** Methods that hand each part of something to a function. */
const PARTS = new Set('forEach map filter some every find flatMap reduce'.split(' '));

/** True when every call within a circle is given less than its caller has, or waits first. */
export function progresses(inside: readonly Callable[], graph: CallGraph, facts: Facts): boolean {
  const members = new Set(inside);
  const edges = inside.flatMap((each) => graph.edgesFrom(each)).filter(({ to }) => members.has(to));
  if (edges.length > EDGES_MAX) return false;
  const moving = edges.filter((edge) => shrinks(edge, facts) || waitsBefore(edge, facts));
  if (moving.length === edges.length) return true;
  // Calls that hand on what they have are no harm if no circle is made of them alone.
  return !hasCircle(
    inside,
    edges.filter((edge) => !moving.includes(edge)),
  );
}

function hasCircle(inside: readonly Callable[], edges: readonly Edge[]): boolean {
  let left = new Set(inside);
  for (let size = -1; size !== left.size; ) {
    size = left.size;
    left = new Set(
      [...left].filter((each) => edges.some(({ from, to }) => from === each && left.has(to))),
    );
  }
  return left.size > 0;
}

function shrinks({ from, node }: Edge, facts: Facts): boolean {
  if (node.type !== 'CallExpression') return false;
  const { callee } = node;
  const { fact } = from;
  if (!fact) return false;
  const isPart = (each: AnyNode) => isLess(each, fact, facts, 0);
  // `node.children.forEach(visit)`
  if (callee.type === 'MemberExpression') {
    const name = propertyName(callee);
    if (name !== null && PARTS.has(name) && node.arguments.some((each) => isCallable(each)))
      return isPart(callee.object) || callee.object.type === 'CallExpression';
    // `node.left.visit()`
    if (isPart(callee.object)) return true;
  }
  return node.arguments.some(isPart);
}

/** True when a call hands on a part of something: `f(node.next)`, `f(list.shift())`. */
export function takesApart({ node }: Edge): boolean {
  if (node.type !== 'CallExpression' && node.type !== 'NewExpression') return false;
  return node.arguments.some((each) => /^(?:Member|Call|Chain)Expression$/.test(each.type));
}

function isCallable(node: AnyNode): boolean {
  return isFunction(node) || node.type === 'Identifier' || node.type === 'MemberExpression';
}

/** True for what is less than something the function was given: `n - 1`, `list.slice(1)`, `node.next`, one of its items. */
function isLess(node: AnyNode, owner: FunctionFact, facts: Facts, depth: number): boolean {
  if (depth > DEPTH_MAX) return false;
  const next = (each: AnyNode) => isLess(each, owner, facts, depth + 1);
  switch (node.type) {
    case 'BinaryExpression':
      return /^(?:[-+/%]|>>>?)$/.test(node.operator) && isOwn(node.left as AnyNode, owner, facts);
    case 'MemberExpression':
      return isOwn(node.object, owner, facts) || next(node.object);
    case 'CallExpression': {
      const { callee } = node;
      if (callee.type !== 'MemberExpression') return node.arguments.some(next);
      const name = propertyName(callee);
      if (name !== null && LESS.has(name)) return true;
      return next(callee.object) || node.arguments.some(next);
    }
    case 'SpreadElement':
    case 'AwaitExpression':
      return next(node.argument);
    case 'ChainExpression':
    case 'ParenthesizedExpression':
      return next(node.expression);
    case 'LogicalExpression':
      return next(node.left);
    case 'UpdateExpression':
      return node.prefix;
    case 'ArrayExpression':
      return node.elements.some((each) => each !== null && next(each));
    case 'ObjectExpression':
      return node.properties.some((each) => each.type === 'Property' && next(each.value));
    case 'Identifier':
      return isPartVariable(node, owner, facts, depth);
    default:
      return false;
  }
}

/** A variable that holds a part: of a loop over what is given, taken apart, or worked out from it. */
function isPartVariable(node: AnyNode, owner: FunctionFact, facts: Facts, depth: number): boolean {
  const variable = facts.variableOf(node);
  if (!variable || !owner.node || variable.owner !== owner.node) return false;
  const [first] = variable.writes;
  if (!first) return false;
  // `for (const child of node.children)`, `const [head, ...tail] = list`: what has no value of its own is a part.
  if (first.value === null) return !owner.node.params.some((param) => param === first.node);
  return isLess(first.value, owner, facts, depth + 1);
}

/** A parameter, `this`, or something of the function's own. */
function isOwn(node: AnyNode, owner: FunctionFact, facts: Facts): boolean {
  if (node.type === 'ThisExpression') return true;
  const variable = facts.variableOf(node);
  return variable !== null && variable.owner === owner.node && owner.node !== null;
}

/** True when what stands before a call, on the way to it, surely waits. */
export function waitsBefore({ from, node }: Edge, facts: Facts): boolean {
  const body = from.fact?.body;
  if (!body) return false;
  const path = [...ancestorsOf(body, node, { steps: FUEL }), node];
  return path.some((each, index) => {
    if (each.type !== 'BlockStatement') return false;
    const next = path[index + 1];
    for (const statement of each.body) {
      if (statement === next) return false;
      if (surelyWaits(statement, facts)) return true;
    }
    return false;
  });
}
