// Owns which iterables never end: generators whose loop nothing leaves, and iterators that never say `done`.

import type { AnyNode, Class } from 'acorn';
import { onlyValue } from '../facts/amounts.ts';
import { constantOf } from '../facts/constants.ts';
import type { Facts, FunctionFact, LoopFact, NodeOf } from '../facts/facts.ts';
import { propertyName } from '../facts/names.ts';
import { judgeCounter } from './counter.ts';
import { type Categories, mayLeave } from './leaving.ts';

/** How sure it is: `maybe` when only something unknown that is called in it could end it, by throwing. */
export type Endless = 'surely' | 'maybe';

const DEPTH_MAX = 8;
/** Larger objects and classes are no iterators. */
const MEMBERS_MAX = 100;
/** What gives an iterator as long as the one before. */
const PASSING = new Set('map filter flatMap drop values keys entries'.split(' '));
const COUNTER_STEPS = 20_000;

/** Tells which iterables never end. */
export class EndlessIterables {
  readonly #facts: Facts;
  readonly #categories: Categories;
  readonly #known = new Map<FunctionFact, Endless | null>();
  readonly #budget = { steps: COUNTER_STEPS };

  constructor(facts: Facts, categories: Categories) {
    this.#facts = facts;
    this.#categories = categories;
  }

  /** Whether what an expression gives can be iterated without end; null when that is not known. */
  of(node: AnyNode, depth = 0): Endless | null {
    if (depth > DEPTH_MAX) return null;
    switch (node.type) {
      case 'Identifier': {
        const value = onlyValue(node, this.#facts.scopes);
        return value && this.of(value, depth + 1);
      }
      case 'CallExpression':
        return this.#call(node, depth);
      case 'ObjectExpression':
        return this.#object(node.properties, depth);
      case 'NewExpression': {
        const made = this.#facts.variableOf(node.callee);
        const type = made?.writes.length === 1 ? made.writes[0]?.value : null;
        return type?.type === 'ClassDeclaration' || type?.type === 'ClassExpression'
          ? this.#object((type as Class).body.body, depth)
          : null;
      }
      default:
        return null;
    }
  }

  #call(node: NodeOf<'CallExpression'>, depth: number): Endless | null {
    const { callee } = node;
    const fact = this.#facts.calleeOf(node) ?? this.#methodOf(callee);
    if (fact?.node?.generator) return this.#generator(fact, depth);
    if (fact) return this.#given(fact, depth);
    if (callee.type !== 'MemberExpression') return null;
    const isIterator = isIteratorKey(callee.property, callee.computed);
    const isPassing = isIterator || PASSING.has(propertyName(callee) ?? '');
    return isPassing ? this.of(callee.object as AnyNode, depth + 1) : null;
  }

  /** `m` of `const o = { *m() {} }`, where it is called as `o.m()`. */
  #methodOf(callee: AnyNode): FunctionFact | null {
    if (callee.type !== 'MemberExpression') return null;
    const name = propertyName(callee);
    const holder = onlyValue(callee.object as AnyNode, this.#facts.scopes);
    if (name === null || holder?.type !== 'ObjectExpression') return null;
    if (holder.properties.length > MEMBERS_MAX) return null;
    for (const each of holder.properties)
      if (each.type === 'Property' && keyOf(each) === name) return this.#facts.factOf(each.value);
    return null;
  }

