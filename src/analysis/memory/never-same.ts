// Owns questions that can only be answered with no: a Set or a Map that is asked for a list or an object made just now. Two of
// those are never the same, whatever is in them.

import type { AnyNode } from 'acorn';
import { propertyName } from '../facts/names.ts';
import type { Text } from '../read-text.ts';
import { kindOf } from './holdings.ts';

/** A question that finds nothing. */
export interface NeverSame {
  /** The Set or Map. */
  readonly name: string;
  readonly line: number;
  /** What it is asked for. */
  readonly what: 'list' | 'object';
}

const CALLS_MAX = 2_000;
const ASKS = new Set(['has', 'get']);
const ADDS = new Set(['push', 'unshift']);
const TAKES = new Set(['pop', 'shift']);

/** All such questions in a text. */
export function neverSame(text: Text): NeverSame[] {
  return text.facts.calls.slice(0, CALLS_MAX).flatMap(({ node }) => {
    const { callee, arguments: given } = node;
    const [key] = given;
    if (!key || callee.type !== 'MemberExpression' || !ASKS.has(propertyName(callee) ?? ''))
      return [];
    const variable = text.facts.variableOf(callee.object as AnyNode);
    const first = variable?.writes[0]?.value;
    const kind = variable?.writes.length === 1 && first ? kindOf(first, text.facts) : null;
    if (!variable || (kind !== 'set' && kind !== 'map')) return [];
    const what = madeNow(key, text);
    return what ? [{ name: variable.name, line: text.lines.at(node.start).line, what }] : [];
  });
}

/** What is surely made anew, and asked for before anybody else can have it; null for everything else. */
function madeNow(node: AnyNode, text: Text): NeverSame['what'] | null {
  const own = literal(node);
  if (own) return own;
  // `const here = todo.pop()`, where all of `todo` are literals: each is taken out once.
  const [only, ...more] = text.facts.variableOf(node)?.writes ?? [];
  const value = more.length === 0 ? only?.value : null;
  if (value?.type !== 'CallExpression' || value.callee.type !== 'MemberExpression') return null;
  if (!TAKES.has(propertyName(value.callee) ?? '')) return null;
  return itemsOf(value.callee.object as AnyNode, text);
}

/** What all items of a list are, where only literals are ever put into it. */
function itemsOf(list: AnyNode, text: Text): NeverSame['what'] | null {
  const variable = text.facts.variableOf(list);
  const start = variable?.writes[0]?.value;
  if (variable?.writes.length !== 1 || start?.type !== 'ArrayExpression') return null;
  const items: (AnyNode | null)[] = [...start.elements];
  for (const { around } of text.uses.get(variable) ?? []) {
    const [member, call] = around;
    if (member?.type === 'VariableDeclarator') continue;
    if (member?.type !== 'MemberExpression' || member.computed) return null;
    const name = propertyName(member) ?? '';
    if (name === 'length' && call?.type !== 'AssignmentExpression') continue;
    if (call?.type !== 'CallExpression' || call.callee !== member) return null;
    if (ADDS.has(name)) items.push(...call.arguments);
    else if (!TAKES.has(name)) return null;
  }
  const kinds = new Set(items.map((each) => each && literal(each)));
  const [kind = null] = kinds;
  return kinds.size === 1 ? kind : null;
}

function literal({ type }: AnyNode): NeverSame['what'] | null {
  if (type === 'ArrayExpression') return 'list';
  return type === 'ObjectExpression' ? 'object' : null;
}
