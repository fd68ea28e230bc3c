// Owns the rules about code that is not what it seems: made at run time, or changing what everybody relies on.

import type { AnyNode } from 'acorn';
import { constantOf } from '../facts/constants.ts';
import type { CallNode, Facts, NodeOf } from '../facts/facts.ts';
import { isFunction } from '../facts/tree.ts';
import { hiddenCode, hiddenTampering, isAskedBefore } from './dynamic-code.ts';
import { neverBehind } from './promises.ts';
import type { RawFinding, Rule } from './rule.ts';

const TIMERS = new Set(['setTimeout', 'setInterval', 'setImmediate']);

const dynamicCode: Rule = {
  id: 'dynamic-code',
  summary: 'Code is made from text while the macro runs.',
  why: 'Nobody, no linter either, can say before it runs what such code does.',
  check: ({ facts }) =>
    facts?.calls.flatMap(({ node }) => {
      const plain = dynamicCall(node, facts);
      return plain.length > 0 ? plain : hiddenCode(node, facts);
    }) ?? [],
};

function dynamicCall(node: CallNode, facts: Facts): RawFinding[] {
  const { callee, arguments: given } = node;
  const { start, end } = node;
  const name = facts.globalName(callee);
  const [first] = given;
  if (name === 'eval' || name === 'Function') {
    // The usual way to get at the global object, and harmless.
    const isIdiom = first?.type === 'Literal' && first.value === 'return this';
    const level = isIdiom || given.length === 0 ? 'info' : 'warning';
    return [
      {
        level,
        start,
        end,
        message: `\`${name}\` makes code from text: nobody can say before it runs what it does`,
      },
    ];
  }
  if (name !== null && TIMERS.has(name) && first && isText(first, facts))
    return [
      {
        level: 'warning',
        start,
        end,
        message: `\`${name}\` is given a text instead of a function: it would be run as code`,
      },
    ];
  const isConstructor =
    callee.type === 'MemberExpression' &&
    callee.property.type === 'Identifier' &&
    callee.property.name === 'constructor' &&
    !callee.computed;
  if (!isConstructor || given.length === 0 || !isText(given.at(-1) as AnyNode, facts)) return [];
  // `[].constructor('x')` makes an array; only a function's constructor makes code.
  const { object } = callee;
  const isOfFunction =
    isFunction(object) ||
    (object.type === 'MemberExpression' &&
      object.property.type === 'Identifier' &&
      object.property.name === 'constructor');
  if (!isOfFunction) return [];
  return [
    {
      level: 'warning',
      start,
      end,
      message: 'this is the Function constructor by another name: it makes code from text',
    },
  ];
}

function isText(node: AnyNode, facts: Facts): boolean {
  if (node.type === 'TemplateLiteral') return true;
  return typeof constantOf(node, facts.scopes)?.value === 'string';
}

const BUILT_IN = new Set(
  'Object Array String Number Boolean Function Promise Map Set Date RegExp Error Symbol BigInt Iterator'.split(
    ' ',
  ),
);

const prototypeTampering: Rule = {
  id: 'prototype-tampering',
  summary: 'Something that all code relies on is replaced.',
  why: 'What everything inherits from is changed for all code in the macro, libraries and all.',
  check: ({ facts, parsed }) =>
    facts
      ? [
          ...facts.assignments.flatMap(({ node }) => tampering(node, facts, parsed.code)),
          ...hiddenTampering(facts, parsed.code),
        ]
      : [],
};

function tampering(node: NodeOf<'AssignmentExpression'>, facts: Facts, code: string): RawFinding[] {
  const { left, start, end } = node;
  if (left.type !== 'MemberExpression' || left.computed || left.property.type !== 'Identifier')
    return [];
  const { object, property } = left;
  if (
    object.type !== 'MemberExpression' ||
    object.computed ||
    object.property.type !== 'Identifier'
  )
    return [];
  const owner = facts.globalName(object.object);
  if (owner === null || !BUILT_IN.has(owner) || object.property.name !== 'prototype') return [];
  const name = property.name;
  const real = (globalThis as Record<string, unknown>)[owner] as { prototype?: object } | undefined;
  const isReplacing = Object.hasOwn(real?.prototype ?? {}, name);
  const isGuarded = isAskedBefore(code, start, name);
  const level = isReplacing && !isGuarded ? 'warning' : 'info';
  const message = isReplacing
    ? `\`${owner}.prototype.${name}\` is replaced for all code of the macro`
    : `\`${owner}.prototype.${name}\` is added to every ${owner}`;
  return [{ level, message, start, end }];
}

const neverSettles: Rule = {
  id: 'never-settles',
  summary: 'A promise is awaited that never settles.',
  why: 'The macro waits for nothing until its idle limit ends it, and holds its place meanwhile.',
  check: ({ facts }) =>
    facts?.awaits.flatMap(({ node }) =>
      isNever(node.argument, facts)
        ? [
            {
              level: 'warning' as const,
              message:
                'nothing ever settles this promise: the macro waits until its idle limit ends it',
              start: node.start,
              end: node.end,
            },
          ]
        : [],
    ) ?? [],
};

function isNever(node: AnyNode, facts: Facts): boolean {
  if (node.type === 'NewExpression' && facts.globalName(node.callee) === 'Promise') {
    const executor = node.arguments[0] ? facts.factOf(node.arguments[0] as AnyNode) : null;
    return (
      executor?.node != null &&
      executor.throws.length === 0 &&
      usesNone(executor.node.params, facts)
    );
  }
  if (node.type !== 'ObjectExpression') return neverBehind(node, facts, isNever);
  const then = node.properties.find(
    (each) =>
      each.type === 'Property' && each.key.type === 'Identifier' && each.key.name === 'then',
  );
  const method = then?.type === 'Property' ? facts.factOf(then.value) : null;
  return method?.node != null && method.throws.length === 0 && usesNone(method.node.params, facts);
}

function usesNone(params: readonly AnyNode[], facts: Facts): boolean {
  return (
    !facts.scopes.isDynamic && params.every((param) => facts.variableOf(param)?.reads.length === 0)
  );
}

/** The rules of this file. */
export const TRICK_RULES: readonly Rule[] = [dynamicCode, prototypeTampering, neverSettles];
