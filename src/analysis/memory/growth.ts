// Owns data that grows with each turn of something that never ends, and that nothing cuts back. What grows only sometimes, or
// what somebody else may empty, is not told: nobody could say that it ever gets large.

import type { AnyNode } from 'acorn';
import { isSurelyReached } from '../facts/each-turn.ts';
import { type Facts, type FunctionFact, type LoopFact, sitesIn } from '../facts/facts.ts';
import { heldFunction } from '../facts/held.ts';
import { propertyName } from '../facts/names.ts';
import type { Variable } from '../facts/scopes.ts';
import { type Fuel, type Use, usesIn } from '../facts/uses.ts';
import type { LoopEnd } from '../loops/judge.ts';
import { effectOf, type Holding, kindOf } from './holdings.ts';
import { isNewEachTurn } from './newness.ts';

/** Data that grows without end; offsets into the source. */
export interface Growth {
  /** The variable's name, or `variable.property`. */
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** The loop; null for a function that `every` calls again and again. */
  readonly loop: LoopFact | null;
}

/** Nodes looked at in one file. */
const STEPS = 300_000;
const PIECES_MAX = 60;
/** What is named in more places is not judged. */
const PLACES_MAX = 1_000;
const GROWTHS_MAX = 50;

/** A loop and how it ends. */
interface Ended {
  readonly fact: LoopFact;
  readonly end: LoopEnd;
}

/** Something that runs again and again. */
interface Region {
  readonly loop: LoopFact | null;
  readonly owner: FunctionFact;
  readonly pieces: readonly Piece[];
}

/** A part of a region: the loop's own code, or a function it calls. */
interface Piece {
  readonly node: AnyNode;
  readonly fact: FunctionFact | null;
  readonly isEachTurn: boolean;
}

/** Everything that grows without end. */
export function growthOf(facts: Facts, loops: readonly Ended[]): readonly Growth[] {
  if (facts.scopes.isDynamic) return [];
  const fuel: Fuel = { steps: STEPS };
  const found = new Map<number, Growth>();
  for (const region of regionsOf(facts, loops, fuel)) {
    if (found.size >= GROWTHS_MAX || fuel.steps <= 0) break;
    for (const growth of growthIn(region, facts, fuel))
      if (!found.has(growth.start)) found.set(growth.start, growth);
  }
  return [...found.values()];
}

function* regionsOf(facts: Facts, loops: readonly Ended[], fuel: Fuel): Generator<Region> {
  for (const { fact: loop, end } of loops) {
    if (end.verdict !== 'infinite') continue;
    yield { loop, owner: loop.owner, pieces: piecesOf(loop.owner, partsOf(loop), facts, fuel) };
  }
  for (const { node, owner, parent } of facts.calls) {
    // Whoever keeps what `every` gives may stop it.
    if (parent.type !== 'ExpressionStatement' || facts.globalName(node.callee) !== 'every')
      continue;
    const callback = node.arguments[1];
    const fact = callback ? heldFunction(callback, facts) : null;
    if (fact) yield { loop: null, owner, pieces: piecesOf(fact, [fact.body], facts, fuel, fact) };
  }
}

/** What runs each turn. */
function partsOf({ node }: LoopFact): AnyNode[] {
  if (node.type === 'ForStatement')
    return [node.test, node.body, node.update].flatMap((each) => (each ? [each as AnyNode] : []));
  return node.type === 'ForOfStatement' || node.type === 'ForInStatement'
    ? [node.body]
    : [node.test, node.body];
}

/** The parts themselves and the functions they call. */
function piecesOf(
  owner: FunctionFact,
  parts: readonly AnyNode[],
  facts: Facts,
  fuel: Fuel,
  fact: FunctionFact | null = null,
): Piece[] {
  const pieces: Piece[] = parts.map((node) => ({ node, fact, isEachTurn: true }));
  const seen = new Set<FunctionFact | null>([owner]);
  for (let at = 0; at < pieces.length && fuel.steps > 0; at++) {
    const piece = pieces[at] as Piece;
    for (const { node } of sitesIn((piece.fact ?? owner).calls, piece.node)) {
      fuel.steps--;
      const callee = facts.calleeOf(node);
      if (!callee || seen.has(callee) || pieces.length >= PIECES_MAX) continue;
      seen.add(callee);
      const isEachTurn = isReachedEachTurn(node, piece, fuel) && !callee.node?.generator;
      pieces.push({ node: callee.body, fact: callee, isEachTurn });
    }
  }
  return pieces;
}

