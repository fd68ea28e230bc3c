// Owns evaluating a closed macro with fuel: what its loops really do is then known and need not be guessed. It runs no code
// of the macro: an interpreter of its own walks the tree, and gives up on whatever it does not know.

import type { AnyNode, Function as FunctionNode } from 'acorn';
import type { Facts, LoopNode } from '../facts/facts.ts';
import { ProgramCompiler } from './compile.ts';
import { invoke } from './functions.ts';
import { Activation, Machine, type Statement } from './machine.ts';
import { methodOf } from './methods.ts';
import { FunctionObj, GiveUp, HOST, NeverEnds, Thrown } from './values.ts';
import { LoopWatch } from './watch.ts';

/** What evaluation found. */
export interface Evaluated {
  /** The loop that never ends, if there is one. */
  readonly endless: LoopNode | null;
  /** True when that loop comes back to a state it has had, false when it moves on for ever. */
  readonly isRepeating: boolean;
  /** The most turns of one entry, for each loop of which all entries were seen. */
  readonly turns: ReadonlyMap<LoopNode, number>;
  /** True when the macro ran to its end. */
  readonly isComplete: boolean;
  /** Why it was given up; null when it ran to its end. */
  readonly reason: string | null;
  /** Where the macro did more than any macro needs, if that is why. */
  readonly excess: Excess | null;
}

/** More than any macro needs. */
export interface Excess {
  /** The loop or function it happens in. */
  readonly node: AnyNode;
  /** What it does, as the end of a sentence: `makes an array of more than 20000 items`. */
  readonly what: string;
}

/** Steps a macro may take; each is some tens of nanoseconds. */
const FUEL = 100_000;

/**
 * Evaluates a macro.
 * @param categories the host's command categories; null when they are not known
 */
export function evaluate(facts: Facts, categories: ReadonlySet<string> | null): Evaluated {
  const m = new Machine(FUEL, { invoke, method: methodOf });
  const watch = new LoopWatch(m);
  const end = facts.scopes.isDynamic
    ? new GiveUp('dynamic names')
    : run(m, watch, facts, categories);
  const isComplete = end === null;
  const turns = new Map<LoopNode, number>();
  for (const { node, owner, outer } of facts.loops) {
    const seen = watch.seen.get(node);
    if (!seen || watch.endless === node) continue;
    // Of a macro that was given up only what cannot be come by again is known.
    const isOver = owner.node === null && outer === null && seen.finished === seen.entries;
    if (isComplete || isOver) turns.set(node, seen.most);
  }
  return {
    endless: watch.endless,
    isRepeating: watch.isRepeating,
    turns,
    isComplete,
    reason: end?.message ?? null,
    excess: end?.isExcess
      ? { node: end.node ?? watch.active.at(-1) ?? facts.program, what: end.message }
      : null,
  };
}

/** Runs the macro; returns why it did not come to its end. */
function run(
  m: Machine,
  watch: LoopWatch,
  facts: Facts,
  categories: ReadonlySet<string> | null,
): GiveUp | null {
  try {
    const compiler = new ProgramCompiler(m, watch, { facts, categories });
    const body = compiler.block(facts.program.body);
    const main = defaultExport(compiler, facts);
    const act = new Activation(null, { count: compiler.scope.own.size });
    m.within(act, () => {
      body(act);
      main(act);
      m.runJobs();
    });
    return null;
  } catch (error) {
    // An uncaught error is an end like any other.
    if (error instanceof Thrown) return null;
    if (error instanceof NeverEnds) return new GiveUp('a loop that never ends');
    if (error instanceof GiveUp) return error;
    // Deep nesting of the macro's own code.
    if (error instanceof RangeError) return new GiveUp('is nested too deeply to be followed');
    throw error;
  }
}

/** In a module the default export is what runs. */
function defaultExport(compiler: ProgramCompiler, facts: Facts): Statement {
  const node = facts.program.body.find((each) => each.type === 'ExportDefaultDeclaration');
  if (!node) return () => 'next';
  const { declaration } = node;
  const isNamed = declaration.type === 'FunctionDeclaration' && declaration.id;
  const value = isNamed
    ? compiler.expression(declaration.id as AnyNode)
    : declaration.type === 'FunctionDeclaration'
      ? compiler.callable(declaration as FunctionNode)
      : compiler.expression(declaration as AnyNode);
  return (act) => {
    const callable = value(act);
    if (!(callable instanceof FunctionObj))
      throw new GiveUp('a default export that is no function');
    compiler.m.isAwaited = true;
    compiler.m.call(callable, undefined, [HOST]);
    return 'next';
  };
}
