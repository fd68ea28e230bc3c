// Owns how deep a function stands in itself by a CPU profile. The profile comes from a worker and is checked; V8 shows the
// top 255 frames of a stack, so nothing is deeper than that.

import { CpuProfile } from '../../model/profile.ts';
import type { Nesting } from '../../policy/watch/hit.ts';
import type { RealmPlan } from '../realm-plan.ts';

type Node = CpuProfile['nodes'][number];

/** The function of the macro's that stood deepest in itself; null when none is seen. */
export function deepestRecursion(profile: string, plan: RealmPlan): Nesting | null {
  const { file } = plan.analysis;
  const nodes = new Map(readNodes(profile).map((node) => [node.id, node]));
  const depths = new Map<string, number>();
  const seen = new Set<number>();
  let deepest: { readonly node: Node; readonly depth: number } | null = null;
  // Each entry is a node to go into, or one to come back from; a profile may be nested too deep to recurse into.
  const [first] = nodes.values();
  const way = first ? [{ node: first, isLeft: false }] : [];
  for (let step = way.pop(); step; step = way.pop()) {
    const { node, isLeft } = step;
    const key = node.callFrame.url === file ? keyOf(node) : null;
    const depth = (key !== null && depths.get(key)) || 0;
    if (isLeft) {
      if (key !== null) depths.set(key, depth - 1);
      continue;
    }
    if (seen.has(node.id)) continue;
    seen.add(node.id);
    if (key !== null) {
      depths.set(key, depth + 1);
      if (!deepest || depth + 1 > deepest.depth) deepest = { node, depth: depth + 1 };
    }
    way.push({ node, isLeft: true });
    for (const id of node.children ?? []) {
      const child = nodes.get(id);
      if (child) way.push({ node: child, isLeft: false });
    }
  }
  return deepest && toNesting(deepest.node, deepest.depth, plan);
}

function readNodes(profile: string): Node[] {
  try {
    return CpuProfile.safeParse(JSON.parse(profile)).data?.nodes ?? [];
  } catch {
    // No JSON: a worker's doing, and told where the profile itself is read.
    return [];
  }
}

function keyOf({ callFrame }: Node): string {
  return `${callFrame.functionName} ${callFrame.lineNumber} ${callFrame.columnNumber}`;
}

function toNesting({ callFrame }: Node, depth: number, plan: RealmPlan): Nesting {
  const { functionName, lineNumber, columnNumber } = callFrame;
  const isKnown = lineNumber >= 0 && columnNumber >= 0;
  const place = isKnown ? plan.planted.toOriginal(lineNumber + 1, columnNumber + 1) : null;
  return {
    depth,
    path: [functionName === '' ? '(anonymous)' : functionName],
    of: 'function',
    line: place?.line ?? null,
  };
}
