// Owns the schema of a pattern as the API shows it: what its file comes to, with whether it is in force and where it is from.

import { z } from 'zod';
import { Pattern } from '../../model/pattern.ts';
import { LiveMatch, LiveTest } from '../../model/pattern-match.ts';
import type { ShelvedPattern } from '../../service/pattern-shelf.ts';
import type { ShapeOf } from './as.ts';

/** A pattern, and how it stands. */
export type PatternAnswer = Pattern & {
  readonly enabled: boolean;
  readonly source: 'file' | 'put';
};

const { match, tests } = Pattern.shape;
/** A file may write a size as 5mb; what it comes to is bytes. */
const bytes = z.int().optional().describe('bytes');

/** A pattern, and how it stands. */
export const ShownPattern = z.object({
  ...Pattern.shape,
  match: match.extend({
    live: LiveMatch.extend({ heapGrowthPerSecondAtLeast: bytes }).optional(),
  }),
  tests: tests.extend({
    live: z.array(LiveTest.extend({ heapPerSecond: bytes })).optional(),
  }),
  enabled: z.boolean(),
  source: z.enum(['file', 'put']),
} satisfies ShapeOf<PatternAnswer>);

/** What is shown of a pattern. */
export function toPatternAnswer({ pattern, enabled, yaml }: ShelvedPattern): PatternAnswer {
  return { ...pattern, enabled, source: yaml === null ? 'file' : 'put' };
}
