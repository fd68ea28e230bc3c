// Owns the classes of a program: their members, what they extend, and the fields that each new instance works out.

import type { AnyNode } from 'acorn';
import type { Facts, FunctionFact, NodeOf } from '../facts/facts.ts';
import { heldBy } from '../facts/held.ts';
import { memberName } from '../facts/names.ts';
import { isFunction } from '../facts/tree.ts';

/** A class. */
export interface ClassFact {
  readonly node: NodeOf<'ClassDeclaration' | 'ClassExpression'>;
  readonly name: string;
  /** Methods and fields that hold a function, by name; those of instances. */
  readonly methods: ReadonlyMap<string, FunctionFact>;
  readonly statics: ReadonlyMap<string, FunctionFact>;
  readonly getters: ReadonlyMap<string, FunctionFact>;
  readonly construct: FunctionFact | null;
  /** What the fields of an instance are set to, functions left out: worked out at each `new`. */
  readonly fields: readonly AnyNode[];
}

/** Longer lines of classes are not followed. */
export const DEPTH_MAX = 20;

/** All classes of a program. */
export class Classes {
  readonly all: readonly ClassFact[];
  readonly #byNode = new Map<AnyNode, ClassFact>();
  readonly #byMember = new Map<AnyNode, { readonly of: ClassFact; readonly isStatic: boolean }>();
  readonly #parents = new Map<ClassFact, ClassFact | null>();
  /** Names of methods that classes extending a class have anew. */
  readonly #overridden = new Map<ClassFact, Set<string>>();

  constructor(facts: Facts) {
    this.all = facts.classes.map(({ node }) => this.#read(node, facts));
    for (const each of this.all) this.#byNode.set(each.node, each);
    for (const each of this.all) {
      const { superClass } = each.node;
      const value = superClass && (heldBy(superClass, facts) ?? superClass);
      this.#parents.set(each, (value && this.#byNode.get(value)) ?? null);
    }
    for (const each of this.all) this.#noteOverrides(each);
  }

  /** The class of a node; null for every other node. */
  of(node: AnyNode): ClassFact | null {
    return this.#byNode.get(node) ?? null;
  }

  /** The class that a function is a member of, whose `this` it has. */
  around(method: AnyNode): { readonly of: ClassFact; readonly isStatic: boolean } | null {
    return this.#byMember.get(method) ?? null;
  }

  /** What a class extends, where that is known. */
  parentOf(each: ClassFact): ClassFact | null {
    return this.#parents.get(each) ?? null;
  }

  /** A member by its name, its own or inherited. */
  memberOf(
    of: ClassFact,
    kind: 'methods' | 'statics' | 'getters',
    name: string,
  ): FunctionFact | null {
    let at: ClassFact | null = of;
    for (let depth = 0; at && depth < DEPTH_MAX; depth++) {
      const found = at[kind].get(name);
      if (found) return found;
      at = this.parentOf(at);
    }
    return null;
  }

  /** True when a class that extends this one has that method anew. */
  isOverridden(of: ClassFact, name: string): boolean {
    return this.#overridden.get(of)?.has(name) ?? false;
  }

  #noteOverrides(each: ClassFact): void {
    let at = this.parentOf(each);
    for (let depth = 1; at && at !== each && depth < DEPTH_MAX; depth++) {
      const names = this.#overridden.get(at) ?? new Set();
      for (const name of each.methods.keys()) names.add(name);
      this.#overridden.set(at, names);
      at = this.parentOf(at);
    }
  }

  #read(node: ClassFact['node'], facts: Facts): ClassFact {
    const methods = new Map<string, FunctionFact>();
    const statics = new Map<string, FunctionFact>();
    const getters = new Map<string, FunctionFact>();
    const fields: AnyNode[] = [];
    let construct: FunctionFact | null = null;
    const known = { node, name: node.id?.name ?? '(class)', methods, statics, getters, fields };
    const members: { value: AnyNode; isStatic: boolean }[] = [];
    for (const member of node.body.body) {
      if (member.type === 'StaticBlock' || !member.value) continue;
      const { value } = member;
      const fact = isFunction(value) ? facts.factOf(value as AnyNode) : null;
      if (fact) members.push({ value, isStatic: member.static });
      if (!fact) {
        if (!member.static) fields.push(value);
        continue;
      }
      const name = memberName(member);
      const kind = member.type === 'MethodDefinition' ? member.kind : 'method';
      if (kind === 'constructor') construct = fact;
      else if (name === null || kind === 'set') continue;
      else if (kind === 'get') getters.set(name, fact);
      else (member.static ? statics : methods).set(name, fact);
    }
    const made: ClassFact = { ...known, construct };
    for (const { value, isStatic } of members) this.#byMember.set(value, { of: made, isStatic });
    return made;
  }
}
