// Owns which functions a property holds: of an object written out in the text, of a class, of an instance of one.

import type { AnyNode } from 'acorn';
import type { Facts, FunctionFact, NodeOf } from '../facts/facts.ts';
import { heldBy } from '../facts/held.ts';
import { memberName, propertyName } from '../facts/names.ts';
import { isFunction } from '../facts/tree.ts';
import { Classes, type ClassFact } from './classes.ts';

/** Functions that something may be; `isSure` when it can be no other. */
export interface Targets {
  readonly facts: readonly FunctionFact[];
  readonly isSure: boolean;
}

interface ClassHolder {
  readonly kind: 'class' | 'instance';
  readonly of: ClassFact;
}

/** Something that has properties. */
type Holder = { readonly kind: 'object'; readonly node: NodeOf<'ObjectExpression'> } | ClassHolder;

/** Nothing known. */
export const NO_TARGETS: Targets = { facts: [], isSure: false };

const DEPTH_MAX = 6;
const PROPERTIES_MAX = 500;
const WRITES_MAX = 20;

/** Finds the functions behind names and properties. */
export class Holders {
  readonly classes: Classes;
  readonly #facts: Facts;
  /** Functions given to a property by an assignment somewhere, by the property's name. */
  readonly #assigned = new Map<string, AnyNode[]>();
  /** Properties of objects, read once each. */
  readonly #members = new Map<AnyNode, ReadonlyMap<string, AnyNode>>();
  readonly #getters = new Map<AnyNode, ReadonlyMap<string, AnyNode>>();
  readonly #objectOf = new Map<AnyNode, NodeOf<'ObjectExpression'>>();

  constructor(facts: Facts) {
    this.#facts = facts;
    this.classes = new Classes(facts);
    for (const { node, parent } of [...facts.methods, ...facts.accessors])
      if (parent.type === 'ObjectExpression') this.#objectOf.set(node.value, parent);
    for (const { node } of facts.assignments) {
      if (node.left.type !== 'MemberExpression') continue;
      const name = propertyName(node.left);
      if (name === null) continue;
      const values = this.#assigned.get(name);
      if (values) values.push(node.right);
      else this.#assigned.set(name, [node.right]);
    }
  }

