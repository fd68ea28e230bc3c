// Owns names: which declaration each identifier refers to, and everywhere a variable is written. The walk tells it what
// it comes by; names are resolved at the end, when every declaration is known.

import type { AnyNode, Function as FunctionNode, Identifier } from 'acorn';

/** A place that gives a variable a value. */
export interface Write {
  readonly node: AnyNode;
  /** What it gives; null where it is not a plain `= value`. */
  readonly value: AnyNode | null;
  /** The function it stands in; null at the top. */
  readonly owner: FunctionNode | null;
}

/** A declared name. */
export interface Variable {
  readonly name: string;
  /** The function that declares it; null at the top. */
  readonly owner: FunctionNode | null;
  /** Each place that gives it a value, its initialiser included. */
  readonly writes: Write[];
  /** Identifiers that read it. */
  readonly reads: Identifier[];
}

/** What every identifier refers to; one that is missing refers to a global. */
export interface Scopes {
  readonly variables: ReadonlyMap<Identifier, Variable>;
  /** Each place that names a global, in the order of the source. */
  readonly globals: readonly Identifier[];
  /** True when `eval` or `with` is named: then any name may be written unseen. */
  readonly isDynamic: boolean;
}

interface Scope {
  names: Map<string, Variable> | null;
  readonly parent: Scope | null;
  readonly isFunction: boolean;
  readonly owner: FunctionNode | null;
}

/** Steps up the scopes that one text may cost; beyond it nothing is certain. */
const STEPS_MAX = 30_000_000;

/** Builds the scopes of one program, told of everything in the order of the source. */
export class ScopeBuilder {
  readonly #variables = new Map<Identifier, Variable>();
  // References wait until all declarations are known: a function may stand above what it uses. Three lists instead of
  // one of objects, since most of a program is references.
  readonly #identifiers: Identifier[] = [];
  readonly #scopes: Scope[] = [];
  readonly #writes: (Write | null)[] = [];
  #isDynamic = false;
  #scope: Scope = { names: null, parent: null, isFunction: true, owner: null };

  /** The function whose code is being told; null at the top. */
  get owner(): FunctionNode | null {
    return this.#scope.owner;
  }

  /** Opens a scope; give what it returns to {@link leave}. */
  enter(isFunction: boolean, owner: FunctionNode | null): Scope {
    const parent = this.#scope;
    this.#scope = { names: null, parent, isFunction, owner };
    return parent;
  }

  /** Closes a scope. */
  leave(parent: Scope): void {
    this.#scope = parent;
  }

  /** A `with`: any name in it may be a property of some object. */
  sawWith(): void {
    this.#isDynamic = true;
  }

  /**
   * A declaration.
   * @param value its initialiser; null for a value from elsewhere (a parameter, a pattern), undefined for none at all
   * @param isVar true for `var` and functions, which belong to the function around them
   */
  declare(id: Identifier, value: AnyNode | null | undefined, isVar: boolean): void {
    let scope = this.#scope;
    while (isVar && !scope.isFunction && scope.parent) scope = scope.parent;
    scope.names ??= new Map();
    let variable = scope.names.get(id.name);
    if (!variable) {
      variable = { name: id.name, owner: scope.owner, writes: [], reads: [] };
      scope.names.set(id.name, variable);
    }
    this.#variables.set(id, variable);
    if (value !== undefined) variable.writes.push({ node: id, value, owner: this.#scope.owner });
  }

  /** An identifier whose value is asked for. */
  read(id: Identifier): void {
    this.#refer(id, null);
  }

  /** An identifier that is given a value by `node`. */
  write(id: Identifier, value: AnyNode | null, node: AnyNode): void {
    this.#refer(id, { node, value, owner: this.#scope.owner });
  }

  #refer(id: Identifier, write: Write | null): void {
    this.#identifiers.push(id);
    this.#scopes.push(this.#scope);
    this.#writes.push(write);
  }

  /** Resolves all names; to be called once, at the end. */
  finish(): Scopes {
    let steps = STEPS_MAX;
    const globals: Identifier[] = [];
    for (let at = 0; at < this.#identifiers.length; at++) {
      const id = this.#identifiers[at] as Identifier;
      let scope: Scope | null = this.#scopes[at] as Scope;
      let variable: Variable | undefined;
      for (; scope && steps > 0; steps--) {
        variable = scope.names?.get(id.name);
        if (variable) break;
        scope = scope.parent;
      }
      if (variable) {
        this.#variables.set(id, variable);
        const write = this.#writes[at];
        if (write) variable.writes.push(write);
        else variable.reads.push(id);
      } else {
        globals.push(id);
        if (id.name === 'eval') this.#isDynamic = true;
      }
    }
    return { variables: this.#variables, globals, isDynamic: this.#isDynamic || steps === 0 };
  }
}
