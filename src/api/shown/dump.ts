// Owns the schemas of crash dumps as the API shows them: one in the index, the same trouble together, the file, a replay.

import { z } from 'zod';
import type { EndEvent, PlaceMatch, Replay } from '../../corral.ts';
import { CrashDump } from '../../model/dump.ts';
import type { DumpEntry, DumpTrouble } from '../../store/history/dumps.ts';
import { asItIs, oneOf, type ShapeOf, streamed } from './as.ts';
import { ShownEnd } from './events.ts';

const time = z.int().describe('ms since 1970');
const trouble = {
  owner: z.string(),
  macro: z.string(),
  reason: z.string(),
  fingerprint: z.string().describe('the same for the same trouble'),
  place: z.string().describe('file:line; empty where unknown'),
};

/** A dump in the index. */
export const ShownDump = z.object({
  run: z.string(),
  ...trouble,
  time,
  bytes: z.int(),
  path: z.string().describe("the file's name"),
} satisfies ShapeOf<DumpEntry>);

/** Dumps of the same trouble. */
export const ShownTrouble = z.object({
  ...trouble,
  count: z.int(),
  firstAt: time,
  lastAt: time,
} satisfies ShapeOf<DumpTrouble>);

/** The file, neither checked nor changed: old and damaged ones are shown too. */
export const DumpFile = streamed(
  CrashDump.extend({
    allocations: z
      .looseObject({})
      .nullish()
      .describe("Chrome's sampling heap profile: a tree that refers to itself"),
  }),
);

/** What came of a replay. */
export const ShownReplay: z.ZodType<Replay, Replay> = z.object({
  same: z.boolean().describe('true when it ended in the same way'),
  end: asItIs<EndEvent>(ShownEnd),
  place: oneOf<PlaceMatch>({ same: true, near: true, different: true, unknown: true }),
  diverged: z
    .array(
      z.object({
        at: z.number().describe('ms since the run started'),
        macro: z.string(),
        asked: z.string(),
        recorded: z.string().nullable(),
      } satisfies ShapeOf<Replay['diverged'][number]>),
    )
    .describe('what it asked for that the recording has not'),
  missing: z.int().describe('recorded and not asked for again'),
  partial: z.boolean().describe('true where the recording ended before the macro did'),
} satisfies ShapeOf<Replay>);