function growthIn(region: Region, facts: Facts, fuel: Fuel): Growth[] {
  const uses = usesIn(
    region.pieces.map(({ node }) => node),
    facts,
    fuel,
  );
  if (!uses) return [];
  const isHere = (node: AnyNode) => isInside(node, region);
  return [...uses].flatMap(([variable, list]) => {
    const kind = heldFromStart(variable, region, facts);
    if (!kind) return [];
    const isFresh = (node: AnyNode) => isNewEachTurn(node, facts, isHere);
    const whole = { variable, kind, isFresh, facts };
    return [
      ...judgeHolding(variable.name, list, whole, region, fuel),
      ...(kind === 'object' ? propertiesOf(variable, list, whole, region, fuel) : []),
    ];
  });
}

/** What a variable from outside the region holds from the start; null when it is set anew by somebody else. */
function heldFromStart(variable: Variable, region: Region, facts: Facts) {
  const [first] = variable.writes;
  if (variable.writes.length + variable.reads.length > PLACES_MAX) return null;
  if (!first?.value || isInside(first.node, region)) return null;
  const isElsewhere = variable.writes.some(
    ({ node, owner }) => !isInside(node, region) && owner !== first.owner,
  );
  return isElsewhere ? null : kindOf(first.value, facts);
}

/** `stats.seen` of `const stats = { seen: [] }`. */
function propertiesOf(
  variable: Variable,
  list: readonly Use[],
  whole: Holding,
  region: Region,
  fuel: Fuel,
): Growth[] {
  const init = variable.writes[0]?.value;
  if (variable.writes.length !== 1 || init?.type !== 'ObjectExpression') return [];
  // Somebody who has the whole object may do anything with its parts.
  const members = list.filter(({ id, around: [parent] }) => isMemberOf(parent, id));
  if (members.length < list.length) return [];
  return init.properties.flatMap((property) => {
    if (property.type !== 'Property' || property.key.type !== 'Identifier') return [];
    const { name } = property.key;
    const kind = kindOf(property.value, whole.facts);
    const own = members.flatMap(({ id, around: [parent, ...outer] }) =>
      parent?.type === 'MemberExpression' && (propertyName(parent) ?? name) === name
        ? [{ id, node: parent as AnyNode, around: outer }]
        : [],
    );
    if (
      !kind ||
      own.some(({ node }) => node.type === 'MemberExpression' && propertyName(node) === null)
    )
      return [];
    return judgeHolding(`${variable.name}.${name}`, own, { ...whole, kind }, region, fuel);
  });
}

function isMemberOf(parent: AnyNode | undefined, id: AnyNode): boolean {
  return parent?.type === 'MemberExpression' && parent.object === id;
}

/** What grows, unless anything anywhere may hold it small. */
function judgeHolding(
  name: string,
  list: readonly (Use & { readonly node?: AnyNode })[],
  holding: Holding,
  region: Region,
  fuel: Fuel,
): Growth[] {
  const grown: AnyNode[] = [];
  for (const { id, node = id, around } of list) {
    const effect = effectOf(node, around, holding);
    if (effect === 'limits') return [];
    if (effect === 'grows') grown.push(node);
  }
  if (grown.length === 0 || isSeenElsewhere(holding, region, fuel)) return [];
  const found = grown.find((node) => isEachTurn(node, region, fuel));
  return found ? [{ name, start: found.start, end: found.end, loop: region.loop }] : [];
}

/** True when a function outside of the region has its hands on it: it may empty it. */
function isSeenElsewhere({ variable, facts }: Holding, region: Region, fuel: Fuel): boolean {
  const others = variable.reads.filter((id) => !isInside(id, region));
  // What stands around a timer goes on beside it; what stands around a loop is over, or comes never.
  if (region.loop === null) return others.length > 0;
  return others.some((id) => {
    const inner = functionAround(id, facts, fuel);
    let owner: FunctionFact | null = region.owner;
    while (owner && owner !== inner) owner = owner.parent;
    return owner === null;
  });
}

/** The innermost function around a node; null when the fuel ran out. */
function functionAround(node: AnyNode, facts: Facts, fuel: Fuel): FunctionFact | null {
  let inner: FunctionFact | null = null;
  for (const fact of facts.functions) {
    if (fuel.steps-- <= 0) return null;
    if (fact.node && fact.node.start > node.start) break;
    if (!fact.node || fact.node.end >= node.end) inner = fact;
  }
  return inner;
}

function isEachTurn(node: AnyNode, { pieces }: Region, fuel: Fuel): boolean {
  const piece = pieces.find((each) => each.node.start <= node.start && each.node.end >= node.end);
  return piece ? piece.isEachTurn && isReachedEachTurn(node, piece, fuel) : false;
}

/** True when no condition stands between the piece's start and the node, and nothing jumps past it. */
function isReachedEachTurn(node: AnyNode, piece: Piece, fuel: Fuel): boolean {
  const leaves = piece.fact?.returns[0];
  if (leaves && leaves.node.start < node.start) return false;
  return isSurelyReached(node, piece.node, fuel);
}

function isInside(node: AnyNode, { pieces }: Region): boolean {
  return pieces.some((piece) => piece.node.start <= node.start && piece.node.end >= node.end);
}
