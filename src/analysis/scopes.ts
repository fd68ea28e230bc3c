// Owns names: which declaration each identifier refers to, and everywhere a variable is written. One walk, no judgement.

import type { AnyNode, Function as FunctionNode, Identifier, Program } from 'acorn';
import { eachChild, isFunction } from './tree.ts';

/** A declared name. */
export interface Variable {
  readonly name: string;
  /** The function that declares it; null at the top. */
  readonly owner: FunctionNode | null;
  /** Each place that gives it a value, its initialiser included; `value` is null where it is not a plain `= value`. */
  readonly writes: {
    readonly node: AnyNode;
    readonly value: AnyNode | null;
    readonly owner: FunctionNode | null;
  }[];
  /** Identifiers that read it. */
  readonly reads: Identifier[];
}

/** What every identifier refers to; one that is missing refers to a global. */
export interface Scopes {
  readonly variables: ReadonlyMap<Identifier, Variable>;
  /** True when `eval` or `with` is named: then any name may be written unseen. */
  readonly isDynamic: boolean;
}

interface Scope {
  readonly names: Map<string, Variable>;
  readonly parent: Scope | null;
  readonly isFunction: boolean;
  readonly owner: FunctionNode | null;
}

/** Resolves all names of a program. */
export function resolveScopes(program: Program): Scopes {
  const resolver = new Resolver();
  resolver.enter(program);
  return resolver.finish();
}

class Resolver {
  readonly #variables = new Map<Identifier, Variable>();
  /** Reads and writes wait until all declarations are known: a function may stand above what it uses. */
  readonly #later: (() => void)[] = [];
  #isDynamic = false;
  #scope: Scope = { names: new Map(), parent: null, isFunction: true, owner: null };

  enter(program: Program): void {
    for (const node of program.body) this.#visit(node);
  }

