// Owns the shape of a run's journal: all that a macro asked for and what it was answered, so that the run can be replayed.

import { z } from 'zod';

/** One thing a macro asked for. */
export const JournalEntry = z.looseObject({
  /** The name of the macro that asked: the run's own, or one it called. */
  macro: z.string(),
  kind: z.enum(['command', 'slash', 'state', 'call']),
  name: z.string(),
  /** An encoded value, as text. */
  args: z.string(),
  /** ms since the run started. */
  at: z.number(),
  /** How long the answer took (ms); null where there was none before the end. */
  afterMs: z.number().nullable(),
  /** An encoded value. */
  value: z.unknown(),
  error: z.looseObject({ name: z.string(), message: z.string(), code: z.string() }).nullable(),
  /** What ended the run instead of an answer: the command's own limit, or a pattern. */
  limit: z.string().optional(),
  /** The reason for that end; `command-limit` where it is left out. */
  reason: z.string().optional(),
});

/** All of them, in the order they were asked for. */
export const Journal = z.looseObject({
  entries: z.array(JournalEntry),
  /** False where more was asked for than is kept. */
  complete: z.boolean(),
});

/** One thing a macro asked for. */
export type JournalEntry = z.infer<typeof JournalEntry>;
/** A run's journal. */
export type Journal = z.infer<typeof Journal>;
