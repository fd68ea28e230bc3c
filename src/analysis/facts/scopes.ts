// Owns names: which declaration each identifier refers to, and everywhere a variable is written. The walk tells it what
// it comes by; names are resolved at the end, when every declaration is known.

import type { AnyNode, Function as FunctionNode, Identifier } from 'acorn';

/** A value known for certain. */
export interface Known {
  readonly value: string | number | boolean | null | undefined | object;
}

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
  /** Its one value, null where it is not certain; undefined until somebody has asked (constants.ts). */
  known: Known | null | undefined;
}

/** What every identifier refers to; one that is missing refers to a global. */
export interface Scopes {
  readonly variables: Variables;
  /** Each place that names a global, in the order of the source. */
  readonly globals: readonly Identifier[];
  /** True when `eval` or `with` is named: then any name may be written unseen. */
  readonly isDynamic: boolean;
}

/** The variable of each identifier: by its place in the text, which takes less time and memory than a Map of nodes. */
export class Variables {
  /** For each character of the text the index of the variable that is named there, plus one. */
  readonly #at: Int32Array;
  readonly #all: readonly Variable[];

  constructor(at: Int32Array, all: readonly Variable[]) {
    this.#at = at;
    this.#all = all;
  }

  /** The variable an identifier names. */
  get({ start }: Identifier): Variable | undefined {
    return this.#all[(this.#at[start] ?? 0) - 1];
  }

  /** True for an identifier that names no global. */
  has({ start }: Identifier): boolean {
    return (this.#at[start] ?? 0) !== 0;
  }
}

interface Scope {
  names: Map<string, Declared> | null;
  readonly parent: Scope | null;
  readonly depth: number;
  readonly isFunction: boolean;
  readonly owner: FunctionNode | null;
}

/** A variable, and what it has for the time of resolving. */
interface Declared extends Variable {
  readonly index: number;
  /** The variable of the same name that it hides; undefined while its scope is not open. */
  hides: Declared | null;
}

/** Builds the scopes of one program, told of everything in the order of the source. */
export class ScopeBuilder {
  readonly #all: Declared[] = [];
  readonly #at: Int32Array;
  // References wait until all declarations are known: a function may stand above what it uses. Three lists instead of
  // one of objects, since most of a program is references.
  readonly #identifiers: Identifier[] = [];
  readonly #scopes: Scope[] = [];
  readonly #writes: (Write | null)[] = [];
  #isDynamic = false;
  #scope: Scope = { names: null, parent: null, depth: 0, isFunction: true, owner: null };

  /** @param length of the program's text, in characters */
  constructor(length: number) {
    this.#at = new Int32Array(length);
  }

  /** The function whose code is being told; null at the top. */
  get owner(): FunctionNode | null {
    return this.#scope.owner;
  }

  /** Opens a scope; give what it returns to {@link leave}. */
  enter(isFunction: boolean, owner: FunctionNode | null): Scope {
    const parent = this.#scope;
    this.#scope = { names: null, parent, depth: parent.depth + 1, isFunction, owner };
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
    const { name, start } = id;
    const write = value === undefined ? null : { node: id, value, owner: this.#scope.owner };
    let variable = scope.names.get(name);
    if (!variable) {
      variable = {
        name,
        owner: scope.owner,
        writes: [],
        reads: [],
        known: undefined,
        index: this.#all.length + 1,
        hides: null,
      };
      this.#all.push(variable);
      scope.names.set(name, variable);
    }
    this.#at[start] = variable.index;
    if (write) variable.writes.push(write);
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
    const globals: Identifier[] = [];
    const open = new OpenScopes();
    for (let at = 0; at < this.#identifiers.length; at++) {
      const id = this.#identifiers[at] as Identifier;
      open.goTo(this.#scopes[at] as Scope);
      const variable = open.names.get(id.name);
      if (variable) {
        this.#at[id.start] = variable.index;
        const write = this.#writes[at];
        if (write) variable.writes.push(write);
        else variable.reads.push(id);
      } else {
        globals.push(id);
        if (id.name === 'eval') this.#isDynamic = true;
      }
    }
    return {
      variables: new Variables(this.#at, this.#all),
      globals,
      isDynamic: this.#isDynamic,
    };
  }
}

/**
 * The names that can be seen from a place. It goes from place to place in the order of the source, so each scope is
 * opened and closed once, and looking up a name takes one step however deep the scopes are.
 */
class OpenScopes {
  readonly names = new Map<string, Declared | null>();
  #scope: Scope | null = null;

  goTo(scope: Scope): void {
    if (scope === this.#scope) return;
    const opening: Scope[] = [];
    let common: Scope | null = scope;
    while (common && common.depth > (this.#scope?.depth ?? -1)) {
      opening.push(common);
      common = common.parent;
    }
    for (let at = this.#scope; at !== common; ) {
      if (at && at.depth > (common?.depth ?? -1)) {
        this.#close(at);
        at = at.parent;
      } else {
        opening.push(common as Scope);
        common = (common as Scope).parent;
      }
    }
    for (let at = opening.length - 1; at >= 0; at--) this.#open(opening[at] as Scope);
    this.#scope = scope;
  }

  #open({ names }: Scope): void {
    if (!names) return;
    for (const variable of names.values()) {
      variable.hides = this.names.get(variable.name) ?? null;
      this.names.set(variable.name, variable);
    }
  }

  #close({ names }: Scope): void {
    if (!names) return;
    for (const variable of names.values()) this.names.set(variable.name, variable.hides);
  }
}
