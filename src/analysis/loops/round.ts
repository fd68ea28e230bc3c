// Owns rounds: calls that go over a list with a function, `list.forEach(…)`, which are loops by another name.

import { callbackOf } from '../calls/callbacks.ts';
import { runsOfCallback } from '../cost/item-counts.ts';
import type { CallNode, Site } from '../facts/facts.ts';
import { propertyName } from '../facts/names.ts';
import type { Text } from '../read-text.ts';

/** A call that calls what it is given for each item. */
export interface Round {
  /** Where its method's name stands, 1-based. */
  readonly line: number;
  readonly method: string;
  /** The most items there are; null where that is not known. */
  readonly turns: number | null;
  /** The function it stands in; '' for the program itself. */
  readonly owner: string;
}

/** The round around an offset whose function is around another offset; null for none. */
export function roundAt(offset: number, within: number, { facts, lines }: Text): Round | null {
  const isAround = (node: { readonly start: number; readonly end: number }, at: number) =>
    node.start <= at && at < node.end;
  const isIt = ({ node }: Site<CallNode>) => {
    const [given] = node.arguments;
    return (
      isAround(node, offset) &&
      given !== undefined &&
      isAround(given, within) &&
      callbackOf(node, 0, facts)?.kind === 'call'
    );
  };
  const site = facts.calls.filter(isIt).sort((a, b) => b.node.start - a.node.start)[0];
  if (site?.node.callee.type !== 'MemberExpression') return null;
  const { node, owner } = site;
  const { property } = site.node.callee;
  return {
    line: lines.at(property.start).line,
    method: propertyName(site.node.callee) ?? '',
    turns: runsOfCallback(node, 0, facts),
    owner: owner.node ? owner.name : '',
  };
}
