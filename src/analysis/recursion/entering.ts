// Owns whether code surely calls one of some functions, whatever it is given: on every way through it, before it can end.

import type { AnyNode } from 'acorn';
import type { Callable, CallGraph } from '../calls/call-graph.ts';
import { constantOf } from '../facts/constants.ts';
import type { CallNode, Facts } from '../facts/facts.ts';
import { heldBy } from '../facts/held.ts';
import { eachChild, isFunction, isLogical } from '../facts/tree.ts';
import type { Fuel } from '../facts/uses.ts';
import { type Categories, callMayThrow } from '../loops/leaving.ts';

/**
 * How a way through code goes on: it `enters` one of the functions, `passes` to what follows, or `leaves` (or may leave)
 * for somewhere else.
 */
type Way = 'enters' | 'passes' | 'leaves';

/** What the ways through code are followed with. */
export interface EnterContext {
  readonly graph: CallGraph;
  readonly facts: Facts;
  readonly categories: Categories;
  /** Steps left for all of it; with none left nothing is sure. */
  readonly fuel: Fuel;
}

/** Whether a callable surely calls one of some. */
export interface Entry {
  readonly enters: boolean;
  /** True when something unknown is called before, which may throw. */
  readonly isOpen: boolean;
}

/** Whether running a callable surely calls one of `aims`. */
export function entryOf(
  { bodies }: Callable,
  aims: ReadonlySet<Callable>,
  context: EnterContext,
): Entry {
  const flow = new Flow(aims, context);
  const way = flow.sequence(bodies);
  return { enters: way === 'enters', isOpen: flow.isOpen };
}

class Flow {
  isOpen = false;
  readonly #aims: ReadonlySet<Callable>;
  readonly #context: EnterContext;

  constructor(aims: ReadonlySet<Callable>, context: EnterContext) {
    this.#aims = aims;
    this.#context = context;
  }

  sequence(nodes: readonly (AnyNode | null | undefined)[]): Way {
    for (const node of nodes) {
      const way = node ? this.#way(node) : 'passes';
      if (way !== 'passes') return way;
    }
    return 'passes';
  }

  #way(node: AnyNode): Way {
    if (this.#context.fuel.steps-- <= 0) return 'leaves';
    if (isFunction(node)) return 'passes';
    switch (node.type) {
      case 'ReturnStatement':
      case 'ThrowStatement':
        return this.#then(node.argument, 'leaves');
      case 'YieldExpression':
        return this.#then(node.argument, this.#calls(node) === 'enters' ? 'enters' : 'leaves');
      case 'BreakStatement':
      case 'ContinueStatement':
        return 'leaves';
      case 'IfStatement':
      case 'ConditionalExpression':
        return this.#branch(node);
      case 'LogicalExpression':
        return this.#then(node.left, this.#maybe(node.right));
      case 'AssignmentExpression':
        // `x ??= f()` calls only where there is nothing yet.
        return isLogical(node) ? this.#then(node.left, this.#maybe(node.right)) : this.#plain(node);
      case 'TryStatement':
        return this.#try(node);
      case 'SwitchStatement':
        return this.#then(node.discriminant, this.#all(node.cases));
      case 'WhileStatement':
        return this.#then(node.test, this.#maybe(node.body));
      case 'ForStatement':
        return this.#then(node.init, this.#then(node.test, this.#maybe(node.body)));
      case 'ForInStatement':
      case 'ForOfStatement':
        return this.#then(node.right, this.#maybe(node.body));
      case 'DoWhileStatement':
        return this.#way(node.body);
      case 'AssignmentPattern':
      case 'ChainExpression':
      case 'ClassDeclaration':
      case 'ClassExpression':
        return 'passes';
      default:
        return this.#plain(node);
    }
  }

  /** Its children in order, then what the node itself calls. */
  #plain(node: AnyNode): Way {
    let way: Way = 'passes';
    eachChild(node, (child) => {
      if (way === 'passes') way = this.#way(child);
    });
    return way === 'passes' ? this.#calls(node) : way;
  }

  #calls(node: AnyNode): Way {
    const edges = this.#context.graph.edgesAt(node);
    if (edges.some(({ to, isSure }) => isSure && this.#aims.has(to))) return 'enters';
    if (node.type !== 'CallExpression' && node.type !== 'NewExpression') return 'passes';
    if (edges.length > 0) return edges.some(({ to }) => this.#mayThrow(to)) ? 'leaves' : 'passes';
    this.isOpen ||= this.#isUnknown(node);
    return 'passes';
  }

  #mayThrow({ fact }: Callable): boolean {
    if (!fact) return false;
    const { facts, categories } = this.#context;
    return (
      fact.throws.length > 0 || fact.calls.some(({ node }) => callMayThrow(node, facts, categories))
    );
  }

  /** A call of something whose text is not here, and that is not known to be harmless. */
  #isUnknown(node: CallNode): boolean {
    const { facts, categories } = this.#context;
    const { callee } = node;
    if (callee.type === 'Super') return false;
    if (node.type === 'NewExpression' && /^Class/.test(heldBy(callee, facts)?.type ?? ''))
      return false;
    return callMayThrow(node, facts, categories);
  }

  #then(first: AnyNode | null | undefined, rest: Way): Way {
    const way = first ? this.#way(first) : 'passes';
    return way === 'passes' ? rest : way;
  }

  /** Code that may not run. */
  #maybe(node: AnyNode): Way {
    return this.#way(node) === 'leaves' ? 'leaves' : 'passes';
  }

  #all(nodes: readonly AnyNode[]): Way {
    return nodes.some((node) => this.#plain(node) === 'leaves') ? 'leaves' : 'passes';
  }

  #branch(node: Extract<AnyNode, { type: 'IfStatement' | 'ConditionalExpression' }>): Way {
    const tested = this.#way(node.test);
    if (tested !== 'passes') return tested;
    const known = constantOf(node.test, this.#context.facts.scopes);
    if (known) {
      const taken = known.value ? node.consequent : node.alternate;
      return taken ? this.#way(taken) : 'passes';
    }
    const ways = [
      this.#way(node.consequent),
      node.alternate ? this.#way(node.alternate) : 'passes',
    ];
    if (ways.includes('leaves')) return 'leaves';
    return ways.every((way) => way === 'enters') ? 'enters' : 'passes';
  }

  /** What is caught ends the circle: the overflow of the stack is thrown like anything else. */
  #try({ block, handler, finalizer }: Extract<AnyNode, { type: 'TryStatement' }>): Way {
    const way = this.#way(block);
    if (handler && way !== 'passes') return 'leaves';
    const handled = handler ? this.#maybe(handler.body) : 'passes';
    if (handled === 'leaves') return 'leaves';
    const last = finalizer ? this.#way(finalizer) : 'passes';
    return last === 'passes' ? way : last;
  }
}
