// Owns the one walk over a program's tree: it tells names to the scopes and collects everything the facts list. It judges
// nothing. Its switch is ordered by how common a node is: this is the hottest code of the linter.

import type { AnyNode, Function as FunctionNode, Identifier, Pattern, Program } from 'acorn';
import type { FunctionFact, Guard, LoopFact, LoopNode, NodeOf, Places, Site } from './facts.ts';
import { ScopeBuilder, type Scopes } from './scopes.ts';
import { eachChild, isFunction, TREE_DEPTH_MAX } from './tree.ts';

/** What the walk brings back. */
export interface Walked extends Places {
  readonly scopes: Scopes;
  readonly functions: readonly FunctionFact[];
  readonly loops: readonly LoopFact[];
}

/** Walks a program; `tooDeep` is the first node deeper than {@link TREE_DEPTH_MAX}, which ends the walk. */
export function walkProgram(program: Program): Walked | { readonly tooDeep: AnyNode } {
  const walk = new Walk(program);
  walk.start(program);
  if (walk.tooDeep) return { tooDeep: walk.tooDeep };
  return {
    ...walk.places,
    scopes: walk.names.finish(),
    functions: walk.functions,
    loops: walk.loops,
  };
}

/** Something around a node that a jump aims at, or that stops a throw or every jump. */
interface Frame {
  readonly kind: 'loop' | 'switch' | 'label' | 'catch' | 'override';
  readonly loop: LoopFact | null;
  readonly labels: readonly string[];
}

/** The most ways out kept of a loop: more say nothing new. */
const EXITS_MAX = 12;
const NO_LABELS: readonly string[] = [];

class Walk {
  readonly names: ScopeBuilder;
  readonly functions: FunctionFact[] = [];
  readonly loops: LoopFact[] = [];
  readonly places: Places = {
    calls: [],
    awaits: [],
    assignments: [],
    regexes: [],
    powers: [],
    imports: [],
    spreads: [],
    templates: [],
    arrayPatterns: [],
    classes: [],
    taken: [],
    accessors: [],
    methods: [],
  };
  tooDeep: AnyNode | null = null;
  #depth = 0;
  #owner!: FunctionFact;
  #loop: LoopFact | null = null;
  #frames: Frame[] = [];
  #guard: Guard | null = null;
  #labels = NO_LABELS;
  /** True after a jump, to the end of its block: nothing there runs. */
  #isDead = false;
  /** The name the node just entered gives to a function in it. */
  #given: string | null = null;

  constructor({ end }: Program) {
    this.names = new ScopeBuilder(end);
  }

  start(program: Program): void {
    this.#owner = this.#newFunction(null, '(macro)', program);
    this.#statements(program.body, program);
  }

