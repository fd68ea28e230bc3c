// Owns where a macro gives commands: `chat.say({…})`, by whatever name the macro calls it, and `command('/say hi')`.

import type { AnyNode, Function as FunctionNode } from 'acorn';
import type { Command } from '../../model/command.ts';
import { constantOf } from '../facts/constants.ts';
import type { CallNode, Facts, NodeOf, Site } from '../facts/facts.ts';
import type { Variable } from '../facts/scopes.ts';

/** A place that gives a command. */
export interface CommandSite {
  readonly site: Site<CallNode>;
  /** `chat.say`; for a slash line that is not known `command`. */
  readonly name: string;
  readonly category: string;
  readonly verb: string;
  /** What the host declared; null when the host does not have it, or is not known. */
  readonly command: Command | null;
  /** For a slash line: its text; null where it is not known. */
  readonly slash: string | null;
}

/** What JavaScript and Corral have under these names is no host category. */
const OWN_NAMES = new Set(
  (
    'Promise Math JSON Object Array String Number Boolean Symbol BigInt Date Map Set WeakMap WeakSet RegExp Error Reflect ' +
    'Proxy Intl globalThis console log input signal state macros ' +
    'sleep every on random now budget eval arguments'
  ).split(' '),
);
const ALIAS_DEPTH = 5;
/** A property pattern that is not followed. */
const ODD = { key: null, value: null, computed: true } as const;

/** The places that give commands, and what may give some unseen. */
export interface CommandSites {
  /** In the order of the source. */
  readonly sites: readonly CommandSite[];
  /** Where a category, or all of them (`category` null), is used otherwise than by calling its verbs. */
  readonly escapes: readonly Escape[];
}

/** A use of a category whose commands cannot be counted: `list.forEach(chat.say)`, `chat[verb]()`. */
export interface Escape {
  readonly node: AnyNode;
  readonly category: string | null;
}

/** Finds every place that gives a command. */
export function findCommandSites(facts: Facts, catalogue: readonly Command[] | null): CommandSites {
  const finder = new Finder(facts, catalogue);
  const sites: CommandSite[] = [];
  for (const call of facts.calls) {
    const site = finder.read(call);
    if (site) sites.push(site);
  }
  return { sites, escapes: finder.escapes() };
}

class Finder {
  readonly #facts: Facts;
  readonly #catalogue: readonly Command[] | null;
  readonly #byName: ReadonlyMap<string, Command>;
  readonly #categories: ReadonlySet<string> | null;
  /** Names taken out of an object: `const { say } = chat`, `({ chat }) => …`. */
  readonly #main: FunctionNode | null;
  /** Identifiers that are part of a command's call, or of what leads to one. */
  readonly #touched = new Set<AnyNode>();
  readonly #aliases = new Set<Variable>();
  /** What is taken apart in ways that are not followed: `const { chat: { say } } = macro`. */
  readonly #odd: AnyNode[] = [];
  readonly #taken = new Map<AnyNode, { readonly from: AnyNode | null; readonly key: string }>();

  constructor(facts: Facts, catalogue: readonly Command[] | null) {
    this.#facts = facts;
    this.#catalogue = catalogue;
    this.#byName = new Map((catalogue ?? []).map((command) => [command.name, command]));
    this.#categories = catalogue && new Set(catalogue.map(({ category }) => category));
    for (const { pattern, from } of facts.taken) this.#take(pattern, from);
    this.#main = facts.main;
    const [first] = this.#main?.params ?? [];
    if (first?.type === 'ObjectPattern') this.#take(first, null);
  }

