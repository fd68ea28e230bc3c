// Owns what a program consists of, found in one walk: functions, loops with their exits, calls, awaits. It judges nothing.

import type { AnyNode, Function as FunctionNode, Program } from 'acorn';
import { constantOf } from './constants.ts';
import { resolveScopes, type Scopes } from './scopes.ts';
import { eachChild, isFunction } from './tree.ts';

/** A loop statement. */
export type LoopNode = Extract<
  AnyNode,
  {
    type:
      | 'WhileStatement'
      | 'DoWhileStatement'
      | 'ForStatement'
      | 'ForInStatement'
      | 'ForOfStatement';
  }
>;
type CallNode = Extract<AnyNode, { type: 'CallExpression' | 'NewExpression' }>;

/** One loop. */
export interface LoopFact {
  readonly node: LoopNode;
  readonly owner: FunctionFact;
  readonly label: string | null;
  /** Ways out that are not behind a constant-false guard: `break`, `return`, `throw`, `yield`, and jumps to outer labels. */
  readonly exits: AnyNode[];
  /** Awaits, and calls, anywhere inside it but not inside functions in it. */
  readonly awaits: Extract<AnyNode, { type: 'AwaitExpression' }>[];
  readonly calls: CallNode[];
}

/** A function, or the program itself (then `node` is null). */
export interface FunctionFact {
  readonly node: FunctionNode | null;
  readonly name: string;
  readonly body: AnyNode;
  /** Throws that leave it, calls inside it: not those of functions inside it. */
  readonly throws: AnyNode[];
  readonly calls: CallNode[];
}

/** Everything found. */
export interface Facts {
  readonly scopes: Scopes;
  readonly functions: readonly FunctionFact[];
  readonly loops: readonly LoopFact[];
  /** The function a call surely calls, null where it is not known. */
  calleeOf(call: AnyNode): FunctionFact | null;
}

/** Gathers the facts of a program. */
export function gatherFacts(program: Program): Facts {
  const scopes = resolveScopes(program);
  const walk = new Walk(scopes);
  walk.start(program);
  const byNode = new Map<AnyNode, FunctionFact>();
  for (const fact of walk.functions) if (fact.node) byNode.set(fact.node as AnyNode, fact);
  return {
    scopes,
    functions: walk.functions,
    loops: walk.loops,
    calleeOf(call) {
      if (call.type !== 'CallExpression') return null;
      const { callee } = call;
      if (isFunction(callee)) return byNode.get(callee as AnyNode) ?? null;
      const variable = callee.type === 'Identifier' ? scopes.variables.get(callee) : undefined;
      if (!variable || scopes.isDynamic || variable.writes.length !== 1) return null;
      const value = variable.writes[0]?.value;
      return (value && byNode.get(value)) ?? null;
    },
  };
}

/** Something a `break` or `continue` can aim at. */
interface Target {
  readonly loop: LoopFact | null;
  readonly labels: readonly string[];
  readonly isSwitch: boolean;
}

class Walk {
  readonly functions: FunctionFact[] = [];
  readonly loops: LoopFact[] = [];
  readonly #scopes: Scopes;
  #owner!: FunctionFact;
  #targets: Target[] = [];
  /** How many `try` blocks with a handler are around, counted from the function's start, by loop depth. */
  #catches: number[] = [];
  #labels: string[] = [];
  /** The name the node just entered gives to a function in it. */
  #given: string | null = null;

  constructor(scopes: Scopes) {
    this.#scopes = scopes;
  }

  start(program: Program): void {
    this.#function(null, '(macro)', program, () =>
      eachChild(program, (child) => this.#visit(child)),
    );
  }

  #function(node: FunctionNode | null, name: string, body: AnyNode, work: () => void): void {
    const outer = {
      owner: this.#owner,
      targets: this.#targets,
      catches: this.#catches,
      labels: this.#labels,
    };
    this.#owner = { node, name, body, throws: [], calls: [] };
    this.functions.push(this.#owner);
    this.#targets = [];
    this.#catches = [];
    this.#labels = [];
    work();
    this.#owner = outer.owner;
    this.#targets = outer.targets;
    this.#catches = outer.catches;
    this.#labels = outer.labels;
  }

