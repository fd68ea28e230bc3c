// Owns the shape of a pattern file; schemas/pattern.schema.json is made from it. Strict: an unknown key is a mistake.

import { z } from 'zod';
import {
  COUNT_MAX,
  CommandMatch,
  LiveMatch,
  LiveTest,
  StaticMatch,
  WINDOW_MS_MAX,
} from './pattern-match.ts';

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

const TEST_CHARS_MAX = 10_000;

const line = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[^\r\n]*$/, 'must be one line');
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
  scope: z
    .enum(['run', 'macro'])
    .optional()
    .describe(
      'Whose commands are counted live: those of each run alone (run), or also those of all runs of a macro together (macro, the default).',
    ),
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
    .strictObject({
      command: CommandMatch.optional(),
      static: StaticMatch.optional(),
      live: LiveMatch.optional(),
    })
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
        .optional()
        .describe('Macros that the pattern must match before they run.'),
      valid: z
        .array(z.string().min(1).max(TEST_CHARS_MAX))
        .min(1)
        .max(50)
        .optional()
        .describe('Macros that the pattern must not match before they run.'),
      live: z
        .array(LiveTest)
        .min(1)
        .max(50)
        .optional()
        .describe('What a run does, and how often the pattern then matches.'),
    })
    .describe('What shows the pattern; it is checked when the file is loaded.'),
};

/** A pattern file's content. */
export const Pattern = z.strictObject(fields).superRefine((pattern, context) => {
  for (const { path, message } of faultsOf(pattern))
    context.addIssue({ code: 'custom', path: [...path], message });
});

/** A pattern file's content. */
export type Pattern = z.infer<typeof Pattern>;

interface Fault {
  readonly path: readonly string[];
  readonly message: string;
}
type Fields = z.infer<z.ZodObject<typeof fields>>;

/** What no single field shows. */
function faultsOf(pattern: Fields): Fault[] {
  return [
    ...windowFaults(pattern),
    ...liveFaults(pattern),
    ...matchFaults(pattern),
    ...messageFaults(pattern),
    ...testFaults(pattern),
  ];
}

function windowFaults({ maxOccurrences, timeWindowMs, match }: Fields): Fault[] {
  const faults: Fault[] = [];
  const rate = match.static?.ratePerWindowAtLeast;
  if (maxOccurrences !== undefined && timeWindowMs === undefined)
    faults.push({ path: ['maxOccurrences'], message: 'needs timeWindowMs beside it' });
  if (maxOccurrences === undefined && timeWindowMs !== undefined && !match.live)
    faults.push({ path: ['timeWindowMs'], message: 'needs maxOccurrences beside it' });
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

/** The conditions of {@link LiveMatch} that are judged over a window. */
const OVER_TIME = ['heapGrowthPerSecondAtLeast', 'cpuShareAtLeast'] as const;

function liveFaults({ match: { command, live }, maxOccurrences, timeWindowMs }: Fields): Fault[] {
  if (!live) return [];
  const faults: Fault[] = [];
  const path = ['match', 'live'];
  if (Object.keys(live).length === 0)
    faults.push({ path, message: 'asks for nothing; name what must be measured' });
  if (command)
    faults.push({
      path,
      message: 'is about the run as a whole, and match.command about commands; write two patterns',
    });
  else if (maxOccurrences !== undefined)
    faults.push({
      path: ['maxOccurrences'],
      message: 'counts commands, and match.live is about the run as a whole; leave it out',
    });
  const isOverTime = OVER_TIME.some((key) => live[key] !== undefined);
  if (live.recursionDepthAtLeast !== undefined && isOverTime)
    faults.push({
      path: [...path, 'recursionDepthAtLeast'],
      message: 'is seen in one moment, and the others over a window; write two patterns',
    });
  if (!isOverTime && timeWindowMs !== undefined && maxOccurrences === undefined)
    faults.push({ path: ['timeWindowMs'], message: 'is of no use here; leave it out' });
  for (const key of OVER_TIME)
    if (live[key] !== undefined && timeWindowMs === undefined)
      faults.push({
        path: [...path, key],
        message: 'needs timeWindowMs, the length of the window',
      });
  return faults;
}

/** What a pattern asks for is shown by tests: of macros where it speaks of them, of runs where it speaks of nothing else. */
function testFaults({ match, tests }: Fields): Fault[] {
  const isLiveOnly = match.live !== undefined && !match.static && !match.command;
  const needed = isLiveOnly ? (['live'] as const) : (['invalid', 'valid'] as const);
  const faults: Fault[] = needed
    .filter((kind) => tests[kind] === undefined)
    .map((kind) => ({ path: ['tests', kind], message: 'is missing' }));
  if (isLiveOnly && tests.invalid)
    faults.push({
      path: ['tests', 'invalid'],
      message:
        'cannot be matched before a run: the pattern has neither match.static nor match.command',
    });
  for (const [index, test] of (tests.live ?? []).entries())
    for (const message of liveTestFaults(test))
      faults.push({ path: ['tests', 'live', String(index)], message });
  return faults;
}

function liveTestFaults(test: LiveTest): string[] {
  const { command, count, everyMs, heapPerSecond, cpuShare, depth, forMs } = test;
  const isMeasured = heapPerSecond !== undefined || cpuShare !== undefined;
  const faults: string[] = [];
  if (command !== undefined && (count === undefined || everyMs === undefined))
    faults.push('needs count and everyMs beside command');
  if (command === undefined && (count !== undefined || everyMs !== undefined))
    faults.push('needs command beside count and everyMs');
  if (isMeasured !== (forMs !== undefined))
    faults.push('needs forMs beside heapPerSecond or cpuShare, and nowhere else');
  if (command === undefined && !isMeasured && depth === undefined)
    faults.push(
      'does nothing; write for example { command: chat.say, count: 11, everyMs: 100, hits: 1 }',
    );
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
function matchesAll({ command, live, static: facts = {} }: Fields['match'], most = 0): boolean {
  const { loop, recursion, growth, macroRecursion, rule } = facts;
  if ([loop, recursion, growth, macroRecursion, rule].some((each) => each !== undefined))
    return false;
  if (!command) return live === undefined;
  const isNarrow = command.category !== undefined || command.name !== undefined;
  const least = Math.max(facts.ratePerWindowAtLeast ?? 0, facts.countAtLeast ?? 0, most);
  return !isNarrow && command.privileged !== true && least < 2;
}

function messageFaults({ message, match, timeWindowMs, maxOccurrences }: Fields): Fault[] {
  const known = Object.keys(MESSAGE_WORDS);
  const faults: Fault[] = [];
  const say = (text: string) => faults.push({ path: ['message'], message: text });
  for (const [whole, word = ''] of message.matchAll(/\{\{([^{}]*)\}\}/g)) {
    if (!known.includes(word)) say(`has ${whole}; there are ${known.join(', ')}`);
    else if (COMMAND_WORDS.includes(word) && !match.command)
      say(`has ${whole}, but the pattern is not about commands (match.command)`);
    else if (word === 'window' && timeWindowMs === undefined)
      say(`has ${whole}, but the pattern has no timeWindowMs`);
    else if (word === 'limit' && maxOccurrences === undefined)
      say(`has ${whole}, but the pattern has no maxOccurrences`);
  }
  if (/\{\{|\}\}/.test(message.replace(/\{\{[^{}]*\}\}/g, '')))
    say('has braces that do not pair; write {{count}}');
  return faults;
}
