// Owns the schemas of sums of runs as the API shows them: of one macro, owner or reason, and of one stretch of time.

import { z } from 'zod';
import type { RunSums, TimeSums } from '../../store/history/statistics.ts';
import type { ShapeOf } from './as.ts';

/** Sums of the runs of one macro, owner or reason. */
export const ShownSums = z.object({
  name: z.string().describe('the macro, owner or reason; running for runs without a reason yet'),
  runs: z.int(),
  completed: z.int(),
  failed: z.int(),
  refused: z.int(),
  killed: z.int(),
  cancelled: z.int(),
  cpuMs: z.number().describe('ms'),
  commands: z.int(),
  peakHeap: z.number().describe('the most (bytes)'),
  durationMs: z.number().describe('on average (ms)'),
} satisfies ShapeOf<RunSums>);

/** Sums of one stretch of time. */
export const ShownStretch = z.object({
  at: z.number().describe('where it begins (ms since 1970)'),
  runs: z.int(),
  killed: z.int(),
  failed: z.int(),
  cpuMs: z.number().describe('ms'),
} satisfies ShapeOf<TimeSums>);