  #visit(node: AnyNode): void {
    const labels = this.#labels;
    if (node.type !== 'LabeledStatement') this.#labels = [];
    if (isFunction(node)) {
      const name = nameOf(node) ?? this.#given ?? '(function)';
      this.#given = null;
      this.#function(node, name, node.body, () =>
        eachChild(node as AnyNode, (child) => this.#visit(child)),
      );
      return;
    }
    this.#given = givenName(node);
    switch (node.type) {
      case 'LabeledStatement':
        this.#labels = [...labels, node.label.name];
        this.#visit(node.body);
        return;
      case 'WhileStatement':
      case 'DoWhileStatement':
      case 'ForStatement':
      case 'ForInStatement':
      case 'ForOfStatement':
        this.#loop(node, labels);
        return;
      case 'SwitchStatement':
        this.#within({ loop: null, labels, isSwitch: true }, node);
        return;
      case 'IfStatement':
        this.#branch(node);
        return;
      case 'TryStatement':
        this.#try(node);
        return;
      case 'BreakStatement':
      case 'ContinueStatement':
        this.#jump(node, node.label?.name ?? null);
        return;
      case 'ReturnStatement':
        this.#leave(node);
        break;
      case 'YieldExpression':
        this.#leave(node);
        break;
      case 'ThrowStatement':
        this.#throw(node);
        break;
      case 'AwaitExpression':
        for (const loop of this.#openLoops()) loop.awaits.push(node);
        break;
      case 'CallExpression':
      case 'NewExpression':
        this.#owner.calls.push(node);
        for (const loop of this.#openLoops()) loop.calls.push(node);
        // What leaves by a call: nothing else throws on purpose.
        if (node.type === 'CallExpression' && isThrower(node)) this.#throw(node);
        break;
    }
    if (node.type === 'BlockStatement' && labels.length > 0)
      this.#within({ loop: null, labels, isSwitch: false }, node);
    else eachChild(node, (child) => this.#visit(child));
  }

  #openLoops(): LoopFact[] {
    return this.#targets.flatMap(({ loop }) => (loop ? [loop] : []));
  }

  #loop(node: LoopNode, labels: readonly string[]): void {
    const loop: LoopFact = {
      node,
      owner: this.#owner,
      label: labels[0] ?? null,
      exits: [],
      awaits: [],
      calls: [],
    };
    this.loops.push(loop);
    this.#catches.push(0);
    this.#within({ loop, labels, isSwitch: false }, node);
    this.#catches.pop();
  }

  #within(target: Target, node: AnyNode): void {
    this.#targets.push(target);
    eachChild(node, (child) => this.#visit(child));
    this.#targets.pop();
  }

  /** A branch that a constant keeps out is not walked: its exits are none. */
  #branch(node: Extract<AnyNode, { type: 'IfStatement' }>): void {
    const test = constantOf(node.test, this.#scopes);
    this.#visit(node.test);
    if (!test || test.value) this.#visit(node.consequent);
    if (node.alternate && !test?.value) this.#visit(node.alternate);
  }

  #try(node: Extract<AnyNode, { type: 'TryStatement' }>): void {
    const depth = this.#catches.length - 1;
    if (node.handler && depth >= 0) this.#catches[depth] = (this.#catches[depth] ?? 0) + 1;
    this.#visit(node.block);
    if (node.handler && depth >= 0) this.#catches[depth] = (this.#catches[depth] ?? 0) - 1;
    if (node.handler) this.#visit(node.handler);
    if (node.finalizer) this.#visit(node.finalizer);
  }

  /** Leaves every loop of this function. */
  #leave(node: AnyNode): void {
    for (const loop of this.#openLoops()) loop.exits.push(node);
  }

  /** Leaves the loops up to the first one that has caught it. */
  #throw(node: AnyNode): void {
    const loops = this.#openLoops();
    for (let at = loops.length - 1; at >= 0; at--) {
      if ((this.#catches[at] ?? 0) > 0) return;
      loops[at]?.exits.push(node);
    }
    this.#owner.throws.push(node);
  }

  #jump(
    node: Extract<AnyNode, { type: 'BreakStatement' | 'ContinueStatement' }>,
    label: string | null,
  ): void {
    const isBreak = node.type === 'BreakStatement';
    for (let at = this.#targets.length - 1; at >= 0; at--) {
      const target = this.#targets[at];
      if (!target) return;
      const isAim =
        label === null
          ? target.loop !== null || (isBreak && target.isSwitch)
          : target.labels.includes(label);
      if (isAim) {
        if (isBreak) target.loop?.exits.push(node);
        return;
      }
      target.loop?.exits.push(node);
    }
  }
}

/** Calls whose very purpose is to throw. */
function isThrower(node: Extract<AnyNode, { type: 'CallExpression' }>): boolean {
  const { callee } = node;
  return (
    callee.type === 'MemberExpression' &&
    callee.property.type === 'Identifier' &&
    callee.property.name === 'throwIfAborted'
  );
}

function nameOf(node: FunctionNode): string | null {
  return node.type !== 'ArrowFunctionExpression' && node.id ? node.id.name : null;
}

/** `const f = () => …`, `f = function …` and `{ f: () => … }` name what they hold. */
function givenName(node: AnyNode): string | null {
  if (node.type === 'VariableDeclarator')
    return node.id.type === 'Identifier' ? node.id.name : null;
  if (node.type === 'AssignmentExpression') {
    return node.left.type === 'Identifier' ? node.left.name : null;
  }
  if (node.type !== 'Property' && node.type !== 'MethodDefinition') return null;
  return !node.computed && node.key.type === 'Identifier' ? node.key.name : null;
}