  /** What a plain function gives back, where it does nothing else. */
  #given(fact: FunctionFact, depth: number): Endless | null {
    const only = returned(fact);
    return only && !fact.node?.async ? this.of(only, depth + 1) : null;
  }

  #generator(fact: FunctionFact, depth: number): Endless | null {
    const known = this.#known.get(fact);
    if (known !== undefined) return known;
    // A generator that comes by itself again is not known.
    this.#known.set(fact, null);
    const endless = this.#body(fact, depth);
    this.#known.set(fact, endless);
    return endless;
  }

  /** A statement of the body itself that is never over: what stands under a condition may not be come by. */
  #body({ body, loops }: FunctionFact, depth: number): Endless | null {
    if (body.type !== 'BlockStatement') return null;
    const byNode = new Map<AnyNode, LoopFact>(loops.map((loop) => [loop.node, loop]));
    for (const statement of body.body) {
      if (leaves(statement)) return null;
      const loop = byNode.get(statement);
      const endless = loop ? this.#loop(loop, depth) : this.#delegated(statement, depth);
      if (endless) return endless;
    }
    return null;
  }

  #delegated(statement: AnyNode, depth: number): Endless | null {
    if (statement.type !== 'ExpressionStatement') return null;
    const { expression } = statement;
    if (expression.type !== 'YieldExpression' || !expression.delegate) return null;
    return expression.argument ? this.of(expression.argument, depth + 1) : null;
  }

  #loop(loop: LoopFact, depth: number): Endless | null {
    const { node, exits } = loop;
    // A dozen exits are kept: of more nobody knows what they are.
    if (exits.length >= 12 || exits.some(({ node: exit }) => exit.type !== 'YieldExpression'))
      return null;
    if (node.type === 'ForOfStatement') return this.of(node.right, depth + 1);
    if (node.type === 'ForInStatement') return null;
    const test = node.test == null ? { value: true } : constantOf(node.test, this.#facts.scopes);
    const isEndless = test
      ? Boolean(test.value)
      : this.#isUnlimited(node.test as AnyNode) ||
        judgeCounter(loop, this.#facts, this.#budget)?.turns === Number.POSITIVE_INFINITY;
    if (!isEndless) return null;
    return mayLeave(loop, this.#facts, this.#categories) ? 'maybe' : 'surely';
  }

  /** `i < Infinity`, where `i` is only ever counted up. */
  #isUnlimited(test: AnyNode): boolean {
    if (test.type !== 'BinaryExpression' || test.operator !== '<') return false;
    const limit = constantOf(test.right, this.#facts.scopes)?.value;
    const writes = this.#facts.variableOf(test.left as AnyNode)?.writes ?? [];
    const [start, ...others] = writes;
    const from = start?.value ? constantOf(start.value, this.#facts.scopes)?.value : null;
    return (
      limit === Number.POSITIVE_INFINITY &&
      Number.isSafeInteger(from) &&
      others.every(({ node }) => node.type === 'UpdateExpression')
    );
  }

  /** An object or class: what its `[Symbol.iterator]` gives, or its own `next`. */
  #object(members: readonly AnyNode[], depth: number): Endless | null {
    if (members.length > MEMBERS_MAX) return null;
    for (const member of members) {
      if (member.type !== 'Property' && member.type !== 'MethodDefinition') continue;
      if (!isIteratorKey(member.key, member.computed) || member.kind === 'get') continue;
      const fact = this.#facts.factOf(member.value);
      if (!fact) return null;
      if (fact.node?.generator) return this.#generator(fact, depth);
      const given = returned(fact);
      if (given?.type === 'ThisExpression') return this.#next(members);
      return given?.type === 'ObjectExpression'
        ? (this.#next(given.properties) ?? this.of(given, depth + 1))
        : given && this.of(given, depth + 1);
    }
    return null;
  }

  /** `next` that gives one literal without `done: true`. */
  #next(members: readonly AnyNode[]): Endless | null {
    if (members.length > MEMBERS_MAX) return null;
    for (const member of members) {
      if (member.type !== 'Property' && member.type !== 'MethodDefinition') continue;
      if (keyOf(member) !== 'next') continue;
      const fact = this.#facts.factOf(member.value);
      const result = fact && !fact.node?.async ? returned(fact) : null;
      if (!fact || result?.type !== 'ObjectExpression' || fact.throws.length > 0) return null;
      for (const each of result.properties) {
        if (each.type !== 'Property' || each.computed) return null;
        if (keyOf(each) !== 'done') continue;
        const done = constantOf(each.value, this.#facts.scopes);
        if (!done || done.value) return null;
      }
      return 'surely';
    }
    return null;
  }
}

/** What a function gives back when that is the last thing it does, and the only way out. */
function returned({ node, body, returns }: FunctionFact): AnyNode | null {
  if (!node) return null;
  if (body.type !== 'BlockStatement') return body;
  const last = body.body.at(-1);
  const isOnly = returns.length === 1 && returns[0]?.node === last;
  return isOnly && last?.type === 'ReturnStatement' ? (last.argument ?? null) : null;
}

/** True for a statement that may end the function: only plain ones do not. */
function leaves({ type }: AnyNode): boolean {
  return (
    type === 'ReturnStatement' ||
    type === 'ThrowStatement' ||
    type === 'IfStatement' ||
    type === 'SwitchStatement' ||
    type === 'TryStatement'
  );
}

function keyOf({ key, computed }: { readonly key: AnyNode; readonly computed: boolean }) {
  if (computed) return null;
  if (key.type === 'Identifier') return key.name;
  return key.type === 'Literal' ? String(key.value) : null;
}

/** `[Symbol.iterator]`. */
function isIteratorKey(key: AnyNode, computed: boolean): boolean {
  return (
    computed &&
    key.type === 'MemberExpression' &&
    key.object.type === 'Identifier' &&
    key.object.name === 'Symbol' &&
    propertyName(key) === 'iterator'
  );
}