  #newFunction(node: FunctionNode | null, name: string, body: AnyNode): FunctionFact {
    const parent = this.#owner ?? null;
    const fact: FunctionFact = {
      node,
      name,
      body,
      parent,
      depth: parent ? parent.depth + 1 : 0,
      throws: [],
      calls: [],
      awaits: [],
      loops: [],
      returns: [],
    };
    this.functions.push(fact);
    return fact;
  }

  #site<Node extends AnyNode>(node: Node, parent: AnyNode): Site<Node> {
    return { node, parent, owner: this.#owner, loop: this.#loop };
  }

  #visit(node: AnyNode, parent: AnyNode): void {
    switch (node.type) {
      case 'Identifier':
        this.names.read(node);
        return;
      case 'Literal':
        if (node.regex) this.places.regexes.push(this.#site(node, parent));
        return;
      case 'ThisExpression':
        return;
    }
    if (++this.#depth > TREE_DEPTH_MAX) this.tooDeep ??= node;
    if (!this.tooDeep) this.#enter(node, parent);
    this.#depth--;
  }

  #enter(node: AnyNode, parent: AnyNode): void {
    const given = this.#given;
    this.#given = null;
    switch (node.type) {
      case 'MemberExpression':
        this.#visit(node.object, node);
        if (node.computed) this.#visit(node.property, node);
        return;
      case 'CallExpression':
      case 'NewExpression':
        this.#call(node, parent);
        return;
      case 'Property':
        if (node.computed) this.#visit(node.key, node);
        if (node.kind !== 'init') this.places.accessors.push(this.#site(node, parent));
        else if (isFunction(node.value)) this.places.methods.push(this.#site(node, parent));
        this.#given = keyName(node);
        this.#visit(node.value, node);
        return;
      case 'BinaryExpression':
        if (node.operator === '**') this.places.powers.push(this.#site(node, parent));
        if (node.left.type !== 'PrivateIdentifier') this.#visit(node.left, node);
        this.#visit(node.right, node);
        return;
      case 'LogicalExpression':
        this.#visit(node.left, node);
        if (node.operator === '??') this.#visit(node.right, node);
        else this.#under(node.left, node.operator === '&&', node.right, node);
        return;
      case 'BlockStatement':
        this.#block(node);
        return;
      case 'ExpressionStatement':
        this.#visit(node.expression, node);
        return;
      case 'VariableDeclaration':
        for (const { id, init } of node.declarations) {
          this.#declare(id, init ?? null, node.kind === 'var');
          if (!init) continue;
          if (id.type === 'ObjectPattern') this.places.taken.push({ pattern: id, from: init });
          this.#given = id.type === 'Identifier' ? id.name : null;
          this.#visit(init, node);
        }
        return;
      case 'AssignmentExpression':
        this.#assign(node, parent);
        return;
      case 'IfStatement':
      case 'ConditionalExpression':
        this.#branch(node);
        return;
      case 'ReturnStatement':
        if (node.argument) this.#visit(node.argument, node);
        if (!this.#isDead) this.#owner.returns.push(this.#site(node, parent));
        this.#leaveAll(node);
        return;
      case 'FunctionDeclaration':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        this.#function(node, given);
        return;
      case 'UnaryExpression':
        this.#visit(node.argument, node);
        return;
      case 'ObjectExpression':
        for (const property of node.properties) this.#visit(property, node);
        return;
      case 'ArrayExpression':
        for (const element of node.elements) if (element) this.#visit(element, node);
        return;
      case 'UpdateExpression':
        if (node.argument.type === 'Identifier') this.names.write(node.argument, null, node);
        else this.#visit(node.argument, node);
        return;
      case 'AwaitExpression':
        this.#visit(node.argument, node);
        this.#note(this.places.awaits, this.#owner.awaits, this.#site(node, parent));
        return;
      default:
        this.#enterRare(node, parent);
    }
  }

  #enterRare(node: AnyNode, parent: AnyNode): void {
    switch (node.type) {
      case 'LabeledStatement': {
        const labels = this.#labels;
        this.#labels = [...labels, node.label.name];
        this.#visit(node.body, node);
        this.#labels = labels;
        return;
      }
      case 'WhileStatement':
      case 'DoWhileStatement':
      case 'ForStatement':
      case 'ForInStatement':
      case 'ForOfStatement':
        this.#loopStatement(node);
        return;
      case 'SwitchStatement':
        this.#switch(node);
        return;
      case 'TryStatement':
        this.#try(node);
        return;
      case 'BreakStatement':
      case 'ContinueStatement':
        this.#jump(node, node.label?.name ?? null);
        return;
      case 'YieldExpression':
        if (node.argument) this.#visit(node.argument, node);
        this.#leaveAll(node);
        return;
      case 'ThrowStatement':
        this.#visit(node.argument, node);
        this.#throw(node);
        return;
      case 'ClassDeclaration':
      case 'ClassExpression':
        this.places.classes.push(this.#site(node, parent));
        if (node.id) this.names.declare(node.id, node, false);
        if (node.superClass) this.#visit(node.superClass, node);
        this.#visit(node.body, node);
        return;
      case 'MethodDefinition':
      case 'PropertyDefinition':
        if (node.computed) this.#visit(node.key, node);
        if (node.type === 'MethodDefinition') {
          const isAccessor = node.kind === 'get' || node.kind === 'set';
          const { accessors, methods } = this.places;
          (isAccessor ? accessors : methods).push(this.#site(node, parent));
        }
        this.#given = keyName(node);
        if (node.value) this.#visit(node.value, node);
        return;
      case 'StaticBlock': {
        const outer = this.names.enter(true, this.names.owner);
        this.#statements(node.body, node);
        this.names.leave(outer);
        return;
      }
      case 'ImportExpression':
        this.places.imports.push(this.#site(node, parent));
        break;
      case 'SpreadElement':
        this.places.spreads.push(this.#site(node, parent));
        break;
      case 'TaggedTemplateExpression':
        this.places.templates.push(this.#site(node, parent));
        break;
      case 'WithStatement':
        this.names.sawWith();
        break;
    }
    eachChild(node, (child) => this.#visit(child, node));
  }

  #note<Each extends Site>(all: Each[], own: Each[], site: Each): void {
    all.push(site);
    own.push(site);
  }

  #call(node: NodeOf<'CallExpression' | 'NewExpression'>, parent: AnyNode): void {
    this.#note(this.places.calls, this.#owner.calls, this.#site(node, parent));
    this.#visit(node.callee, node);
    for (const argument of node.arguments) this.#visit(argument, node);
    // What leaves by a call: nothing else throws on purpose.
    if (node.type === 'CallExpression' && isThrower(node)) this.#throw(node);
  }

  #assign(node: NodeOf<'AssignmentExpression'>, parent: AnyNode): void {
    const { left, right, operator } = node;
    this.places.assignments.push(this.#site(node, parent));
    if (operator === '**=') this.places.powers.push(this.#site(node, parent));
    if (left.type === 'Identifier') {
      this.names.write(left, operator === '=' ? right : null, left);
      if (operator !== '=') this.names.read(left);
      this.#given = left.name;
    } else if (left.type === 'MemberExpression') {
      this.#visit(left, node);
      this.#given = keyName({ key: left.property, computed: left.computed });
    } else this.#eachTarget(left, (target) => this.#writeTarget(target));
    this.#visit(right, node);
  }

  #writeTarget(target: Identifier): void {
    this.names.write(target, null, target);
  }

  // Names

  /** @param isGiven a parameter's or a loop's variable: its value comes from elsewhere */
  #declare(pattern: Pattern, init: AnyNode | null, isVar: boolean, isGiven = false): void {
    if (pattern.type === 'Identifier') {
      const isSet = init !== null || isGiven || !isVar;
      this.names.declare(pattern, isSet ? init : undefined, isVar);
    } else this.#eachTarget(pattern, (target) => this.names.declare(target, null, isVar));
  }

  #eachTarget(pattern: AnyNode, visit: (target: Identifier) => void): void {
    if (++this.#depth > TREE_DEPTH_MAX) this.tooDeep ??= pattern;
    if (!this.tooDeep) this.#enterPattern(pattern, visit);
    this.#depth--;
  }

  #enterPattern(pattern: AnyNode, visit: (target: Identifier) => void): void {
    switch (pattern.type) {
      case 'Identifier':
        visit(pattern);
        return;
      case 'AssignmentPattern':
        this.#eachTarget(pattern.left, visit);
        this.#visit(pattern.right, pattern);
        return;
      case 'RestElement':
        this.#eachTarget(pattern.argument, visit);
        return;
      case 'ArrayPattern':
        this.places.arrayPatterns.push(this.#site(pattern, pattern));
        for (const element of pattern.elements) if (element) this.#eachTarget(element, visit);
        return;
      case 'ObjectPattern':
        for (const property of pattern.properties) {
          if (property.type === 'RestElement') this.#eachTarget(property.argument, visit);
          else {
            if (property.computed) this.#visit(property.key, property);
            this.#eachTarget(property.value, visit);
          }
        }
        return;
      default:
        this.#visit(pattern, pattern);
    }
  }

  #function(node: FunctionNode, given: string | null): void {
    const name =
      (node.type !== 'ArrowFunctionExpression' && node.id?.name) || given || '(function)';
    if (node.type === 'FunctionDeclaration' && node.id)
      this.names.declare(node.id, node as AnyNode, true);
    const outer = {
      owner: this.#owner,
      loop: this.#loop,
      frames: this.#frames,
      guard: this.#guard,
      isDead: this.#isDead,
      labels: this.#labels,
    };
    this.#owner = this.#newFunction(node, name, node.body);
    this.#loop = null;
    this.#frames = [];
    this.#guard = null;
    this.#isDead = false;
    this.#labels = NO_LABELS;
    const scope = this.names.enter(true, node);
    if (node.type === 'FunctionExpression' && node.id)
      this.names.declare(node.id, node as AnyNode, false);
    for (const param of node.params) this.#declare(param, null, false, true);
    if (node.body.type === 'BlockStatement') this.#statements(node.body.body, node.body);
    else this.#visit(node.body, node as AnyNode);
    this.names.leave(scope);
    this.#owner = outer.owner;
    this.#loop = outer.loop;
    this.#frames = outer.frames;
    this.#guard = outer.guard;
    this.#isDead = outer.isDead;
    this.#labels = outer.labels;
  }

  // Control flow

  #block(node: NodeOf<'BlockStatement'>): void {
    const scope = this.names.enter(false, this.names.owner);
    if (this.#labels.length > 0) {
      this.#framed({ kind: 'label', loop: null, labels: this.#labels }, () =>
        this.#statements(node.body, node),
      );
    } else this.#statements(node.body, node);
    this.names.leave(scope);
  }

  #statements(list: readonly AnyNode[], parent: AnyNode): void {
    const wasDead = this.#isDead;
    for (const statement of list) {
      this.#visit(statement, parent);
      if (jumps(statement, JUMP_DEPTH)) this.#isDead = true;
    }
    this.#isDead = wasDead;
  }

  #framed(frame: Frame, work: () => void): void {
    const labels = this.#labels;
    this.#labels = NO_LABELS;
    this.#frames.push(frame);
    work();
    this.#frames.pop();
    this.#labels = labels;
  }

  #loopStatement(node: LoopNode): void {
    const labels = this.#labels;
    const outer = this.#loop;
    const loop: LoopFact = {
      node,
      owner: this.#owner,
      outer,
      label: labels[0] ?? null,
      exits: [],
    };
    this.loops.push(loop);
    this.#owner.loops.push(loop);
    const scope = this.names.enter(false, this.names.owner);
    const isDead = this.#isDead;
    this.#loop = loop;
    this.#framed({ kind: 'loop', loop, labels }, () => {
      if (node.type === 'ForInStatement' || node.type === 'ForOfStatement') {
        const { left } = node;
        if (left.type === 'VariableDeclaration') {
          for (const { id } of left.declarations)
            this.#declare(id, null, left.kind === 'var', true);
        } else this.#eachTarget(left, (target) => this.#writeTarget(target));
        this.#visit(node.right, node);
        this.#visit(node.body, node);
      } else eachChild(node, (child) => this.#visit(child, node));
    });
    this.#loop = outer;
    this.#isDead = isDead;
    this.names.leave(scope);
  }

  #switch(node: NodeOf<'SwitchStatement'>): void {
    const labels = this.#labels;
    this.#visit(node.discriminant, node);
    const scope = this.names.enter(false, this.names.owner);
    this.#framed({ kind: 'switch', loop: null, labels }, () => {
      for (const { test, consequent } of node.cases) {
        if (test) this.#visit(test, node);
        this.#statements(consequent, node);
      }
    });
    this.names.leave(scope);
  }

  #branch(node: NodeOf<'IfStatement' | 'ConditionalExpression'>): void {
    this.#visit(node.test, node);
    this.#under(node.test, true, node.consequent, node);
    if (node.alternate) this.#under(node.test, false, node.alternate, node);
  }

  #under(test: AnyNode, when: boolean, node: AnyNode, parent: AnyNode): void {
    const outer = this.#guard;
    this.#guard = { test, when, outer };
    const isDead = this.#isDead;
    this.#visit(node, parent);
    this.#isDead = isDead;
    this.#guard = outer;
  }

  /** A `finally` that always jumps takes back every jump out of what it guards, and every throw. */
  #try(node: NodeOf<'TryStatement'>): void {
    const isOverridden = node.finalizer?.body.some((each) => jumps(each, JUMP_DEPTH)) ?? false;
    const override: Frame = { kind: 'override', loop: null, labels: NO_LABELS };
    if (isOverridden) this.#frames.push(override);
    if (node.handler) {
      this.#frames.push({ kind: 'catch', loop: null, labels: NO_LABELS });
      this.#visit(node.block, node);
      this.#frames.pop();
      const scope = this.names.enter(false, this.names.owner);
      if (node.handler.param) this.#declare(node.handler.param, null, false, true);
      this.#visit(node.handler.body, node);
      this.names.leave(scope);
    } else this.#visit(node.block, node);
    if (isOverridden) this.#frames.pop();
    if (node.finalizer) this.#visit(node.finalizer, node);
  }

  #exit(loop: LoopFact, node: AnyNode): void {
    if (loop.exits.length < EXITS_MAX) loop.exits.push({ node, guard: this.#guard });
  }

  /** Leaves every loop of this function that no `finally` holds. */
  #leaveAll(node: AnyNode): void {
    if (this.#isDead) return;
    for (let at = this.#frames.length - 1; at >= 0; at--) {
      const { kind, loop } = this.#frames[at] as Frame;
      if (kind === 'override') return;
      if (loop) this.#exit(loop, node);
    }
  }

  /** Leaves the loops up to the first `try` that catches it. */
  #throw(node: AnyNode): void {
    if (this.#isDead) return;
    for (let at = this.#frames.length - 1; at >= 0; at--) {
      const { kind, loop } = this.#frames[at] as Frame;
      if (kind === 'catch' || kind === 'override') return;
      if (loop) this.#exit(loop, node);
    }
    this.#owner.throws.push(node);
  }

  #jump(node: NodeOf<'BreakStatement' | 'ContinueStatement'>, label: string | null): void {
    if (this.#isDead) return;
    const isBreak = node.type === 'BreakStatement';
    for (let at = this.#frames.length - 1; at >= 0; at--) {
      const { kind, loop, labels } = this.#frames[at] as Frame;
      if (kind === 'override') return;
      const isAim =
        label === null ? kind === 'loop' || (isBreak && kind === 'switch') : labels.includes(label);
      if (loop && (isBreak || !isAim)) this.#exit(loop, node);
      if (isAim) return;
    }
  }
}

