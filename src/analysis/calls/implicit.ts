// Owns the calls nobody writes: getters behind a property, `toString` and the like behind a conversion, traps of a Proxy.

import type { AnyNode } from 'acorn';
import type { Facts, FunctionFact, NodeOf } from '../facts/facts.ts';
import { memberName, propertyName } from '../facts/names.ts';
import { eachChild, isFunction } from '../facts/tree.ts';
import type { Holders } from './holders.ts';

/** A call that a place makes without saying so. */
export interface ImplicitCall {
  readonly owner: FunctionFact;
  readonly node: AnyNode;
  readonly to: FunctionFact;
  readonly isSure: boolean;
}

const CONVERSIONS = new Set(['toString', 'valueOf', 'toJSON', '[Symbol.toPrimitive]']);
const ITERATOR = '[Symbol.iterator]';
const REDEFINING = /^(?:define(?:Property|Properties)|__defineGetter__|deleteProperty|assign)$/;
/** Nodes looked at in one program. */
const STEPS_MAX = 400_000;

/** All such calls; a program without getters, conversions and proxies is not looked at again. */
export function implicitCalls(facts: Facts, holders: Holders): ImplicitCall[] {
  const special = facts.methods.flatMap(({ node }) => {
    const name = specialName(node);
    const fact = name === null ? null : facts.factOf(node.value as AnyNode);
    return fact && name !== null ? [{ name, fact }] : [];
  });
  const hasGetters = facts.accessors.some(({ node }) => node.kind === 'get');
  if (!hasGetters && special.length === 0) return [];
  return [
    ...(hasGetters ? getterCalls(facts, holders) : []),
    ...special.flatMap(({ name, fact }) => selfUses(name, fact, facts, holders)),
  ];
}

function specialName(node: NodeOf<'Property' | 'MethodDefinition'>): string | null {
  const name = node.computed ? symbolName(node.key) : memberName(node);
  if (name === null) return null;
  return CONVERSIONS.has(name) || name === ITERATOR || TRAPS.has(name) ? name : null;
}

/** `[Symbol.iterator]`. */
function symbolName(key: AnyNode): string | null {
  if (key.type !== 'MemberExpression' || key.object.type !== 'Identifier') return null;
  if (key.object.name !== 'Symbol' || key.property.type !== 'Identifier') return null;
  return `[Symbol.${key.property.name}]`;
}

/** What the functions of a program read that a getter stands behind. */
function getterCalls(facts: Facts, holders: Holders): ImplicitCall[] {
  const names = new Set<string>();
  for (const { node } of facts.accessors) {
    const name = node.kind === 'get' ? memberName(node) : null;
    if (name !== null) names.add(name);
  }
  const search: GetterSearch = { holders, names, found: [], steps: STEPS_MAX };
  for (const owner of facts.functions) seekGetters(owner.body, owner, search);
  return search.found;
}

/** The search for getters in one program. */
interface GetterSearch {
  readonly holders: Holders;
  /** The names of all getters there are. */
  readonly names: ReadonlySet<string>;
  readonly found: ImplicitCall[];
  steps: number;
}

/** True for a getter that puts a plain value in its own place: `Object.defineProperty(this, 'x', { value })`. */
function redefines({ calls }: FunctionFact): boolean {
  return calls.some(({ node: { callee } }) => {
    const name = callee.type === 'MemberExpression' ? propertyName(callee) : null;
    return name !== null && REDEFINING.test(name);
  });
}

function seekGetters(node: AnyNode, owner: FunctionFact, search: GetterSearch): void {
  if (search.steps-- <= 0 || isFunction(node)) return;
  if (node.type === 'MemberExpression' && search.names.has(propertyName(node) ?? '')) {
    const to = search.holders.getterOf(node, owner);
    if (to) search.found.push({ owner, node, to, isSure: !redefines(owner) });
  }
  // What is written to reads nothing.
  if (node.type === 'AssignmentExpression' && node.operator === '=')
    seekGetters(node.right, owner, search);
  else eachChild(node, (child) => seekGetters(child, owner, search));
}

