// Owns the shapes of Chrome's two profile formats, as DevTools and speedscope read them (.cpuprofile and .heapprofile).

import { z } from 'zod';

const CallFrame = z.object({
  functionName: z.string().max(1_000),
  scriptId: z.string().max(40),
  url: z.string().max(1_000),
  /** 0-based, -1 for none. */
  lineNumber: z.int(),
  columnNumber: z.int(),
});

const ProfileNode = z.object({
  id: z.int(),
  callFrame: CallFrame,
  /** Samples that found the macro in this very function. */
  hitCount: z.int().min(0).default(0),
  children: z.array(z.int()).optional(),
  /** Lines (1-based) those samples fell on. */
  positionTicks: z.array(z.object({ line: z.int(), ticks: z.int().min(0) })).optional(),
});

/** Chrome's `Profiler.Profile`: where the CPU went. Times in µs. */
export const CpuProfile = z.object({
  nodes: z.array(ProfileNode),
  startTime: z.number(),
  endTime: z.number(),
  samples: z.array(z.int()),
  timeDeltas: z.array(z.number()),
});

/** A node of Chrome's `SamplingHeapProfile`; sizes in bytes, of its own function only. */
export interface HeapProfileNode {
  readonly callFrame: z.infer<typeof CallFrame>;
  readonly selfSize: number;
  readonly id: number;
  readonly children: HeapProfileNode[];
}

const HeapNode: z.ZodType<HeapProfileNode> = z.object({
  callFrame: CallFrame,
  selfSize: z.number().min(0),
  id: z.int(),
  get children() {
    return z.array(HeapNode);
  },
});

/** Chrome's `SamplingHeapProfile`: which functions allocated what is still held. */
export const HeapProfile = z.object({
  head: HeapNode,
  samples: z.array(z.object({ size: z.number(), nodeId: z.int(), ordinal: z.number() })).optional(),
});

/** Where the CPU went. */
export type CpuProfile = z.infer<typeof CpuProfile>;
/** Who holds the memory. */
export type HeapProfile = z.infer<typeof HeapProfile>;
/** A place in a profile. */
export type ProfileCallFrame = z.infer<typeof CallFrame>;
