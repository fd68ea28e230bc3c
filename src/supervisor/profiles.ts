// Owns reading a worker's profiles: checked, in the author's own positions, Corral's own functions named as such; and the
// short answers that are in them: the hottest lines, who holds the memory, where the macro was last seen.

import {
  CpuProfile,
  HeapProfile,
  type HeapProfileNode,
  type ProfileCallFrame,
} from '../model/profile.ts';
import type { RealmPlan } from './realm-plan.ts';

/** A line and its share of the samples. */
export interface HotLine {
  readonly functionName: string;
  readonly file: string;
  readonly line: number;
  readonly hits: number;
  /** Of all samples, 0..1. */
  readonly share: number;
}

/** A function and what it allocated that is still held. */
export interface AllocationSite {
  readonly functionName: string;
  readonly file: string;
  /** Where the function begins. */
  readonly line: number;
  readonly column: number;
  readonly bytes: number;
  /** Of all that was noted, 0..1. */
  readonly share: number;
}

/** A function on the last stack seen; the line is where it begins. */
export interface SeenFunction {
  readonly functionName: string;
  readonly file: string;
  readonly line: number;
}

/** What the profiles of one macro say. */
export interface Profiles {
  readonly cpu: CpuProfile | null;
  readonly heap: HeapProfile | null;
  readonly hotLines: readonly HotLine[];
  readonly allocationSites: readonly AllocationSite[];
  /** Top first. */
  readonly lastSeen: readonly SeenFunction[];
}

/** Profiles as a worker sent them: JSON text, older windows of the CPU first. */
export interface RawProfiles {
  readonly cpu: readonly string[];
  readonly heap: string | null;
}

/** The macro's top level. */
const MACRO = '(macro)';
const LISTED_MAX = 10;
const SEEN_MAX = 16;
const DEPTH_MAX = 500;
/** Frames of V8's own. */
const META = /^\((?:root|program|idle|garbage collector|BIGINT API|V8 API|EXTERNAL)\)$/;

/** Reads them; what does not have the right shape is left out as if it had not come. */
export function readProfiles(raw: RawProfiles, plan: RealmPlan): Profiles {
  const windows = raw.cpu.flatMap((text) => parse(CpuProfile, text) ?? []);
  const cpu = windows.length > 0 ? joined(windows, plan) : null;
  const heap = raw.heap === null ? null : parse(HeapProfile, raw.heap);
  const head = heap && ownNode(heap.head, plan, 0);
  return {
    cpu,
    heap: head && { head, ...(heap?.samples && { samples: ofNodes(heap.samples, head) }) },
    hotLines: cpu ? hotLines(cpu, plan) : [],
    allocationSites: head ? allocationSites(head, plan) : [],
    lastSeen: cpu ? lastSeen(cpu, plan) : [],
  };
}

function parse<Shape>(
  schema: { safeParse(value: unknown): { success: boolean; data?: Shape } },
  text: string,
): Shape | null {
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    // Nested too deeply for the checker, or no JSON: both are a worker's doing.
    return null;
  }
}

/** One after the other in time, under one root. */
function joined(windows: readonly CpuProfile[], plan: RealmPlan): CpuProfile {
  const nodes: CpuProfile['nodes'] = [];
  const samples: number[] = [];
  const timeDeltas: number[] = [];
  const tops: number[] = [];
  for (const window of windows) {
    const offset = nodes.length + 1;
    const ids = new Map(window.nodes.map(({ id }, index) => [id, offset + index + 1]));
    const to = (id: number) => ids.get(id) ?? offset + 1;
    for (const node of window.nodes) {
      const callFrame = ownFrame(node.callFrame, plan);
      nodes.push({ ...node, id: to(node.id), callFrame, children: node.children?.map(to) ?? [] });
    }
    tops.push(offset + 1);
    samples.push(...window.samples.map(to));
    timeDeltas.push(...window.timeDeltas);
  }
  const [first] = windows;
  const startTime = first?.startTime ?? 0;
  const endTime = startTime + timeDeltas.reduce((sum, delta) => sum + Math.max(0, delta), 0);
  if (windows.length === 1) return { nodes, startTime, endTime, samples, timeDeltas };
  const root = { id: 1, callFrame: ROOT, hitCount: 0, children: tops };
  return { nodes: [root, ...nodes], startTime, endTime, samples, timeDeltas };
}

const ROOT: ProfileCallFrame = {
  functionName: '(root)',
  scriptId: '0',
  url: '',
  lineNumber: -1,
  columnNumber: -1,
};

