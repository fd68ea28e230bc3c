// Owns who calls whom: by names, properties, `this`, `new`, `call` and `bind`, callbacks, getters and conversions.

import type { AnyNode } from 'acorn';
import type { CallNode, Facts, FunctionFact, Site } from '../facts/facts.ts';
import { propertyName } from '../facts/names.ts';
import { isFunction } from '../facts/tree.ts';
import { callbackOf } from './callbacks.ts';
import { type ClassFact, DEPTH_MAX } from './classes.ts';
import { Holders, NO_TARGETS, type Targets } from './holders.ts';
import { implicitCalls } from './implicit.ts';

/** Something that is called: a function, or the fields of a class, which each `new` works out. */
export interface Callable {
  readonly name: string;
  /** Where it stands. */
  readonly node: AnyNode;
  /** What runs. */
  readonly bodies: readonly AnyNode[];
  readonly fact: FunctionFact | null;
}

/** One way from a callable to another. */
export interface Edge {
  readonly from: Callable;
  readonly to: Callable;
  /** The place: what is evaluated there makes the call. */
  readonly node: AnyNode;
  /** `microtask` when what runs now ends first. */
  readonly kind: 'call' | 'microtask';
  /** True when whoever comes by the place surely makes this call. */
  readonly isSure: boolean;
}

/** All calls of a program that are known. */
export interface CallGraph {
  readonly callables: readonly Callable[];
  edgesFrom(callable: Callable): readonly Edge[];
  /** The calls that evaluating this node makes; without those of nodes inside it. */
  edgesAt(node: AnyNode): readonly Edge[];
}

const NONE: readonly Edge[] = [];

/** Builds the call graph of a program. */
export function buildCallGraph(facts: Facts): CallGraph {
  const builder = new Builder(facts);
  builder.build();
  return builder;
}

class Builder implements CallGraph {
  readonly callables: Callable[] = [];
  readonly #from = new Map<Callable, Edge[]>();
  readonly #at = new Map<AnyNode, Edge[]>();
  readonly #facts: Facts;
  readonly #holders: Holders;
  readonly #byFact = new Map<FunctionFact, Callable>();
  readonly #byClass = new Map<ClassFact, Callable>();
  /** Fields of classes, in the order of the source. */
  readonly #fields: { readonly value: AnyNode; readonly of: Callable }[] = [];

  constructor(facts: Facts) {
    this.#facts = facts;
    this.#holders = new Holders(facts);
    for (const fact of facts.functions) {
      const { name, body } = fact;
      const callable = { name, node: (fact.node as AnyNode | null) ?? body, bodies: [body], fact };
      this.#byFact.set(fact, callable);
      this.callables.push(callable);
    }
    for (const each of this.#holders.classes.all) {
      if (each.fields.length === 0) continue;
      const { name, node, fields } = each;
      const callable = { name: `new ${name}`, node, bodies: fields, fact: null };
      this.#byClass.set(each, callable);
      this.callables.push(callable);
      for (const value of fields) this.#fields.push({ value, of: callable });
    }
    this.#fields.sort((a, b) => a.value.start - b.value.start);
  }

  edgesFrom(callable: Callable): readonly Edge[] {
    return this.#from.get(callable) ?? NONE;
  }

  edgesAt(node: AnyNode): readonly Edge[] {
    return this.#at.get(node) ?? NONE;
  }

