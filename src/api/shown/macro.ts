// Owns the schema of everything known of one macro as the API shows it, held against its interface in model/ledger.ts.

import { z } from 'zod';
import {
  BASELINE_MEASURES,
  type Baseline,
  type BaselineMeasure,
  type HeldMacro,
  type MacroRecord,
  type NormalRange,
  type Quarantine,
  type Release,
} from '../../model/ledger.ts';
import { asItIs, type ShapeOf } from './as.ts';
import { ShownRisk } from './events.ts';

const at = z.number().describe('ms since 1970');

const held = {
  at,
  by: z.string().describe('pattern:<id>, operator, or a name'),
  why: z.string(),
  runId: z.string().nullable(),
} satisfies ShapeOf<Quarantine>;

const range = z.object({
  median: z.number(),
  from: z.number().describe('nine in ten runs lie from here …'),
  to: z.number().describe('… to here'),
  high: z.number().describe('beyond this a run is far outside'),
} satisfies ShapeOf<NormalRange>);

const ShownBaseline = z.object({
  runs: z.int().describe('how many it is made of'),
  measures: z.object({
    peakHeap: range.describe('bytes'),
    cpuMs: range.describe('ms'),
    commands: range,
    durationMs: range.describe('ms'),
  } satisfies ShapeOf<Baseline['measures']>),
} satisfies ShapeOf<Baseline>);

/** A quarantine in force. */
export const ShownHeld = asItIs<HeldMacro>(
  z.object({
    ...held,
    name: z.string().describe('under which it was held'),
  } satisfies ShapeOf<HeldMacro>),
);

/** The fields of a macro. */
export const macroShape = {
  owner: z.string(),
  name: z.string(),
  risk: ShownRisk,
  quarantine: ShownHeld.nullable(),
  releases: z
    .array(
      z.object({
        ...held,
        released: z.object({ at, by: z.string(), why: z.string() } satisfies ShapeOf<
          Release['released']
        >),
      } satisfies ShapeOf<Release>),
    )
    .describe('the last quarantines that are over, newest first'),
  baseline: ShownBaseline.nullable().describe('what is normal for it; null before enough runs'),
  runs: z.int().describe('that were let in'),
  ends: z.record(z.string(), z.int()).describe('how often it ended for each reason'),
  effects: z
    .array(
      z.object({ effect: z.string(), count: z.int() } satisfies ShapeOf<
        MacroRecord['effects'][number]
      >),
    )
    .describe('what it did to others'),
  unusual: z.array(
    z.object({
      measure: z.enum(Object.keys(BASELINE_MEASURES) as [BaselineMeasure, ...BaselineMeasure[]]),
      count: z.int(),
      at,
      message: z.string(),
    } satisfies ShapeOf<MacroRecord['unusual'][number]>),
  ),
  lastRunAt: at.nullable(),
} satisfies ShapeOf<MacroRecord>;