/** A frame as the author knows it. The wrapper around a macro begins left of its first column. */
function ownFrame(frame: ProfileCallFrame, plan: RealmPlan): ProfileCallFrame {
  if (META.test(frame.functionName)) return { ...frame, url: '' };
  if (frame.url !== plan.analysis.file) {
    // What has no script is the language's own.
    if (frame.url === '' && frame.functionName !== '')
      return { ...ROOT, functionName: frame.functionName };
    return { ...ROOT, functionName: `(Corral) ${frame.functionName}`.trimEnd() };
  }
  if (frame.lineNumber < 0 || frame.columnNumber < 0 || isWrapper(frame)) {
    return { ...frame, functionName: MACRO, lineNumber: 0, columnNumber: 0 };
  }
  const place = plan.planted.toOriginal(frame.lineNumber + 1, frame.columnNumber + 1);
  return {
    ...frame,
    functionName: frame.functionName === '' ? '(anonymous)' : frame.functionName,
    lineNumber: place.line - 1,
    columnNumber: place.column - 1,
  };
}

function isWrapper({ functionName, lineNumber, columnNumber }: ProfileCallFrame): boolean {
  return functionName === '' && lineNumber === 0 && columnNumber === 0;
}

function ownNode(node: HeapProfileNode, plan: RealmPlan, depth: number): HeapProfileNode {
  const children = depth < DEPTH_MAX ? node.children : [];
  return {
    ...node,
    callFrame: ownFrame(node.callFrame, plan),
    children: children.map((child) => ownNode(child, plan, depth + 1)),
  };
}

/** Those of nodes that are there: a reader stumbles over any other. */
function ofNodes(
  samples: NonNullable<HeapProfile['samples']>,
  head: HeapProfileNode,
): NonNullable<HeapProfile['samples']> {
  const ids = new Set<number>();
  const visit = ({ id, children }: HeapProfileNode): void => {
    ids.add(id);
    children.forEach(visit);
  };
  visit(head);
  return samples.filter(({ nodeId }) => ids.has(nodeId));
}

function hotLines({ nodes }: CpuProfile, plan: RealmPlan): HotLine[] {
  const total = nodes.reduce((sum, { hitCount }) => sum + hitCount, 0);
  const byLine = new Map<string, { functionName: string; line: number; hits: number }>();
  for (const { callFrame, positionTicks } of nodes) {
    if (callFrame.url !== plan.analysis.file) continue;
    for (const { line, ticks } of positionTicks ?? []) {
      const key = `${line} ${callFrame.functionName}`;
      const known = byLine.get(key) ?? { functionName: callFrame.functionName, line, hits: 0 };
      known.hits += ticks;
      byLine.set(key, known);
    }
  }
  return [...byLine.values()]
    .sort((a, b) => b.hits - a.hits)
    .slice(0, LISTED_MAX)
    .map((each) => ({ ...each, file: plan.analysis.file, share: each.hits / Math.max(1, total) }));
}

function allocationSites(head: HeapProfileNode, plan: RealmPlan): AllocationSite[] {
  const sites = new Map<string, { frame: ProfileCallFrame; bytes: number }>();
  let total = 0;
  // What a built-in or the bridge allocated counts for the function of the macro's that called it.
  const visit = (node: HeapProfileNode, owner: ProfileCallFrame | null): void => {
    const frame = node.callFrame.url === plan.analysis.file ? node.callFrame : owner;
    total += node.selfSize;
    if (frame && node.selfSize > 0) {
      const key = `${frame.functionName} ${frame.lineNumber} ${frame.columnNumber}`;
      const site = sites.get(key) ?? { frame, bytes: 0 };
      site.bytes += node.selfSize;
      sites.set(key, site);
    }
    for (const child of node.children) visit(child, frame);
  };
  visit(head, null);
  return [...sites.values()]
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, LISTED_MAX)
    .map(({ frame, bytes }) => ({
      ...functionOf(frame),
      column: frame.columnNumber + 1,
      bytes,
      share: bytes / Math.max(1, total),
    }));
}

function lastSeen({ nodes, samples }: CpuProfile, plan: RealmPlan): SeenFunction[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(
    nodes.flatMap(({ id, children }) => (children ?? []).map((child) => [child, id])),
  );
  const isOwn = (id: number) => byId.get(id)?.callFrame.url === plan.analysis.file;
  let at = samples.findLast(isOwn);
  const seen: SeenFunction[] = [];
  while (at !== undefined && seen.length < SEEN_MAX) {
    const node = byId.get(at);
    // The wrapper stands around the macro's own top level.
    const isTwice = seen.at(-1)?.functionName === MACRO;
    if (node && isOwn(at) && !isTwice) seen.push(functionOf(node.callFrame));
    at = parents.get(at);
  }
  return seen;
}

function functionOf({ functionName, url, lineNumber }: ProfileCallFrame): SeenFunction {
  return { functionName, file: url, line: lineNumber + 1 };
}