  /** @param from what is taken apart; null for the macro's own globals, handed to a module's function */
  #take(pattern: NodeOf<'ObjectPattern'>, from: AnyNode | null): void {
    for (const property of pattern.properties) {
      const { key, value, computed } = property.type === 'Property' ? property : ODD;
      if (!computed && key?.type === 'Identifier' && value?.type === 'Identifier')
        this.#taken.set(value, { from, key: key.name });
      else if (from) this.#odd.push(from);
    }
  }

  read(site: Site<CallNode>): CommandSite | null {
    const { node } = site;
    if (node.type !== 'CallExpression') return null;
    const name = this.#commandName(node.callee, ALIAS_DEPTH);
    if (name === null) this.#passOver(node.callee);
    if (name === 'command') {
      this.#touch(node.callee, ALIAS_DEPTH);
      return this.#slashSite(site, node.arguments[0]);
    }
    const [category, verb] = name?.split('.') ?? [];
    if (category === undefined || verb === undefined || name === null) return null;
    this.#touch(node.callee, ALIAS_DEPTH);
    return { site, name, category, verb, command: this.#byName.get(name) ?? null, slash: null };
  }

  /** `macro.sleep(…)` and `macro.log.warn(…)` give no command. */
  #passOver(callee: AnyNode): void {
    const inner =
      callee.type === 'MemberExpression' && callee.object.type === 'MemberExpression'
        ? callee.object
        : callee;
    if (inner.type !== 'MemberExpression' || inner.computed || !this.#isMacro(inner.object)) return;
    const { property } = inner;
    if (property.type === 'Identifier' && OWN_NAMES.has(property.name))
      this.#touched.add(inner.object);
  }

  #slashSite(site: Site<CallNode>, line: AnyNode | undefined): CommandSite {
    const text = line ? constantOf(line, this.#facts.scopes)?.value : undefined;
    const slash = typeof text === 'string' ? text : null;
    const word = /^\s*\/?\s*([\w.]+)/.exec(slash ?? '')?.[1];
    const command =
      this.#catalogue?.find((each) => each.slash === word || each.name === word) ?? null;
    const { name, category, verb } = command ?? { name: 'command', category: 'command', verb: '' };
    return { site, name, category, verb, command, slash };
  }

  /** `chat.say` for what calls it, `command` for slash lines, null for everything else. */
  #commandName(node: AnyNode, depth: number): string | null {
    if (depth === 0) return null;
    if (node.type === 'Identifier') {
      if (this.#globalOf(node, depth) === 'command') return 'command';
      const taken = this.#takenOf(node);
      if (taken?.from) return this.#join(taken.from, taken.key, depth);
      const value = this.#valueOf(node);
      return value ? this.#commandName(value, depth - 1) : null;
    }
    if (node.type !== 'MemberExpression' || node.computed || node.property.type !== 'Identifier')
      return null;
    if (this.#isMacro(node.object) && node.property.name === 'command') return 'command';
    return this.#join(node.object as AnyNode, node.property.name, depth);
  }

  #join(object: AnyNode, verb: string, depth: number): string | null {
    const category = this.#globalOf(object, depth);
    if (category === null || !this.#isCategory(category)) return null;
    return `${category}.${verb}`;
  }

  /** The macro's global that an expression is, by whatever name. */
  #globalOf(node: AnyNode, depth: number): string | null {
    if (depth === 0) return null;
    if (node.type === 'MemberExpression' && !node.computed && this.#isMacro(node.object))
      return node.property.type === 'Identifier' ? node.property.name : null;
    if (node.type !== 'Identifier') return null;
    const global = this.#facts.globalName(node);
    if (global !== null) return global;
    const taken = this.#takenOf(node);
    if (taken) return taken.from === null || this.#isMacro(taken.from) ? taken.key : null;
    const value = this.#valueOf(node);
    return value ? this.#globalOf(value, depth - 1) : null;
  }

  /** Remembers each name on the way from a call to its category. */
  #touch(node: AnyNode, depth: number): void {
    if (depth < 0) return;
    if (node.type === 'MemberExpression') {
      this.#touch(node.object as AnyNode, depth);
      return;
    }
    this.#touched.add(node);
    const variable = this.#facts.variableOf(node);
    if (!variable || this.#aliases.has(variable)) return;
    this.#aliases.add(variable);
    const from = this.#takenOf(node)?.from ?? this.#valueOf(node);
    if (from) this.#touch(from, depth - 1);
  }

  /** What may give commands that no site stands for; to be asked once all sites are read. */
  escapes(): Escape[] {
    const { scopes, program } = this.#facts;
    const found: Escape[] = [];
    for (const from of this.#odd) {
      const category = this.#isMacro(from) ? null : this.#globalOf(from, ALIAS_DEPTH);
      if (category === null ? this.#isMacro(from) : this.#isCategory(category))
        found.push({ node: from, category });
    }
    if (scopes.isDynamic) found.push({ node: program, category: null });
    for (const node of scopes.globals) {
      if (this.#touched.has(node)) continue;
      const isAll = node.name === 'globalThis' || (this.#main && node.name === 'arguments');
      if (isAll) found.push({ node, category: null });
      else if (node.name === 'command' || this.#isCategory(node.name))
        found.push({ node, category: node.name });
    }
    for (const variable of this.#aliases) this.#escapesOf(variable, null, found);
    this.#escapesOfMain(found);
    return found;
  }

  #escapesOf({ reads, writes }: Variable, category: string | null, found: Escape[]): void {
    for (const node of reads) if (!this.#touched.has(node)) found.push({ node, category });
    if (writes.length > 1 && category !== null && writes[1])
      found.push({ node: writes[1].node, category });
  }

  /** A module's function is handed everything: what it does with it must be seen. */
  #escapesOfMain(found: Escape[]): void {
    const { variableOf } = this.#facts;
    for (const param of this.#main?.params ?? []) {
      const variable = variableOf(param);
      if (variable) {
        if (!this.#aliases.has(variable)) this.#escapesOf(variable, null, found);
      } else if (param.type !== 'ObjectPattern') found.push({ node: param, category: null });
      else
        for (const property of param.properties) {
          const taken = property.type === 'Property' && this.#taken.get(property.value);
          const own = taken && variableOf(property.value);
          if (!taken || !own) found.push({ node: property, category: null });
          else if (taken.key === 'command' || this.#isCategory(taken.key))
            this.#escapesOf(own, taken.key, found);
        }
    }
  }

  #takenOf(node: AnyNode) {
    const variable = this.#facts.variableOf(node);
    const [only] = variable?.writes ?? [];
    return variable?.writes.length === 1 && only ? this.#taken.get(only.node) : undefined;
  }

  #valueOf(node: AnyNode): AnyNode | null {
    const variable = this.#facts.variableOf(node);
    return variable?.writes.length === 1 ? (variable.writes[0]?.value ?? null) : null;
  }

  #isCategory(name: string): boolean {
    return this.#categories
      ? this.#categories.has(name)
      : !OWN_NAMES.has(name) && !(name in globalThis);
  }

  /** True for the parameter of a module's function: it holds what is global elsewhere. */
  #isMacro(node: AnyNode): boolean {
    const variable = this.#facts.variableOf(node);
    const param = this.#main?.params[0];
    return variable !== null && param?.type === 'Identifier' && variable.writes[0]?.node === param;
  }
}
