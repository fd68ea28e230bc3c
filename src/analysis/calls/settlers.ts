// Owns who settles the promises that a text makes by hand: `new Promise((resolve) => { done = resolve; })` is settled where
// `done` is called, and nowhere else.

import type { AnyNode, Function as FunctionNode, Identifier } from 'acorn';
import type { CallNode } from '../facts/facts.ts';
import { propertyName } from '../facts/names.ts';
import type { Variable } from '../facts/scopes.ts';
import { isWithin } from '../facts/tree.ts';
import type { Text } from '../read-text.ts';

/** A promise made by hand, and where it is settled. */
export interface Settled {
  /** Where it is made. */
  readonly node: AnyNode;
  readonly by: readonly Settling[];
}

/** A call that settles a promise, by the name that is called. */
export interface Settling {
  readonly name: string;
  readonly call: AnyNode;
}

/** What settles a promise is kept under another name at most so often. */
const NAMES_MAX = 3;

/** The promises of a text whose settling is all in sight; left out are those that nothing settles, or that are settled at once. */
export function promisesByHand(text: Text): Settled[] {
  return text.facts.calls.flatMap(({ node }) => {
    const found = settlersOf(node, text).map((variable) => callsOf(variable, text, NAMES_MAX));
    const by = found.flatMap((each) => each ?? []);
    const isKnown = by.length > 0 && !found.includes(null);
    return isKnown && !by.some(({ call }) => isWithin(call, node)) ? [{ node, by }] : [];
  });
}

/** The variables that a promise's `resolve` and `reject` begin in. */
function settlersOf(call: CallNode, text: Text): Variable[] {
  const { facts } = text;
  if (call.type === 'NewExpression') {
    const [executor] = call.arguments;
    if (facts.globalName(call.callee) !== 'Promise' || !executor) return [];
    const { params = [] } = (facts.factOf(executor)?.node ?? {}) as Partial<FunctionNode>;
    return params.flatMap((each) => facts.variableOf(each) ?? []);
  }
  const { callee } = call;
  const isWith =
    callee.type === 'MemberExpression' &&
    facts.globalName(callee.object) === 'Promise' &&
    propertyName(callee) === 'withResolvers';
  return isWith ? takenApart(call, text) : [];
}

/** Of `const { promise, resolve: done } = Promise.withResolvers()` all but the promise. */
function takenApart(call: CallNode, { facts }: Text): Variable[] {
  const taken = facts.taken.find(({ from }) => from === call);
  const { properties = [] } = taken?.pattern ?? {};
  return properties.flatMap((each) =>
    each.type === 'Property' &&
    !each.computed &&
    each.key.type === 'Identifier' &&
    each.key.name !== 'promise'
      ? (facts.variableOf(each.value) ?? [])
      : [],
  );
}

/** The calls of what a variable holds, also under the names it is handed on to; null where it goes elsewhere. */
function callsOf(variable: Variable, text: Text, names: number): Settling[] | null {
  const found: Settling[] = [];
  for (const read of variable.reads) {
    const call = text.facts.calls.find(({ node }) => node.callee === read)?.node;
    const next = call ? null : handedTo(read, text);
    if (call) found.push({ name: variable.name, call });
    else if (!next || names === 0) return null;
    else {
      const further = callsOf(next, text, names - 1);
      if (!further) return null;
      found.push(...further);
    }
  }
  return found;
}

/** The variable that something is assigned to as it is; null for anything else. */
function handedTo(read: Identifier, { facts }: Text): Variable | null {
  const assigned = facts.assignments.find(({ node }) => node.right === read)?.node;
  return assigned?.operator === '=' ? facts.variableOf(assigned.left) : null;
}
