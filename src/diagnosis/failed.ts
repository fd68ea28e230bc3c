// Owns why a macro failed by itself: what the error it threw means at the place where it was thrown. Its words may be the
// macro's own, so what is made of them is said only where the text bears it out.

import { distance } from 'fastest-levenshtein';
import { memberAt } from '../analysis/facts/member-at.ts';
import { safeText } from '../model/safe-text.ts';
import { whatLintSays } from './linted.ts';
import { returnedAt } from './returns.ts';
import { type Diagnosis, fact, named, type Scene } from './scene.ts';

/** Findings that foresee an error. */
const FORESEEN = new Set([
  'unknown-command',
  'wrong-arguments',
  'missing-grant',
  'infinite-recursion',
  'huge-allocation',
  'growing-memory',
  'endless-iteration',
  'no-import',
  'dynamic-code',
]);
const SOURCE_CHARS = 60;
const DEPTH_MIN = 4;

/** What is known of a run that failed. */
export function whyFailed(scene: Scene): Diagnosis[] {
  const { error } = scene.dump;
  if (!error) return [];
  const known = KNOWN.find(({ name, words }) => name === error.name && words.test(error.message));
  const match = known?.words.exec(error.message);
  const told = known && match ? known.tell(match, scene) : [];
  return [...told, ...whatLintSays(scene, FORESEEN)];
}

/** An error of the language or of Corral, by its words. */
interface Known {
  readonly name: string;
  readonly words: RegExp;
  tell(match: RegExpExecArray, scene: Scene): Diagnosis[];
}

const KNOWN: readonly Known[] = [
  {
    name: 'RangeError',
    words: /^Maximum call stack size exceeded/,
    tell: (_, scene) => tooDeep(scene),
  },
  {
    name: 'RangeError',
    words: /^Invalid string length/,
    tell: () => [
      fact(
        'a text was to become longer than 536,870,888 characters, and no text can be',
        'Look at what makes the text at the marked line long: does it grow with each turn of a loop, or double? Gather parts in a list, and fewer of them.',
      ),
    ],
  },
  {
    name: 'RangeError',
    words: /^Invalid array length/,
    tell: () => [
      fact(
        'a list was to have a length that no list can have: more than 4,294,967,295, below zero, or no whole number',
        'Check the number that is used as a length at the marked line before it is used.',
      ),
    ],
  },
  {
    name: 'RangeError',
    words: /^Maximum BigInt size exceeded/,
    tell: () => [
      fact(
        'a BigInt was to have more than 1,073,741,824 bits, and none can have',
        'Bound the numbers that go into `**`, `<<` and `*` at the marked line.',
      ),
    ],
  },
  {
    name: 'RangeError',
    words: /^more than (\d{1,9}) commands and sleeps are pending at once/,
    tell: () => [
      fact(
        'they were started one after another, and none was waited for until it was over',
        'Wait for each command and each sleep before the next: `await` it, and do not only keep its promise.',
      ),
    ],
  },
  {
    name: 'TypeError',
    words: /^Cannot (?:read|set) properties of (undefined|null)/,
    tell: ([, nothing = ''], scene) => nothingThere(nothing, scene),
  },
  {
    name: 'ReferenceError',
    words: /^([\p{ID_Start}$_][\p{ID_Continue}$]{0,60}) is not defined/u,
    tell: ([, name = ''], scene) => noSuchName(name, scene),
  },
  {
    name: 'TypeError',
    words: /^the result\b.{0,2000}?\b(?:cannot cross|too large to cross|can cross)$/s,
    tell: (_, scene) => [
      fact(
        `what the macro gave back could not leave it${returnedAt(scene)}`,
        'Return data only: numbers, texts, lists, plain objects, dates, maps, sets and bytes. No functions, nothing that holds itself, and not too much.',
      ),
    ],
  },
  {
    name: 'TypeError',
    words: /which cannot cross$/,
    tell: () => [
      fact(
        'what was handed to a command, to `state` or to another macro could not leave this one',
        'Hand over data only: numbers, texts, lists, plain objects, dates, maps, sets and bytes; no functions, and nothing that holds itself.',
      ),
    ],
  },
  {
    name: 'TypeError',
    words: /^the module has no "export default/,
    tell: () => [
      fact(
        'a macro that exports something is a module, and a module is started by its default export',
        'Write `export default async (macro) => { … }` around what it is to do, or export nothing.',
      ),
    ],
  },
  {
    name: 'TypeError',
    words: /^Class constructor \w{1,80} cannot be invoked without 'new'/,
    tell: () => [
      fact(
        'a class was called as a function; so is a module whose default export is a class',
        'Write `new` before the call; a module wants `export default async (macro) => { … }`.',
      ),
    ],
  },
  {
    name: 'MacroCallError',
    words: /^/,
    tell: (_, { dump: { error } }) => callFailed(error?.message ?? ''),
  },
  {
    name: 'CommandError',
    words: /^/,
    tell: () => [
      fact(
        'the host refused the command, or could not do it, and the error was not caught',
        'Where that is to be expected, `try { await … } catch (error) { … }`; `error.code` says why it failed.',
      ),
    ],
  },
  {
    name: 'thrown',
    words: /^/,
    tell: () => [
      fact(
        'what it threw is no Error, and only an Error knows the line it was made at',
        'Throw an Error: `throw new Error("…")`.',
      ),
    ],
  },
];

