// Owns what an author is told to try after a run was stopped: by the operation it was in, and by the reason.

import type { CrashDump } from '../model/dump.ts';
import type { KILL_REASONS } from '../model/outcome.ts';
import { short } from './items.ts';

/** By reason; the first that fits stand first. */
const BY_REASON: Record<(typeof KILL_REASONS)[number] | 'failed' | 'cancelled', readonly string[]> =
  {
    'cpu-limit': [
      'Look at what it did at the marked line: is there a loop or a recursion around it, and what ends that? `corral lint` names what cannot end.',
      'If it is right and only long: do less, or ask for more with --limit cpu=…, if the host allows it.',
    ],
    'wall-limit': [
      'A macro meant to run for long needs a longer wall limit: --limit wall=30m.',
      'Otherwise look at what it waited for last: a loop of `sleep`, or a command that takes its time.',
    ],
    'idle-limit': [
      'The promise it waits for is never resolved. Look for a `new Promise` whose `resolve` is not reached on every way.',
      'To wait for time to pass, use `await sleep(ms)`; to wait for an answer, `await` the command itself.',
    ],
    'heap-limit': [
      'Find what grows: a list, map or text that is only ever added to. Keep counts instead of things, or drop old entries.',
      'Work in pieces: handle each item and let go of it before the next. `budget().heapBytes` says what is left.',
      'If it truly needs more: --limit heap=…, if the host allows it.',
    ],
    'command-limit': [
      'Look at the loop that gives the commands: is there a way out of it, and a pause in it?',
      'Not all at once: `for (…) { await … }` gives one after another, `Promise.all` all together. `budget().commands` says how many are left.',
    ],
    'output-limit': [
      'Log less: not every turn of a loop, and a figure instead of a whole object.',
      'Return what is needed, not everything that was gathered. `budget().outputBytes` says what is left.',
    ],
    stuck: [
      'Nothing could interrupt it: that is most often one single operation that is given too much at once, or a loop without an end around such operations. `corral lint` names loops that cannot end.',
      'Check sizes before you use them: a length that comes from an input or an answer may be anything.',
    ],
    'worker-lost': [
      'If it happens again at the same place, one operation there asks for too much at once: give it less.',
      'If other macros shared the process, this one may be innocent: just start it again (`@retry 2` does so by itself).',
    ],
    'host-pressure': [
      'The macro may be innocent: the machine ran short. Start it again when there is less to do.',
    ],
    emergency: [
      'Nothing is wrong with the macro: somebody stopped everything. Start it again later.',
    ],
    failed: [
      'The error was not caught. Look at the values that were used where it was thrown.',
      'A command that can fail wants `try { await … } catch (error) { … }`; `error.code` says why it failed.',
    ],
    cancelled: ['It was cancelled on purpose; nothing needs to change.'],
  };

const BURST = [
  'It computed for too long without a break. Put `await sleep(0)` into the loop, so that it pauses now and then.',
  'If that loop was to end by itself: what makes it end, and does that ever happen? `corral lint` names loops that cannot end.',
];

const PATTERN = [
  'It did something too often in too short a time. Put `await sleep(ms)` between the commands.',
];

const TEXT =
  'Texts that double, or lengths that come from elsewhere, soon hold gigabytes: bound the length before this call.';
const REGEX =
  'A regular expression with a repetition inside a repetition, such as (a+)+, tries without end. Write it without nesting, or test shorter texts.';
const BIGINT =
  'Powers and products of BigInts get too large to compute: bound the numbers that go in, or use ordinary numbers.';
const ARRAY =
  'A list or buffer this long needs gigabytes, or ages. Check the length first, and build only what is needed.';

/** By operation, as beacons name it or as it stands in the source. */
const BY_OPERATION: readonly { readonly names: string; readonly advice: string }[] = [
  { names: 'test exec match matchAll search replace replaceAll RegExp', advice: REGEX },
  { names: '** * << / % **= *= <<= /= %= BigInt', advice: BIGINT },
  { names: 'repeat padStart padEnd normalize split toString String raw stringify', advice: TEXT },
  {
    names:
      'fill Array ArrayBuffer transfer from of join concat flat sort toSorted reverse toReversed splice toSpliced unshift copyWithin [...] indexOf includes lastIndexOf',
    advice: ARRAY,
  },
];

const ADVICE_MAX = 3;

/**
 * What to try, the likeliest first; at most three sentences. What fits the very case leaves no room for what fits the reason
 * in general: that may well contradict it.
 */
export function adviceFor(dump: CrashDump): string[] {
  const own = (dump.diagnosis ?? []).flatMap(({ advice }) => (advice ? [short(advice, 300)] : []));
  // What merely stands at the place says little beside what is known.
  const isSaid = own.length > 0 && (dump.place?.source !== 'operation' || holdsTooMuch(dump));
  const operation = isSaid ? [] : byOperation(dump);
  const known = [...own, ...operation];
  const advice = new Set(known.length > 0 ? known : byReason(dump));
  return [...advice].slice(0, ADVICE_MAX);
}

/** Of what fills a heap bit by bit the last operation begun is only the last. */
function holdsTooMuch({ reason }: CrashDump): boolean {
  return reason === 'heap-limit' || reason === 'pattern:heap-growth';
}

function byReason({ reason, limit, interventions = [] }: CrashDump): readonly string[] {
  if (reason === 'cpu-limit' && limit?.name === 'burst') return BURST;
  if (Object.hasOwn(BY_REASON, reason)) return BY_REASON[reason as keyof typeof BY_REASON];
  // The pattern's own advice has been given already.
  return reason.startsWith('pattern:') && interventions.length === 0 ? PATTERN : [];
}

/** Only where an operation can be to blame: not when a macro gave too many commands, say. */
const COSTLY = new Set(['cpu-limit', 'wall-limit', 'heap-limit', 'stuck', 'worker-lost']);

function byOperation(dump: CrashDump): string[] {
  if (!COSTLY.has(dump.reason)) return [];
  const circle = dump.report.recursion.some(({ verdict }) => verdict !== 'unknown');
  if (circle && dump.place?.operation === 'await' && dump.reason === 'heap-limit') {
    return [
      'Each call that awaits another is kept until that one returns: a function that awaits itself needs an end, or a loop.',
    ];
  }
  const name = operationName(dump);
  // Arithmetic is long only for numbers of many digits, and then it is all that was going on.
  if (dump.reason === 'heap-limit' && name !== null && /^\W+$/.test(name)) return [];
  const found = BY_OPERATION.find(({ names }) => name !== null && names.split(' ').includes(name));
  return found ? [found.advice] : [];
}

/** `fill` for a beacon's `fill()` or `new Array()`; else the method that is called at the place itself. */
function operationName({ place, source, macro }: CrashDump): string | null {
  if (!place) return null;
  if (place.operation) return place.operation.replace(/^new /, '').replace(/\(\)$/, '');
  if (place.column === null || place.file !== macro.file) return null;
  const line = source.split(/\r\n|[\n\r\u2028\u2029]/, place.line)[place.line - 1] ?? '';
  return /^\.?(\w{1,20})\(/.exec(line.slice(place.column - 1, place.column + 24))?.[1] ?? null;
}