/** Places in a conversion, an iterator or a trap that make it run again. */
function selfUses(
  name: string,
  fact: FunctionFact,
  facts: Facts,
  holders: Holders,
): ImplicitCall[] {
  const isSelf = (node: AnyNode): boolean =>
    TRAPS.has(name) ? isReceiver(node, name, fact, facts) : holders.isHome(node, fact, fact);
  const found: ImplicitCall[] = [];
  let steps = STEPS_MAX / 100;
  const visit = (node: AnyNode): void => {
    if (steps-- <= 0 || isFunction(node)) return;
    if (runsAgain(node, name, isSelf, facts))
      found.push({ owner: fact, node, to: fact, isSure: true });
    eachChild(node, visit);
  };
  visit(fact.body);
  return found;
}

function runsAgain(
  node: AnyNode,
  name: string,
  isSelf: (node: AnyNode) => boolean,
  facts: Facts,
): boolean {
  if (TRAPS.has(name)) return TRAPS.get(name)?.(node, isSelf) ?? false;
  if (name === ITERATOR)
    return (
      (node.type === 'SpreadElement' && isSelf(node.argument)) ||
      (node.type === 'ForOfStatement' && isSelf(node.right)) ||
      (node.type === 'YieldExpression' && node.delegate && isSelf(node.argument as AnyNode))
    );
  if (name === 'toJSON') return isGlobalCall(node, 'JSON', facts) && isSelf(argumentOf(node));
  switch (node.type) {
    case 'TemplateLiteral':
      return name !== 'valueOf' && node.expressions.some(isSelf);
    case 'BinaryExpression':
      return ARITHMETIC.has(node.operator) && (isSelf(node.left as AnyNode) || isSelf(node.right));
    case 'UnaryExpression':
      return name !== 'toString' && /[-+~]/.test(node.operator) && isSelf(node.argument);
    case 'CallExpression':
      return name !== 'valueOf' && isGlobalCall(node, 'String', facts) && isSelf(argumentOf(node));
    default:
      return false;
  }
}

const ARITHMETIC = new Set('+ - * / % ** < <= > >= & | ^ << >> >>>'.split(' '));

function isGlobalCall(node: AnyNode, name: string, facts: Facts): boolean {
  if (node.type !== 'CallExpression') return false;
  const { callee } = node;
  return facts.globalName(callee.type === 'MemberExpression' ? callee.object : callee) === name;
}

function argumentOf(node: AnyNode): AnyNode {
  return (node.type === 'CallExpression' && node.arguments[0]) || node;
}

/** Traps of a Proxy, and what in them runs them again when it is done to the proxy itself. */
const TRAPS: ReadonlyMap<string, (node: AnyNode, isSelf: (node: AnyNode) => boolean) => boolean> =
  new Map([
    ['get', (node, isSelf) => node.type === 'MemberExpression' && isSelf(node.object)],
    [
      'set',
      (node, isSelf) =>
        node.type === 'AssignmentExpression' &&
        node.left.type === 'MemberExpression' &&
        isSelf(node.left.object),
    ],
    [
      'has',
      (node, isSelf) =>
        node.type === 'BinaryExpression' && node.operator === 'in' && isSelf(node.right),
    ],
  ]);
/** Which of a trap's parameters is the proxy. */
const RECEIVERS: Readonly<Record<string, number>> = { get: 2, set: 3 };

/** The proxy inside its own trap: the receiver it is given, or the variable that holds it. */
function isReceiver(node: AnyNode, name: string, fact: FunctionFact, facts: Facts): boolean {
  const variable = facts.variableOf(node);
  if (!variable) return false;
  const receiver = fact.node?.params[RECEIVERS[name] ?? -1];
  if (receiver?.type === 'Identifier' && facts.variableOf(receiver) === variable) return true;
  const [made] = variable.writes;
  const value = variable.writes.length === 1 ? made?.value : null;
  if (value?.type !== 'NewExpression' || facts.globalName(value.callee) !== 'Proxy') return false;
  const handler = value.arguments[1];
  return (
    handler?.type === 'ObjectExpression' &&
    handler.properties.some((each) => each.type === 'Property' && each.value === fact.node)
  );
}