/** How many blocks deep a jump is looked for: each block is asked again by those around it. */
const JUMP_DEPTH = 3;

/** True for a statement after which the next one never runs. */
function jumps(node: AnyNode, depth: number): boolean {
  switch (node.type) {
    case 'ReturnStatement':
    case 'ThrowStatement':
    case 'BreakStatement':
    case 'ContinueStatement':
      return true;
    case 'BlockStatement':
      return depth > 0 && node.body.some((each) => jumps(each, depth - 1));
    case 'IfStatement':
      return (
        depth > 0 &&
        node.alternate != null &&
        jumps(node.consequent, depth - 1) &&
        jumps(node.alternate, depth - 1)
      );
    default:
      return false;
  }
}

/** Calls whose very purpose is to throw. */
function isThrower(node: NodeOf<'CallExpression'>): boolean {
  const { callee } = node;
  return (
    callee.type === 'MemberExpression' &&
    callee.property.type === 'Identifier' &&
    callee.property.name === 'throwIfAborted'
  );
}

/** `{ f: () => … }` and `x.f = () => …` name what they hold. */
function keyName({ key, computed }: { readonly key: AnyNode; readonly computed: boolean }) {
  if (key.type === 'PrivateIdentifier') return `#${key.name}`;
  if (!computed) return key.type === 'Identifier' ? key.name : null;
  const isSymbol =
    key.type === 'MemberExpression' &&
    key.property.type === 'Identifier' &&
    key.object.type === 'Identifier' &&
    key.object.name === 'Symbol';
  return isSymbol ? `[Symbol.${(key.property as Identifier).name}]` : null;
}
