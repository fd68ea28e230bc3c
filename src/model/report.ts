// Owns the shape of what analysis says about a macro: `corral lint --format json` prints exactly this.

import { z } from 'zod';

/** How serious a finding is. */
export const FindingLevel = z.enum(['info', 'warning', 'error']);

const position = {
  /** 1-based. */
  line: z.int(),
  /** 1-based, in UTF-16 code units. */
  column: z.int(),
  endLine: z.int(),
  /** Exclusive. */
  endColumn: z.int(),
};

/** Another place a finding points at. */
export const RelatedPlace = z.object({ message: z.string(), ...position });

/** One thing analysis found. */
export const Finding = z.object({
  rule: z.string(),
  level: FindingLevel,
  message: z.string(),
  ...position,
  related: z.array(RelatedPlace),
});

/** A loop and whether it ends; `bound` is the most iterations, null where unknown. */
export const LoopReport = z.object({
  line: z.int(),
  column: z.int(),
  verdict: z.enum(['terminates', 'unknown', 'infinite']),
  bound: z.number().nullable(),
});

/** A cycle of calls. */
export const RecursionReport = z.object({
  functions: z.array(z.string()),
  line: z.int(),
  verdict: z.enum(['progress', 'unknown', 'infinite']),
});

/** What a macro can cost; null where unknown. */
export const CostReport = z.object({
  commands: z.object({ min: z.number().nullable(), max: z.number().nullable() }),
  peakPerSecond: z.record(z.string(), z.number().nullable()),
});

/** What may happen to a macro: run beside others, run alone in its process, or not run. */
export const Verdict = z.enum(['admit', 'solo', 'refuse']);

/** Everything analysis says about one file. */
export const Report = z.object({
  file: z.string(),
  verdict: Verdict,
  /** 0..1. */
  risk: z.number().min(0).max(1),
  findings: z.array(Finding),
  loops: z.array(LoopReport),
  recursion: z.array(RecursionReport),
  cost: CostReport,
});

export type FindingLevel = z.infer<typeof FindingLevel>;
export type RelatedPlace = z.infer<typeof RelatedPlace>;
export type Finding = z.infer<typeof Finding>;
export type LoopReport = z.infer<typeof LoopReport>;
export type RecursionReport = z.infer<typeof RecursionReport>;
export type CostReport = z.infer<typeof CostReport>;
export type Verdict = z.infer<typeof Verdict>;
export type Report = z.infer<typeof Report>;
