// Owns cycles of calls: functions that call each other, and whether that can end.

import type { AnyNode } from 'acorn';
import { buildCallGraph, type Callable, type CallGraph, type Edge } from '../calls/call-graph.ts';
import { components } from '../facts/components.ts';
import type { Facts } from '../facts/facts.ts';
import type { Categories } from '../loops/leaving.ts';
import { surelyWaits } from '../loops/waiting.ts';
import { type EnterContext, entryOf } from './entering.ts';
import { progresses, takesApart } from './progress.ts';
import { stuckBy } from './stuck.ts';

/** One call of a circle. */
export interface Step {
  readonly callable: Callable;
  /** The place that calls the next one. */
  readonly node: AnyNode;
}

/**
 * How a circle ends:
 * `overflows` never, and each call takes stack or memory; `starves` never, by microtasks that let nothing else run;
 * `waits` never, but it waits each time round; `stuck` not once it has begun; `progresses` since something shrinks or
 * waits; `unknown`.
 */
export type CycleEnd = 'overflows' | 'starves' | 'waits' | 'stuck' | 'progresses' | 'unknown';

/** A circle of functions. */
export interface Cycle {
  /** The shortest way round, from the first in the source. */
  readonly steps: readonly Step[];
  readonly verdict: 'progress' | 'unknown' | 'infinite';
  readonly end: CycleEnd;
  /** What makes it stuck, in words; null for every other end. */
  readonly why: string | null;
  /** True when something unknown is called in it, whose error would end it. */
  readonly isOpen: boolean;
}

/** Functions of one circle that are looked at; the rest of a larger one is not judged. */
const MEMBERS_MAX = 100;
/** Steps through code for all circles of one text. */
const STEPS_MAX = 500_000;

const NO_EDGES: readonly number[] = [];

/** All circles of the call graph. */
export function findCycles(facts: Facts, categories: Categories): Cycle[] {
  const graph = buildCallGraph(facts);
  const circles = components(edgesOf(graph));
  if (circles.length === 0) return [];
  const context = { graph, facts, categories, fuel: { steps: STEPS_MAX } };
  return circles.map((members) => {
    const inside = members.map((index) => graph.callables[index] as Callable).sort(byPlace);
    return judge(inside, context);
  });
}

/** By the index of each callable those of what it calls. */
function edgesOf(graph: CallGraph): readonly (readonly number[])[] {
  const indexes = new Map<Callable, number>();
  for (const callable of graph.callables) indexes.set(callable, indexes.size);
  return graph.callables.map((callable) => {
    const own = graph.edgesFrom(callable);
    return own.length === 0 ? NO_EDGES : own.map(({ to }) => indexes.get(to) as number);
  });
}

function byPlace(a: Callable, b: Callable): number {
  return a.node.start - b.node.start;
}

function judge(inside: readonly Callable[], context: EnterContext): Cycle {
  const { graph, facts } = context;
  const known = facts.scopes.isDynamic ? [] : inside.slice(0, MEMBERS_MAX);
  const never = endlessOf(known, context);
  const [first] = never.members;
  if (first) {
    const steps = pathFrom(first, never.members, graph, isSureEdge);
    const hasMicrotask = steps.some(({ edge }) => edge.kind === 'microtask');
    const end = never.waits ? 'waits' : hasMicrotask ? 'starves' : 'overflows';
    // What is taken apart comes to an end, and the next step into it fails.
    const isOpen = never.isOpen || steps.some(({ edge }) => takesApart(edge));
    const verdict = never.waits ? 'progress' : isOpen ? 'unknown' : 'infinite';
    return { steps, verdict, end, why: null, isOpen };
  }
  const members = new Set(inside);
  const steps = pathFrom(inside[0] as Callable, members, graph, () => true);
  const rest = { steps, isOpen: false };
  const why = stuckBy(known, graph, facts);
  if (why !== null) return { ...rest, verdict: 'unknown', end: 'stuck', why };
  return progresses(inside, graph, facts)
    ? { ...rest, verdict: 'progress', end: 'progresses', why: null }
    : { ...rest, verdict: 'unknown', end: 'unknown', why: null };
}

/** The largest set of callables each of which surely calls another of the set. */
function endlessOf(inside: readonly Callable[], context: EnterContext) {
  const all = closedUnderCalls(inside, context);
  if (all.members.size === 0) return { ...all, waits: false };
  // Without those that wait: is there a way round that never does?
  const busy = [...all.members].filter(({ bodies }) =>
    bodies.every((body) => !surelyWaits(body, context.facts)),
  );
  const rushing = closedUnderCalls(busy, context);
  return rushing.members.size > 0 ? { ...rushing, waits: false } : { ...all, waits: true };
}

function closedUnderCalls(
  inside: readonly Callable[],
  context: EnterContext,
): { members: Set<Callable>; isOpen: boolean } {
  const members = new Set(inside);
  let isOpen = false;
  for (let size = -1; size !== members.size; ) {
    size = members.size;
    isOpen = false;
    for (const callable of members) {
      const entry = entryOf(callable, members, context);
      if (entry.enters) isOpen ||= entry.isOpen;
      else members.delete(callable);
    }
  }
  return { members, isOpen };
}

function isSureEdge({ isSure }: Edge): boolean {
  return isSure;
}

/** The shortest way from a callable back to itself, through some others. */
function pathFrom(
  start: Callable,
  inside: ReadonlySet<Callable>,
  graph: CallGraph,
  allows: (edge: Edge) => boolean,
): (Step & { readonly edge: Edge })[] {
  const cameBy = new Map<Callable, Edge | null>([[start, null]]);
  for (const callable of cameBy.keys()) {
    for (const edge of graph.edgesFrom(callable)) {
      if (!inside.has(edge.to) || !allows(edge)) continue;
      if (edge.to === start) return backFrom(edge, cameBy);
      if (!cameBy.has(edge.to)) cameBy.set(edge.to, edge);
    }
  }
  return [];
}

function backFrom(last: Edge, cameBy: ReadonlyMap<Callable, Edge | null>) {
  const steps: (Step & { readonly edge: Edge })[] = [];
  for (let edge: Edge | null = last; edge; edge = cameBy.get(edge.from) ?? null)
    steps.unshift({ callable: edge.from, node: edge.node, edge });
  return steps;
}
