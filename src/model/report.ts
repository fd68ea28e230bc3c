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

/** A change of the text that mends a finding; an empty range inserts. */
export const FindingFix = z.object({
  /** What the change does, in words. */
  message: z.string(),
  /** What takes the place of the range. */
  text: z.string(),
  /** True when it changes nothing but what is wrong: `corral lint --fix` makes it unasked. */
  safe: z.boolean(),
  ...position,
});

/** One thing analysis found. */
export const Finding = z.object({
  rule: z.string(),
  level: FindingLevel,
  message: z.string(),
  ...position,
  related: z.array(RelatedPlace),
  // Reports of earlier versions, in dumps, have neither.
  /** How to mend it, where the message does not say. */
  advice: z.string().nullable().default(null),
  fix: FindingFix.nullable().default(null),
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
export type FindingFix = z.infer<typeof FindingFix>;
export type Finding = z.infer<typeof Finding>;
export type LoopReport = z.infer<typeof LoopReport>;
export type RecursionReport = z.infer<typeof RecursionReport>;
export type CostReport = z.infer<typeof CostReport>;
export type Verdict = z.infer<typeof Verdict>;
export type Report = z.infer<typeof Report>;