  finish(): Scopes {
    for (const act of this.#later) act();
    return { variables: this.#variables, isDynamic: this.#isDynamic };
  }

  #within(isFunctionScope: boolean, owner: FunctionNode | null, work: () => void): void {
    const parent = this.#scope;
    this.#scope = { names: new Map(), parent, isFunction: isFunctionScope, owner };
    work();
    this.#scope = parent;
  }

  #visit(node: AnyNode): void {
    if (isFunction(node)) {
      this.#visitFunction(node);
      return;
    }
    switch (node.type) {
      case 'Identifier':
        this.#read(node);
        return;
      case 'VariableDeclaration':
        for (const { id, init } of node.declarations) {
          this.#declarePattern(id, init ?? null, node.kind === 'var');
          if (init) this.#visit(init);
        }
        return;
      case 'ClassDeclaration':
      case 'ClassExpression':
        if (node.id) this.#declare(node.id, node, false);
        if (node.superClass) this.#visit(node.superClass);
        this.#visit(node.body);
        return;
      case 'AssignmentExpression':
        this.#writePattern(node.left, node.operator === '=' ? node.right : null);
        if (node.operator !== '=' && node.left.type === 'Identifier') this.#read(node.left);
        this.#visit(node.right);
        return;
      case 'UpdateExpression':
        if (node.argument.type === 'Identifier') this.#write(node.argument, null, node);
        else this.#visit(node.argument);
        return;
      case 'ForInStatement':
      case 'ForOfStatement':
        this.#within(false, this.#scope.owner, () => {
          if (node.left.type === 'VariableDeclaration')
            for (const { id } of node.left.declarations)
              this.#declarePattern(id, null, node.left.kind === 'var', true);
          else this.#writePattern(node.left, null);
          this.#visit(node.right);
          this.#visit(node.body);
        });
        return;
      case 'BlockStatement':
      case 'ForStatement':
      case 'SwitchStatement':
      case 'StaticBlock':
        this.#within(false, this.#scope.owner, () =>
          eachChild(node, (child) => this.#visit(child)),
        );
        return;
      case 'CatchClause':
        this.#within(false, this.#scope.owner, () => {
          if (node.param) this.#declarePattern(node.param, null, false, true);
          this.#visit(node.body);
        });
        return;
      case 'MemberExpression':
        this.#visit(node.object);
        if (node.computed) this.#visit(node.property);
        return;
      case 'Property':
      case 'MethodDefinition':
      case 'PropertyDefinition':
        if (node.computed) this.#visit(node.key);
        if (node.value) this.#visit(node.value);
        return;
      case 'WithStatement':
        this.#isDynamic = true;
        break;
    }
    eachChild(node, (child) => this.#visit(child));
  }

  #visitFunction(node: FunctionNode): void {
    if (node.type === 'FunctionDeclaration' && node.id)
      this.#declare(node.id, node as AnyNode, true);
    this.#within(true, node, () => {
      if (node.type === 'FunctionExpression' && node.id)
        this.#declare(node.id, node as AnyNode, false);
      for (const param of node.params) this.#declarePattern(param, null, false, true);
      if (node.body.type === 'BlockStatement') for (const each of node.body.body) this.#visit(each);
      else this.#visit(node.body);
    });
  }

  /** @param isGiven a parameter's or a loop's variable: its value comes from elsewhere */
  #declarePattern(pattern: AnyNode, init: AnyNode | null, isVar: boolean, isGiven = false): void {
    if (pattern.type === 'Identifier') {
      const isSet = init !== null || isGiven || !isVar;
      this.#declare(pattern, isSet ? init : undefined, isVar);
      return;
    }
    this.#eachTarget(pattern, (target) => this.#declare(target, null, isVar));
  }

  #eachTarget(pattern: AnyNode, visit: (target: Identifier) => void): void {
    switch (pattern.type) {
      case 'Identifier':
        visit(pattern);
        return;
      case 'AssignmentPattern':
        this.#eachTarget(pattern.left, visit);
        this.#visit(pattern.right);
        return;
      case 'RestElement':
        this.#eachTarget(pattern.argument, visit);
        return;
      case 'ArrayPattern':
        for (const element of pattern.elements) if (element) this.#eachTarget(element, visit);
        return;
      case 'ObjectPattern':
        for (const property of pattern.properties) {
          if (property.type === 'RestElement') this.#eachTarget(property.argument, visit);
          else {
            if (property.computed) this.#visit(property.key);
            this.#eachTarget(property.value, visit);
          }
        }
        return;
      default:
        this.#visit(pattern);
    }
  }

  #declare(id: Identifier, value: AnyNode | null | undefined, isVar: boolean): void {
    let scope = this.#scope;
    while (isVar && !scope.isFunction && scope.parent) scope = scope.parent;
    const known = scope.names.get(id.name);
    const variable = known ?? { name: id.name, owner: scope.owner, writes: [], reads: [] };
    scope.names.set(id.name, variable);
    this.#variables.set(id, variable);
    if (value !== undefined) variable.writes.push({ node: id, value, owner: this.#scope.owner });
  }

  #writePattern(pattern: AnyNode, value: AnyNode | null): void {
    this.#eachTarget(pattern, (target) =>
      this.#write(target, pattern === target ? value : null, target),
    );
  }

  #write(id: Identifier, value: AnyNode | null, node: AnyNode): void {
    const scope = this.#scope;
    this.#later.push(() => {
      const variable = this.#bind(id, scope);
      variable?.writes.push({ node, value, owner: scope.owner });
    });
  }

  #read(id: Identifier): void {
    if (id.name === 'eval') this.#isDynamic = true;
    const scope = this.#scope;
    this.#later.push(() => this.#bind(id, scope)?.reads.push(id));
  }

  #bind(id: Identifier, from: Scope): Variable | null {
    for (let scope: Scope | null = from; scope; scope = scope.parent) {
      const variable = scope.names.get(id.name);
      if (!variable) continue;
      this.#variables.set(id, variable);
      return variable;
    }
    return null;
  }
}
