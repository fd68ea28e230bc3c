// Owns what is known of a program before anything is judged: functions, loops with their exits, calls, awaits, and the few
// other kinds of places the rules ask for. All of it is found in one walk (walk.ts).

import type { AnyNode, Function as FunctionNode, Identifier, Program } from 'acorn';
import type { Scopes, Variable } from './scopes.ts';

/** Any node of this type. */
export type NodeOf<Type extends AnyNode['type']> = Extract<AnyNode, { type: Type }>;
/** A loop statement. */
export type LoopNode = NodeOf<
  'WhileStatement' | 'DoWhileStatement' | 'ForStatement' | 'ForInStatement' | 'ForOfStatement'
>;
/** A call or a `new`. */
export type CallNode = NodeOf<'CallExpression' | 'NewExpression'>;

/** A place where something happens. */
export interface Site<Node extends AnyNode = AnyNode> {
  readonly node: Node;
  readonly parent: AnyNode;
  /** The function it stands in. */
  readonly owner: FunctionFact;
  /** The innermost loop of that function around it; null outside of loops. */
  readonly loop: LoopFact | null;
}

/** A condition under which code runs, and those around it up to the function. */
export interface Guard {
  readonly test: AnyNode;
  /** What the condition must be. */
  readonly when: boolean;
  readonly outer: Guard | null;
}

/** A way out of a loop. */
export interface Exit {
  /** `break`, `return`, `throw`, `yield`, a jump to an outer label, or a call that throws on purpose. */
  readonly node: AnyNode;
  /** The innermost condition it stands under; it may lie outside of the loop. */
  readonly guard: Guard | null;
}

/** One loop. */
export interface LoopFact {
  readonly node: LoopNode;
  readonly owner: FunctionFact;
  /** The loop around it in the same function. */
  readonly outer: LoopFact | null;
  readonly label: string | null;
  /** Ways out that a `finally` does not take back and that stand in no dead code; a dozen at most. */
  readonly exits: Exit[];
}

/** A function, or the program itself (then `node` is null). */
export interface FunctionFact {
  readonly node: FunctionNode | null;
  readonly name: string;
  readonly body: AnyNode;
  /** The function it stands in. */
  readonly parent: FunctionFact | null;
  readonly depth: number;
  /** Throws that leave it. */
  readonly throws: AnyNode[];
  /** These are in the order of the source and without those of functions inside it. */
  readonly calls: Site<CallNode>[];
  readonly awaits: Site<NodeOf<'AwaitExpression'>>[];
  readonly loops: LoopFact[];
  readonly returns: Site<NodeOf<'ReturnStatement'>>[];
}

/** Places of one kind, in the order of the source. */
export interface Places {
  readonly calls: Site<CallNode>[];
  readonly awaits: Site<NodeOf<'AwaitExpression'>>[];
  readonly assignments: Site<NodeOf<'AssignmentExpression'>>[];
  /** Regular expression literals. */
  readonly regexes: Site<NodeOf<'Literal'>>[];
  /** `**` and `**=`. */
  readonly powers: Site<NodeOf<'BinaryExpression' | 'AssignmentExpression'>>[];
  /** `import(…)`. */
  readonly imports: Site<NodeOf<'ImportExpression'>>[];
  /** `[...x]`, `f(...x)` and `{...x}`. */
  readonly spreads: Site<NodeOf<'SpreadElement'>>[];
  readonly templates: Site<NodeOf<'TaggedTemplateExpression'>>[];
  /** Array patterns that take from an iterator. */
  readonly arrayPatterns: Site<NodeOf<'ArrayPattern'>>[];
  readonly classes: Site<NodeOf<'ClassDeclaration' | 'ClassExpression'>>[];
  /** Objects taken apart by a declaration: `const { a } = b`. */
  readonly taken: { readonly pattern: NodeOf<'ObjectPattern'>; readonly from: AnyNode }[];
  /** `get x() {}` and `set x(v) {}` of objects. */
  readonly accessors: Site<NodeOf<'Property' | 'MethodDefinition'>>[];
  /** Methods, and properties that hold a function, of objects and classes; accessors are not among them. */
  readonly methods: Site<NodeOf<'Property' | 'MethodDefinition'>>[];
}

/** Everything found. */
export interface Facts extends Places {
  readonly program: Program;
  readonly scopes: Scopes;
  readonly functions: readonly FunctionFact[];
  readonly loops: readonly LoopFact[];
  /** In a module, the function it exports. */
  readonly main: FunctionNode | null;
  /** The fact of a function's node. */
  factOf(node: AnyNode): FunctionFact | null;
  /** The function a call surely calls, null where it is not known. */
  calleeOf(call: AnyNode): FunctionFact | null;
  /** Calls of a global (`RegExp`), or of the methods of one (`Object.`), in the order of the source. */
  callsOf(name: string): readonly Site<CallNode>[];
  /** The name of a global that a node is, null for everything else. */
  globalName(node: AnyNode): string | null;
  /** The variable an identifier refers to, null for everything else. */
  variableOf(node: AnyNode): Variable | null;
  /** True when a way out is open: no condition around it, inside the loop, is a constant that keeps it shut. */
  isOpen(exit: Exit, loop: LoopFact): boolean;
}

const SITES_MAX = 2_000;

/**
 * Those of some sites (in source order) that stand inside a node.
 * @param most no more than so many: loops inside loops would otherwise list the same sites again and again
 */
export function sitesIn<Each extends Site>(
  sites: readonly Each[],
  node: Pick<AnyNode, 'start' | 'end'>,
  most = SITES_MAX,
): readonly Each[] {
  const from = firstAt(sites, node.start);
  let to = from;
  while (to < sites.length && to - from < most && (sites[to] as Each).node.start < node.end) to++;
  return sites.slice(from, to);
}

function firstAt(sites: readonly Site[], start: number): number {
  let low = 0;
  let high = sites.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sites[middle] as Site).node.start < start) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** True for an identifier of that name. */
export function isNamed(node: AnyNode, name: string): node is Identifier {
  return node.type === 'Identifier' && node.name === name;
}
