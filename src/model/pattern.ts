// Owns the shape of a pattern file; schemas/pattern.schema.json is made from it. Strict: an unknown key is a mistake.

import { z } from 'zod';
import { FindingLevel } from './report.ts';

/** The words in `{{…}}` a message may use, and what each becomes. */
export const MESSAGE_WORDS = {
  count: 'the most such commands within the window',
  total: 'the most such commands in a run',
  command: 'the commands meant, by name',
  window: 'the window, for example 5s',
  limit: 'what is allowed, for example 10 in 5s',
  loop: 'the loop meant, for example loop at line 3',
  circle: 'the macros that call each other, for example patrol → duel → patrol',
} as const;

/** The words of {@link MESSAGE_WORDS} that only a pattern about commands can fill. */
const COMMAND_WORDS: readonly string[] = ['count', 'total', 'command'];
/** The words of {@link MESSAGE_WORDS} that need a window. */
const WINDOW_WORDS: readonly string[] = ['window', 'limit'];

const COUNT_MAX = 1_000_000;
const WINDOW_MS_MAX = 24 * 60 * 60 * 1000;
const TEST_CHARS_MAX = 10_000;

const line = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[^\r\n]*$/, 'must be one line');
const category = z.string().regex(/^[a-z][A-Za-z0-9]{0,31}$/, 'must be a category, such as chat');
const commandName = z
  .string()
  .regex(
    /^[a-z][A-Za-z0-9]{0,31}\.[a-z][A-Za-z0-9]{0,31}$/,
    'must be category.verb, such as chat.say',
  );
const oneOrMore = <Each extends z.ZodType>(each: Each) =>
  z.union([each, z.array(each).min(1).max(50)]);

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

const fields = {
  id: z
    .string()
    .max(60)
    .regex(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/, 'must be lower-case words joined by hyphens')
    .describe('Stable and unique: a run stopped by it ends for the reason pattern:<id>.'),
  title: line(80).describe('What people call it.'),
  risk: z.enum(['low', 'medium', 'high', 'critical']).describe('How much harm it does.'),
  confidence: z
    .enum(['low', 'medium', 'high'])
    .describe('How sure a match means harm; below high, lint only informs.'),
  action: z
    .enum(['warn', 'pause', 'stop', 'emergency'])
    .describe('What becomes of a run that does it; the guard level may make it stricter.'),
  maxOccurrences: z
    .int()
    .min(1)
    .max(COUNT_MAX)
    .optional()
    .describe('The most commands allowed within timeWindowMs; one more is too many.'),
  timeWindowMs: z
    .int()
    .min(1)
    .max(WINDOW_MS_MAX)
    .optional()
    .describe('The length of the sliding window (ms).'),
  effects: z.array(line(200)).min(1).max(10).describe('What it does to others and to the host.'),
  recovery: z
    .strictObject({
      autoResumeAfterMs: z
        .int()
        .min(1)
        .max(WINDOW_MS_MAX)
        .optional()
        .describe('A paused run goes on after this time (ms); without it a person decides.'),
      advice: z.string().min(1).max(500).describe('How the author mends the macro.'),
    })
    .describe('What happens afterwards.'),
  match: z
    .strictObject({ command: CommandMatch.optional(), static: StaticMatch.optional() })
    .describe('When the pattern applies.'),
  message: line(300).describe(
    `What is told. Words: ${Object.keys(MESSAGE_WORDS)
      .map((word) => `{{${word}}}`)
      .join(', ')}.`,
  ),
  references: z
    .array(line(200))
    .max(10)
    .optional()
    .describe('Where to read more, such as CWE-770.'),
  tests: z
    .strictObject({
      invalid: z
        .array(z.string().min(1).max(TEST_CHARS_MAX))
        .min(1)
        .max(50)
        .describe('Macros that the pattern must match.'),
      valid: z
        .array(z.string().min(1).max(TEST_CHARS_MAX))
        .min(1)
        .max(50)
        .describe('Macros that the pattern must not match.'),
    })
    .describe('Macros that show the pattern; they are checked when the file is loaded.'),
};

