// Owns the ways to make code from text, and to change what all code relies on, that do not look like it at first sight.

import type { AnyNode } from 'acorn';
import { onlyValue } from '../facts/amounts.ts';
import type { CallNode, Facts, NodeOf } from '../facts/facts.ts';
import { propertyName } from '../facts/names.ts';
import { isFunction } from '../facts/tree.ts';
import type { RawFinding } from './rule.ts';

const GLOBAL_OBJECTS = new Set(['globalThis', 'window', 'self', 'global']);
const MAKERS = new Set(['eval', 'Function']);
const DEPTH_MAX = 4;
/** How far before a change a question after the same name makes it a stand-in for what is missing. */
const GUARD_CHARS = 300;

/** `eval` and the Function constructor under other names. */
export function hiddenCode(
  { callee, arguments: given, start, end }: CallNode,
  facts: Facts,
): RawFinding[] {
  if (given.length === 0 || facts.globalName(callee) !== null || !makesCode(callee, facts))
    return [];
  const message =
    'this is `eval` or the Function constructor by another name: it makes code from text';
  return [{ level: 'warning', message, start, end }];
}

function makesCode(node: AnyNode, facts: Facts, depth = 0): boolean {
  if (depth > DEPTH_MAX) return false;
  switch (node.type) {
    case 'Identifier': {
      const name = facts.globalName(node);
      if (name !== null) return MAKERS.has(name);
      const value = onlyValue(node, facts.scopes);
      return value !== null && makesCode(value, facts, depth + 1);
    }
    case 'ParenthesizedExpression':
      return makesCode(node.expression, facts, depth + 1);
    case 'SequenceExpression': {
      const last = node.expressions.at(-1);
      return last !== undefined && makesCode(last, facts, depth + 1);
    }
    case 'MemberExpression': {
      const name = propertyName(node);
      if (name === 'constructor') return isFunctionLike(node.object, facts);
      const root = facts.globalName(node.object);
      return name !== null && MAKERS.has(name) && root !== null && GLOBAL_OBJECTS.has(root);
    }
    default:
      return false;
  }
}

/** A function, another constructor, or the prototype of a function: their constructor makes code. */
function isFunctionLike(node: AnyNode, facts: Facts): boolean {
  if (isFunction(node)) return true;
  if (node.type === 'MemberExpression') return propertyName(node) === 'constructor';
  if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return false;
  const [of] = node.arguments;
  return (
    propertyName(node.callee) === 'getPrototypeOf' &&
    of !== undefined &&
    isFunction(of) &&
    facts.globalName(node.callee.object) !== null
  );
}

const BUILT_IN = new Set(
  'Object Array String Number Boolean Function Promise Map Set Date RegExp Error Symbol BigInt Iterator'.split(
    ' ',
  ),
);

/** Changes of built-in prototypes that are no plain assignment to one of their names. */
export function hiddenTampering(facts: Facts, code: string): RawFinding[] {
  return [
    ...['Object.', 'Reflect.']
      .flatMap((root) => facts.callsOf(root).flatMap(({ node }) => definedBy(node, facts, code)))
      .sort((a, b) => a.start - b.start),
    ...facts.assignments.flatMap(({ node }) => assigned(node, facts, code)),
  ];
}

/** True when the code before a change asks whether it is there already. */
export function isAskedBefore(code: string, start: number, name: string): boolean {
  const before = code.slice(Math.max(0, start - GUARD_CHARS), start);
  return (
    before.includes(`prototype.${name}`) ||
    before.includes(`'${name}' in `) ||
    before.includes(`"${name}" in `)
  );
}

/** `Array` of `Array.prototype`. */
function builtInOf(node: AnyNode | undefined, facts: Facts): string | null {
  if (node?.type !== 'MemberExpression' || propertyName(node) !== 'prototype') return null;
  const name = facts.globalName(node.object);
  return name !== null && BUILT_IN.has(name) ? name : null;
}

/** `Object.defineProperty(Array.prototype, 'push', …)`, `Object.assign(Array.prototype, { push })`. */
function definedBy(node: CallNode, facts: Facts, code: string): RawFinding[] {
  const {
    callee,
    arguments: [target, what],
  } = node;
  if (callee.type !== 'MemberExpression') return [];
  const method = propertyName(callee);
  const root = facts.globalName(callee.object);
  if (method === null || (root !== 'Object' && root !== 'Reflect')) return [];
  const owner = builtInOf(target, facts);
  if (owner === null) return [];
  if (method === 'setPrototypeOf')
    return [tampered(node, `what \`${owner}.prototype\` inherits from`)];
  if (method === 'assign' || method === 'defineProperties') {
    if (what?.type !== 'ObjectExpression') return [];
    const names = what.properties.flatMap((each) =>
      each.type === 'Property' && !each.computed && each.key.type === 'Identifier'
        ? [each.key.name]
        : [],
    );
    return names
      .filter((name) => isReplacing(owner, name, node, code))
      .slice(0, 1)
      .map((name) => tampered(node, `\`${owner}.prototype.${name}\``));
  }
  if (method !== 'defineProperty' || !what) return [];
  const name = what.type === 'Literal' ? String(what.value) : null;
  return name !== null && isReplacing(owner, name, node, code)
    ? [tampered(node, `\`${owner}.prototype.${name}\``)]
    : [];
}

/** `Array.prototype[Symbol.iterator] = …`, `Array.prototype['push'] = …`, `[].__proto__.push = …`. */
function assigned(node: NodeOf<'AssignmentExpression'>, facts: Facts, code: string): RawFinding[] {
  const { left } = node;
  if (left.type !== 'MemberExpression') return [];
  const { object, property, computed } = left;
  if (object.type === 'MemberExpression' && propertyName(object) === '__proto__') {
    const isLiteral =
      /^(?:Array|Object)Expression$|^Literal$/.test(object.object.type) ||
      isFunction(object.object as AnyNode);
    return isLiteral ? [tampered(node, 'the prototype of a built-in')] : [];
  }
  const owner = computed ? builtInOf(object as AnyNode, facts) : null;
  if (owner === null) return [];
  const name = propertyName(left);
  if (name !== null)
    return isReplacing(owner, name, node, code)
      ? [tampered(node, `\`${owner}.prototype.${name}\``)]
      : [];
  const isSymbol =
    property.type === 'MemberExpression' && facts.globalName(property.object) === 'Symbol';
  return isSymbol ? [tampered(node, `a symbol of \`${owner}.prototype\``)] : [];
}

function isReplacing(owner: string, name: string, { start }: AnyNode, code: string): boolean {
  const real = (globalThis as Record<string, unknown>)[owner] as { prototype?: object } | undefined;
  return Object.hasOwn(real?.prototype ?? {}, name) && !isAskedBefore(code, start, name);
}

/** @param what built-in names only: nothing of it comes from the text */
function tampered({ start, end }: AnyNode, what: string): RawFinding {
  return { level: 'warning', message: `${what} is replaced for all code of the macro`, start, end };
}
