// Owns the shape of what a pattern asks for: of the commands, of the text before a run, of what is measured in one.

import { z } from 'zod';
import { FindingLevel } from './report.ts';
import { parseSize } from './units.ts';

/** The largest count a pattern may speak of. */
export const COUNT_MAX = 1_000_000;
/** The longest window, and the longest pause (ms). */
export const WINDOW_MS_MAX = 24 * 60 * 60 * 1000;
/**
 * What a call that closes a circle of macros counts as: it has no end, and V8 shows at most 255 frames of a stack, so nothing
 * that has one is ever that deep.
 */
export const DEPTH_ENDLESS = 256;

const category = z.string().regex(/^[a-z][A-Za-z0-9]{0,31}$/, 'must be a category, such as chat');
const commandName = z
  .string()
  .regex(
    /^[a-z][A-Za-z0-9]{0,31}\.[a-z][A-Za-z0-9]{0,31}$/,
    'must be category.verb, such as chat.say',
  );
const oneOrMore = <Each extends z.ZodType>(each: Each) =>
  z.union([each, z.array(each).min(1).max(50)]);

const SIZE_FAULT = 'must be bytes, or a size such as 5mb';
const size = z.union([
  z.int().min(1),
  z.string().transform((text, context) => {
    const bytes = parseSize(text.trim().toLowerCase());
    if (bytes !== null && bytes >= 1) return bytes;
    context.addIssue({ code: 'custom', message: SIZE_FAULT });
    return z.NEVER;
  }),
]);

/** Which commands a pattern is about; all conditions must hold. */
export const CommandMatch = z
  .strictObject({
    category: oneOrMore(category).optional().describe('Commands of this category, or of these.'),
    name: oneOrMore(commandName).optional().describe('These commands by their whole name.'),
    except: z
      .array(commandName)
      .min(1)
      .max(50)
      .optional()
      .describe('Not these commands: for example those that only look.'),
    privileged: z.boolean().optional().describe('Only privileged commands, or only others.'),
  })
  .describe('Which commands are meant; an empty object means every command.');

/** What the analysis must say of a macro; all conditions must hold. */
export const StaticMatch = z
  .strictObject({
    inLoop: z.boolean().optional().describe('The command stands in a loop, or in none.'),
    ratePerWindowAtLeast: z
      .int()
      .min(1)
      .max(COUNT_MAX)
      .optional()
      .describe('At least so many of the commands can fall into one window of timeWindowMs.'),
    countAtLeast: z
      .int()
      .min(1)
      .max(COUNT_MAX)
      .optional()
      .describe('At least so many of the commands can be given in one run.'),
    loop: z.enum(['infinite', 'unknown']).optional().describe('A loop has this verdict.'),
    recursion: z
      .enum(['infinite', 'unknown', 'progress'])
      .optional()
      .describe('A cycle of calls has this verdict.'),
    growth: z
      .literal(true)
      .optional()
      .describe('Data grows without bound in a loop that never ends.'),
    macroRecursion: z.literal(true).optional().describe('Macros call each other in a circle.'),
    rule: oneOrMore(z.string().regex(/^[a-z][a-z0-9-]{0,59}$/, 'must be the id of a lint rule'))
      .optional()
      .describe('One of these lint rules found something.'),
    levelAtLeast: FindingLevel.optional().describe(
      'With rule: only findings of this level or above count; default warning.',
    ),
  })
  .describe('What must be known of the macro before it runs.');

/** What must be measured of a run; all conditions must hold. */
export const LiveMatch = z
  .strictObject({
    heapGrowthPerSecondAtLeast: size
      .optional()
      .describe(
        'What it holds grows all along by at least so much a second (bytes, or a size such as 5mb); garbage does not count.',
      ),
    cpuShareAtLeast: z
      .number()
      .gt(0)
      .max(1)
      .optional()
      .describe('It uses at least this share of a processor, from 0 to 1.'),
    recursionDepthAtLeast: z
      .int()
      .min(2)
      .max(DEPTH_ENDLESS)
      .optional()
      .describe(
        `One function, or macros through macros.call, stand in each other so deep; a circle of macros counts as ${DEPTH_ENDLESS}.`,
      ),
  })
  .describe('What must be measured of a run, all along the timeWindowMs.');

/** Something done for so long at such a pace, and how often the pattern then matches; see docs/patterns.md. */
export const LiveTest = z.strictObject({
  command: commandName.optional().describe('A command that is given.'),
  count: z.int().min(1).max(COUNT_MAX).optional().describe('How often it is given.'),
  everyMs: z.number().min(0).max(WINDOW_MS_MAX).optional().describe('How far apart (ms).'),
  heapPerSecond: size.optional().describe('What it holds grows by so much a second.'),
  cpuShare: z.number().min(0).max(1).optional().describe('It uses this share of a processor.'),
  depth: z
    .int()
    .min(1)
    .max(DEPTH_ENDLESS)
    .optional()
    .describe('Calls stand in each other so deep.'),
  forMs: z.int().min(1).max(WINDOW_MS_MAX).optional().describe('For so long (ms).'),
  hits: z.int().min(0).max(COUNT_MAX).describe('How often the pattern matches.'),
});

export type CommandMatch = z.infer<typeof CommandMatch>;
export type StaticMatch = z.infer<typeof StaticMatch>;
export type LiveMatch = z.infer<typeof LiveMatch>;
export type LiveTest = z.infer<typeof LiveTest>;
