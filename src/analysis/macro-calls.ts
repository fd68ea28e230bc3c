// Owns which macros a macro calls, and the circles that makes: itself, or others of its folder that call it back.

import type { AnyNode, Program } from 'acorn';
import type { Header } from '../model/header.ts';
import { eachChild } from './facts/tree.ts';

/** A call of another macro by a name that stands in the text; offsets into the source. */
export interface MacroCall {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** A circle of macros, from the place of its first call. */
export interface MacroCircle {
  /** The macros in order; the first one stands at the end again. */
  readonly path: readonly string[];
  readonly start: number;
  readonly end: number;
}

/** The names that each macro of a folder calls. */
export type CalledNames = ReadonlyMap<string, readonly string[]>;

const NO_OTHERS: CalledNames = new Map();

/** Where a macro calls others; nothing when it does not parse. */
export function macroCallsOf({
  ast,
  code,
}: {
  readonly ast: Program | null;
  readonly code: string;
}): MacroCall[] {
  // Few macros call others: the others need no walk.
  if (!ast || !/\bmacros\b/.test(code)) return [];
  const found: MacroCall[] = [];
  const visit = (node: AnyNode): void => {
    const name = calledName(node);
    if (name !== null) found.push({ name, start: node.start, end: node.end });
    eachChild(node, visit);
  };
  visit(ast);
  return found;
}

/**
 * The circles that a macro is part of, the shortest by each of its calls; none when it has no name.
 * @param others what the other macros call that it can reach, by their names
 */
export function macroCirclesOf(
  analysis: { readonly ast: Program | null; readonly code: string; readonly header: Header },
  others: CalledNames = NO_OTHERS,
): MacroCircle[] {
  const { name } = analysis.header;
  if (name === '') return [];
  return macroCallsOf(analysis).flatMap((call) => {
    const way = wayTo(name, call.name, others);
    return way ? [{ path: [name, ...way], start: call.start, end: call.end }] : [];
  });
}

/** The shortest way from one macro to another, both included. */
function wayTo(aim: string, from: string, others: CalledNames): string[] | null {
  const cameFrom = new Map<string, string | null>([[from, null]]);
  for (const at of cameFrom.keys()) {
    if (at === aim) {
      const way: string[] = [];
      for (let each: string | null = at; each !== null; each = cameFrom.get(each) ?? null)
        way.unshift(each);
      return way;
    }
    for (const next of others.get(at) ?? []) if (!cameFrom.has(next)) cameFrom.set(next, at);
  }
  return null;
}

/** The name in `macros.call('name')`, null for every other node. */
function calledName(node: AnyNode): string | null {
  if (node.type !== 'CallExpression') return null;
  const { callee } = node;
  if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return null;
  if (callee.property.name !== 'call' || callee.computed) return null;
  if (!isMacros(callee.object)) return null;
  const [first] = node.arguments;
  return first?.type === 'Literal' && typeof first.value === 'string' ? first.value : null;
}

/** `macros`, or `macro.macros` in a module. */
function isMacros(node: AnyNode): boolean {
  if (node.type === 'Identifier') return node.name === 'macros';
  return (
    node.type === 'MemberExpression' &&
    node.property.type === 'Identifier' &&
    node.property.name === 'macros'
  );
}