/** A pattern file's content. */
export const Pattern = z.strictObject(fields).superRefine((pattern, context) => {
  for (const { path, message } of faultsOf(pattern))
    context.addIssue({ code: 'custom', path: [...path], message });
});

/** A pattern file's content. */
export type Pattern = z.infer<typeof Pattern>;
export type CommandMatch = z.infer<typeof CommandMatch>;
export type StaticMatch = z.infer<typeof StaticMatch>;

interface Fault {
  readonly path: readonly string[];
  readonly message: string;
}
type Fields = z.infer<z.ZodObject<typeof fields>>;

/** What no single field shows. */
function faultsOf(pattern: Fields): Fault[] {
  return [...windowFaults(pattern), ...matchFaults(pattern), ...messageFaults(pattern)];
}

function windowFaults({ maxOccurrences, timeWindowMs, match }: Fields): Fault[] {
  const faults: Fault[] = [];
  const rate = match.static?.ratePerWindowAtLeast;
  if ((maxOccurrences === undefined) !== (timeWindowMs === undefined)) {
    const [has, lacks] =
      maxOccurrences === undefined
        ? (['timeWindowMs', 'maxOccurrences'] as const)
        : (['maxOccurrences', 'timeWindowMs'] as const);
    faults.push({ path: [has], message: `needs ${lacks} beside it` });
  }
  const ratePath = ['match', 'static', 'ratePerWindowAtLeast'];
  if (rate !== undefined && timeWindowMs === undefined)
    faults.push({ path: ratePath, message: 'needs timeWindowMs, the length of the window' });
  if (rate !== undefined && maxOccurrences !== undefined && rate < maxOccurrences)
    faults.push({
      path: ratePath,
      message: `is below maxOccurrences (${maxOccurrences}): lint would tell of what a run may do; write ${maxOccurrences + 1}`,
    });
  return faults;
}

const COMMAND_CONDITIONS = ['inLoop', 'ratePerWindowAtLeast', 'countAtLeast'] as const;

function matchFaults({ match, maxOccurrences }: Fields): Fault[] {
  const faults: Fault[] = [];
  const { command, static: facts = {} } = match;
  for (const key of COMMAND_CONDITIONS)
    if (facts[key] !== undefined && !command)
      faults.push({
        path: ['match', 'static', key],
        message: 'is about commands: say which with match.command',
      });
  if (facts.levelAtLeast !== undefined && facts.rule === undefined)
    faults.push({ path: ['match', 'static', 'levelAtLeast'], message: 'needs rule beside it' });
  if (matchesAll(match, maxOccurrences))
    faults.push({
      path: ['match'],
      message:
        'would match every macro: name a category or a command, or what the analysis must say, such as growth: true',
    });
  return faults;
}

/** True when nothing is asked for that most macros lack. */
function matchesAll({ command, static: facts = {} }: Fields['match'], most = 0): boolean {
  const { loop, recursion, growth, macroRecursion, rule } = facts;
  if ([loop, recursion, growth, macroRecursion, rule].some((each) => each !== undefined))
    return false;
  if (!command) return true;
  const isNarrow = command.category !== undefined || command.name !== undefined;
  const least = Math.max(facts.ratePerWindowAtLeast ?? 0, facts.countAtLeast ?? 0, most);
  return !isNarrow && command.privileged !== true && least < 2;
}

function messageFaults({ message, match, timeWindowMs }: Fields): Fault[] {
  const known = Object.keys(MESSAGE_WORDS);
  const faults: Fault[] = [];
  const say = (text: string) => faults.push({ path: ['message'], message: text });
  for (const [whole, word = ''] of message.matchAll(/\{\{([^{}]*)\}\}/g)) {
    if (!known.includes(word)) say(`has ${whole}; there are ${known.join(', ')}`);
    else if (COMMAND_WORDS.includes(word) && !match.command)
      say(`has ${whole}, but the pattern is not about commands (match.command)`);
    else if (WINDOW_WORDS.includes(word) && timeWindowMs === undefined)
      say(`has ${whole}, but the pattern has no timeWindowMs`);
  }
  if (/\{\{|\}\}/.test(message.replace(/\{\{[^{}]*\}\}/g, '')))
    say('has braces that do not pair; write {{count}}');
  return faults;
}
