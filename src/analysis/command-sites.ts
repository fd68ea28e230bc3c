// Owns where a macro gives commands: `chat.say({…})`, by whatever name the macro calls it, and `command('/say hi')`.

import type { AnyNode } from 'acorn';
import type { Command } from '../model/command.ts';
import { constantOf } from './constants.ts';
import type { CallNode, Facts, NodeOf, Site } from './facts.ts';

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
    'Proxy Intl globalThis console log input signal state macros'
  ).split(' '),
);
const ALIAS_DEPTH = 5;

/** Finds every place that gives a command, in the order of the source. */
export function commandSites(facts: Facts, catalogue: readonly Command[] | null): CommandSite[] {
  const finder = new Finder(facts, catalogue);
  return facts.calls.flatMap((site) => finder.read(site) ?? []);
}

class Finder {
  readonly #facts: Facts;
  readonly #catalogue: readonly Command[] | null;
  readonly #byName: ReadonlyMap<string, Command>;
  readonly #categories: ReadonlySet<string> | null;
  /** Names taken out of an object: `const { say } = chat`, `({ chat }) => …`. */
  readonly #taken = new Map<AnyNode, { readonly from: AnyNode | null; readonly key: string }>();

  constructor(facts: Facts, catalogue: readonly Command[] | null) {
    this.#facts = facts;
    this.#catalogue = catalogue;
    this.#byName = new Map((catalogue ?? []).map((command) => [command.name, command]));
    this.#categories = catalogue && new Set(catalogue.map(({ category }) => category));
    for (const { pattern, from } of facts.taken) this.#take(pattern, from);
    const main = mainFunction(facts);
    const [first] = main?.params ?? [];
    if (first?.type === 'ObjectPattern') this.#take(first, null);
  }

  /** @param from what is taken apart; null for the macro's own globals, handed to a module's function */
  #take(pattern: NodeOf<'ObjectPattern'>, from: AnyNode | null): void {
    for (const property of pattern.properties) {
      if (property.type !== 'Property' || property.computed) continue;
      const { key, value } = property;
      if (key.type === 'Identifier' && value.type === 'Identifier')
        this.#taken.set(value, { from, key: key.name });
    }
  }

  read(site: Site<CallNode>): CommandSite | null {
    const { node } = site;
    if (node.type !== 'CallExpression') return null;
    const name = this.#commandName(node.callee, ALIAS_DEPTH);
    if (name === 'command') return this.#slashSite(site, node.arguments[0]);
    const [category, verb] = name?.split('.') ?? [];
    if (category === undefined || verb === undefined || name === null) return null;
    return { site, name, category, verb, command: this.#byName.get(name) ?? null, slash: null };
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
    const param = mainFunction(this.#facts)?.params[0];
    return variable !== null && param?.type === 'Identifier' && variable.writes[0]?.node === param;
  }
}

/** In a module, the function it exports. */
function mainFunction({ program, factOf, variableOf }: Facts) {
  const node = program.body.find((each) => each.type === 'ExportDefaultDeclaration');
  if (!node) return null;
  const declaration = node.declaration as AnyNode;
  const value = variableOf(declaration)?.writes[0]?.value ?? declaration;
  return factOf(value)?.node ?? null;
}