  /**
   * The functions an expression may be.
   * @param owner the function it stands in
   */
  targetsOf(node: AnyNode, owner: FunctionFact, depth = 0): Targets {
    if (depth > DEPTH_MAX) return NO_TARGETS;
    if (isFunction(node)) return toTargets(this.#facts.factOf(node as AnyNode), true);
    switch (node.type) {
      case 'Identifier':
        return this.#variable(node, owner, depth);
      case 'MemberExpression':
        return this.#member(node, owner, depth);
      case 'ParenthesizedExpression':
      case 'ChainExpression':
        return this.targetsOf(node.expression, owner, depth + 1);
      case 'AssignmentExpression':
        return this.targetsOf(node.right, owner, depth + 1);
      case 'SequenceExpression':
        return this.targetsOf(node.expressions.at(-1) as AnyNode, owner, depth + 1);
      case 'CallExpression':
        // `f.bind(x)` is `f`.
        return isBind(node)
          ? this.targetsOf((node.callee as NodeOf<'MemberExpression'>).object, owner, depth + 1)
          : NO_TARGETS;
      case 'ConditionalExpression':
      case 'LogicalExpression': {
        const [a, b] =
          node.type === 'LogicalExpression'
            ? [node.left, node.right]
            : [node.consequent, node.alternate];
        const either = [a, b].flatMap((each) => this.targetsOf(each, owner, depth + 1).facts);
        return { facts: either, isSure: false };
      }
      default:
        return NO_TARGETS;
    }
  }

  /** The class that `new` makes an instance of. */
  classOf(node: AnyNode, owner: FunctionFact): ClassFact | null {
    const holder = this.#holder(node, owner, 0);
    return holder?.kind === 'class' ? holder.of : null;
  }

  /** The getter behind a property. */
  getterOf(node: NodeOf<'MemberExpression'>, owner: FunctionFact): FunctionFact | null {
    const name = propertyName(node);
    const holder = name === null ? null : this.#holder(node.object, owner, 0);
    if (!holder || name === null) return null;
    if (holder.kind !== 'object') return this.classes.memberOf(holder.of, 'getters', name);
    const getter = this.#membersOf(holder.node, 'get').get(name);
    return getter ? this.#facts.factOf(getter) : null;
  }

  /** True when an expression is the object, or an instance of the class, that a function belongs to. */
  isHome(node: AnyNode, method: FunctionFact, owner: FunctionFact): boolean {
    const here = method.node && this.#home(method.node as AnyNode);
    const there = this.#holder(node, owner, 0);
    if (!here || !there || here.kind !== there.kind) return false;
    return here.kind === 'object' && there.kind === 'object'
      ? here.node === there.node
      : here.kind !== 'object' && there.kind !== 'object' && here.of === there.of;
  }

  #variable(node: NodeOf<'Identifier'>, owner: FunctionFact, depth: number): Targets {
    const variable = this.#facts.variableOf(node);
    if (!variable || this.#facts.scopes.isDynamic) return NO_TARGETS;
    const { writes } = variable;
    if (writes.length > WRITES_MAX) return NO_TARGETS;
    const [only] = writes;
    if (writes.length === 1 && only) {
      if (!only.value) return NO_TARGETS;
      const fact = this.#facts.factOf(only.value);
      return fact ? toTargets(fact, true) : this.targetsOf(only.value, owner, depth + 1);
    }
    const held = writes.flatMap(({ value }) => (value && this.#facts.factOf(value)) ?? []);
    return { facts: held, isSure: false };
  }

  #member(node: NodeOf<'MemberExpression'>, owner: FunctionFact, depth: number): Targets {
    const name = propertyName(node);
    if (name === null) return NO_TARGETS;
    const holder = this.#holder(node.object, owner, depth + 1);
    if (!holder) return NO_TARGETS;
    const own = this.#own(holder, name);
    const given = this.#assigned.get(name);
    if (!given) {
      const isReplaced = holder.kind === 'instance' && this.classes.isOverridden(holder.of, name);
      return toTargets(own, !isReplaced);
    }
    // What is assigned under this name may be another object's: possible, never sure.
    const others = given
      .slice(0, WRITES_MAX)
      .flatMap((value) => this.targetsOf(value, owner, DEPTH_MAX - 1).facts);
    return { facts: own ? [own, ...others] : others, isSure: false };
  }

  #own(holder: Holder, name: string): FunctionFact | null {
    if (holder.kind !== 'object')
      return this.classes.memberOf(
        holder.of,
        holder.kind === 'class' ? 'statics' : 'methods',
        name,
      );
    const value = this.#membersOf(holder.node).get(name);
    if (!value) return null;
    return this.#facts.factOf(value) ?? this.#facts.factOf(heldBy(value, this.#facts) ?? value);
  }

  #holder(node: AnyNode, owner: FunctionFact, depth: number): Holder | null {
    if (depth > DEPTH_MAX) return null;
    switch (node.type) {
      case 'ThisExpression':
        return this.#thisOf(owner);
      case 'Super': {
        const home = this.#holder({ ...node, type: 'ThisExpression' }, owner, depth + 1);
        const parent = home && home.kind !== 'object' ? this.classes.parentOf(home.of) : null;
        return parent && home && home.kind !== 'object' ? { kind: home.kind, of: parent } : null;
      }
      case 'Identifier': {
        const value = heldBy(node, this.#facts);
        return value && value !== node ? this.#holder(value, owner, depth + 1) : null;
      }
      case 'ObjectExpression':
        return { kind: 'object', node };
      case 'ClassDeclaration':
      case 'ClassExpression': {
        const found = this.classes.of(node);
        return found && { kind: 'class', of: found };
      }
      case 'NewExpression': {
        const made = this.#holder(node.callee, owner, depth + 1);
        return made?.kind === 'class' ? { kind: 'instance', of: made.of } : null;
      }
      case 'ParenthesizedExpression':
      case 'ChainExpression':
        return this.#holder(node.expression, owner, depth + 1);
      case 'MemberExpression':
        return this.#nested(node, owner, depth + 1);
      default:
        return null;
    }
  }

  /** `C.prototype`, or an object inside an object. */
  #nested(node: NodeOf<'MemberExpression'>, owner: FunctionFact, depth: number): Holder | null {
    const name = propertyName(node);
    const outer = name === null ? null : this.#holder(node.object, owner, depth);
    if (!outer || name === null) return null;
    if (outer.kind !== 'object') {
      const { kind, of } = outer;
      if (kind === 'class' && name === 'prototype') return { kind: 'instance', of };
      return kind === 'instance' && name === 'constructor' ? { kind: 'class', of } : null;
    }
    const value = this.#membersOf(outer.node).get(name);
    return value ? this.#holder(value, owner, depth + 1) : null;
  }

  /** Arrows have no `this` of their own, unless they are what a field holds. */
  #thisOf(owner: FunctionFact): Holder | null {
    for (let at: FunctionFact | null = owner; at?.node; at = at.parent) {
      const home = this.#home(at.node as AnyNode);
      const isArrow = at.node.type === 'ArrowFunctionExpression';
      if (!isArrow || home?.kind === 'class' || home?.kind === 'instance') return home;
    }
    return null;
  }

  #home(method: AnyNode): Holder | null {
    const object = this.#objectOf.get(method);
    if (object) return { kind: 'object', node: object };
    const member = this.classes.around(method);
    return member && { kind: member.isStatic ? 'class' : 'instance', of: member.of };
  }

  #membersOf(
    node: NodeOf<'ObjectExpression'>,
    kind: 'init' | 'get' = 'init',
  ): ReadonlyMap<string, AnyNode> {
    const all = kind === 'init' ? this.#members : this.#getters;
    const known = all.get(node);
    if (known) return known;
    const members = new Map<string, AnyNode>();
    if (node.properties.length <= PROPERTIES_MAX)
      for (const each of node.properties) {
        if (each.type !== 'Property' || each.kind !== kind) continue;
        const name = memberName(each);
        if (name !== null) members.set(name, each.value);
      }
    all.set(node, members);
    return members;
  }
}

function isBind({ callee }: NodeOf<'CallExpression'>): boolean {
  return callee.type === 'MemberExpression' && propertyName(callee) === 'bind';
}

function toTargets(fact: FunctionFact | null, isSure: boolean): Targets {
  return fact ? { facts: [fact], isSure } : NO_TARGETS;
}