/** The words are those of the supervisor, after the name of the macro. */
function callFailed(words: string): Diagnosis[] {
  const what = 'a call of another macro failed, and the error was not caught';
  if (/would go round in a circle/.test(words))
    return [
      fact(
        what,
        'Take one of the calls out of the circle: what both need can be a third macro, or stand in both.',
      ),
    ];
  if (/ is refused: /.test(words))
    return [
      fact(
        what,
        'Mend the called macro: `corral lint` of its file says all that is wrong with it.',
      ),
    ];
  if (/its result is too long$/.test(words))
    return [
      fact(
        what,
        'Let the called macro return less: what is needed, and not everything that it gathered.',
      ),
    ];
  return [
    fact(
      what,
      'Mend the macro that the error names; or catch it: `try { await macros.call(…) } catch (error) { … }`.',
    ),
  ];
}

/** Which function was on the stack again and again, by the error's own text. */
function tooDeep({ dump: { error }, text }: Scene): Diagnosis[] {
  const counts = new Map<string, { count: number; line: string }>();
  for (const frame of (error?.stack ?? '').split('\n')) {
    const [, name, line] =
      /^\s*at (?:new |async |get |set )?(\S{1,80}) \(.{1,300}:(\d{1,7}):\d{1,7}\)$/.exec(frame) ??
      [];
    if (name === undefined || line === undefined || name === '<instance_members_initializer>')
      continue;
    counts.set(name, { line, count: (counts.get(name)?.count ?? 0) + 1 });
  }
  const [most] = [...counts].sort((a, b) => b[1].count - a[1].count);
  if (!most || most[1].count < DEPTH_MIN)
    return [
      fact(
        'calls went deeper than the stack is: no function of the macro is on it again and again, so it was inside one operation that goes down into what it is given',
        'Look at what is handed to the operation at the marked line: something that holds itself, or is nested thousands deep.',
      ),
    ];
  const it = named(most[0].replace(/^Object\.|^Proxy\./, ''));
  return [
    fact(
      `calls went deeper than the stack is: ${it} (line ${most[1].line}) calls itself, directly or by others`,
      text
        ? `See that ${it} comes to a case in which it does not call itself, whatever it is given; for thousands of steps use a loop instead.`
        : null,
    ),
  ];
}

/** What stood before the dot, in the macro's own words. */
function nothingThere(nothing: string, { text, offset, dump: { place } }: Scene): Diagnosis[] {
  const member = text && offset !== null ? memberAt(offset, text.facts.program) : null;
  if (!text || !member) return [];
  const whole = text.source.slice(member.object.start, member.object.end).replace(/\s+/g, ' ');
  // A text this long is no help; the place is marked.
  if (whole.length > SOURCE_CHARS) return [];
  const object = `\`${safeText(whole)}\``;
  return [
    fact(
      `${object} was ${nothing} at line ${place?.line}`,
      `Look at where ${object} gets its value, and whether it always does. Where ${nothing} is to be expected, ask for it first: \`if (${safeText(whole)} == null) …\`, or write \`?.\` for the dot.`,
    ),
  ];
}

/** What other places have and a macro has not, with what to use instead. */
const ELSEWHERE: readonly (readonly [names: string, instead: string])[] = [
  ['setTimeout setImmediate requestAnimationFrame queueMicrotask', 'To wait, `await sleep(ms)`.'],
  [
    'setInterval clearInterval clearTimeout',
    'To do something again and again, `const timer = every(ms, fn)`; `timer.stop()` ends it.',
  ],
  [
    'fetch XMLHttpRequest WebSocket EventSource navigator location http https net',
    'A macro reaches the outside by its commands only: `corral commands` lists them.',
  ],
  [
    'require module exports __dirname __filename process global Buffer fs path os crypto',
    'A macro has the language and its commands, and nothing of Node.',
  ],
  [
    'window document self localStorage sessionStorage alert prompt confirm',
    'A macro has the language and its commands, and nothing of a web page. To keep something, `state.set(key, value)`.',
  ],
  [
    'WebAssembly SharedArrayBuffer Atomics',
    'Nothing takes its place: what it holds or does could not be counted.',
  ],
  ['performance', 'To measure time, `now()`.'],
];

function noSuchName(name: string, scene: Scene): Diagnosis[] {
  const it = named(name);
  const [, instead] = ELSEWHERE.find(([names]) => names.split(' ').includes(name)) ?? [];
  if (instead !== undefined) return [fact(`there is no ${it} in a macro`, instead)];
  const alike = nearest(name, namesIn(scene));
  const hint = alike === null ? '' : `; ${named(alike)} is written almost alike`;
  return [
    fact(
      `nothing by the name ${it} is there${hint}`,
      alike === null
        ? `Declare ${it} (\`const ${safeText(name, { charsMax: 60 })} = …\`) before it is used, in a block around the place where it is.`
        : `Write ${named(alike)} if that is meant; or declare ${it} before it is used.`,
    ),
  ];
}

function namesIn({ text, dump: { catalogue = {} } }: Scene): string[] {
  const own = text ? [...text.uses.keys()].map(({ name }) => name) : [];
  return [...new Set([...own, ...Object.keys(catalogue)])];
}

function nearest(name: string, names: readonly string[]): string | null {
  const most = name.length < 4 ? 1 : 2;
  const [best] = names
    .map((each) => ({ each, away: distance(name, each) }))
    .filter(({ each, away }) => each !== name && away <= most)
    .sort((a, b) => a.away - b.away);
  return best?.each ?? null;
}