  build(): void {
    const { calls, templates } = this.#facts;
    for (const site of calls) {
      this.#called(site);
      this.#given(site);
    }
    for (const { node, owner } of templates)
      this.#add(owner, node, this.#holders.targetsOf(node.tag, owner));
    for (const { node, owner, to, isSure } of implicitCalls(this.#facts, this.#holders))
      this.#add(owner, node, { facts: [to], isSure });
  }

  #called(site: Site<CallNode>): void {
    const { node, owner } = site;
    const { callee } = node;
    if (node.type === 'NewExpression') {
      const made = this.#holders.classOf(callee, owner);
      if (made) {
        this.#construct(site, made);
        return;
      }
    }
    if (callee.type === 'Super') {
      const around = owner.node && this.#holders.classes.around(owner.node as AnyNode);
      const parent = around && this.#holders.classes.parentOf(around.of);
      if (parent) this.#construct(site, parent);
      return;
    }
    if (callee.type === 'Identifier' && !this.#facts.variableOf(callee)) return;
    const targets = this.#callees(callee, owner);
    // A generator only begins when somebody asks it for a value.
    const isBegun = site.parent.type === 'YieldExpression' && site.parent.delegate;
    for (const fact of targets.facts) {
      const waits = fact.node?.generator === true && !isBegun;
      this.#edge(owner, node, fact, 'call', targets.isSure && !waits);
    }
  }

  /** `f`, and `f` in `f.call(…)`, `f.apply(…)`. */
  #callees(callee: AnyNode, owner: FunctionFact): Targets {
    const direct = this.#holders.targetsOf(callee, owner);
    if (direct.facts.length > 0 || callee.type !== 'MemberExpression') return direct;
    const name = propertyName(callee);
    return name === 'call' || name === 'apply'
      ? this.#holders.targetsOf(callee.object, owner)
      : NO_TARGETS;
  }

  /** Each instance works out the fields of its class, and of those it extends, and runs their constructors. */
  #construct({ node, owner }: Site<CallNode>, made: ClassFact): void {
    const { classes } = this.#holders;
    let at: ClassFact | null = made;
    for (let depth = 0; at && depth < DEPTH_MAX; depth++) {
      const fields = this.#byClass.get(at);
      if (fields) this.#link(owner, node, fields, 'call', true);
      if (at.construct) {
        this.#edge(owner, node, at.construct, 'call', true);
        return; // Its `super(…)` goes on from there.
      }
      at = classes.parentOf(at);
    }
  }

  /** Functions among the arguments, where it is known that they will be called. */
  #given({ node, owner }: Site<CallNode>): void {
    for (let index = 0; index < node.arguments.length; index++) {
      const argument = node.arguments[index] as AnyNode;
      if (!mayBeFunction(argument)) continue;
      const callback = callbackOf(node, index, this.#facts);
      if (!callback) continue;
      const targets = this.#holders.targetsOf(argument, owner);
      for (const fact of targets.facts)
        this.#edge(owner, node, fact, callback.kind, callback.isSure && targets.isSure);
    }
  }

  #add(owner: FunctionFact, node: AnyNode, { facts, isSure }: Targets): void {
    for (const fact of facts) this.#edge(owner, node, fact, 'call', isSure);
  }

  #edge(
    owner: FunctionFact,
    node: AnyNode,
    fact: FunctionFact,
    kind: Edge['kind'],
    isSure: boolean,
  ): void {
    this.#link(owner, node, this.#byFact.get(fact) as Callable, kind, isSure);
  }

  #link(
    owner: FunctionFact,
    node: AnyNode,
    to: Callable,
    kind: Edge['kind'],
    isSure: boolean,
  ): void {
    const from = this.#fieldAround(node, owner) ?? (this.#byFact.get(owner) as Callable);
    const edge: Edge = { from, to, node, kind, isSure };
    push(this.#from, from, edge);
    push(this.#at, node, edge);
  }

  /** The fields a place stands in: it runs at `new`, not where the class stands. */
  #fieldAround(node: AnyNode, owner: FunctionFact): Callable | null {
    if (this.#fields.length === 0) return null;
    let low = 0;
    let high = this.#fields.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#fields[middle]?.value.start ?? 0) <= node.start) low = middle + 1;
      else high = middle;
    }
    const field = this.#fields[low - 1];
    if (!field || field.value.end < node.end) return null;
    const isOwn = owner.node === null || owner.node.start < field.value.start;
    return isOwn ? field.of : null;
  }
}

function mayBeFunction(node: AnyNode): boolean {
  return node.type === 'Identifier' || node.type === 'MemberExpression' || isFunction(node);
}

function push<Key>(lists: Map<Key, Edge[]>, key: Key, edge: Edge): void {
  const list = lists.get(key);
  if (list) list.push(edge);
  else lists.set(key, [edge]);
}
