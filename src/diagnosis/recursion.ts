// Owns what a stack says of functions that call themselves: which, how deep, and from how many places.

import type { CrashDump } from '../model/dump.ts';
import { safeText } from '../model/safe-text.ts';
import { counted, type Diagnosis, fact, named, type Scene } from './scene.ts';

/** On the stack so often, a function is no accident. */
const DEPTH_MIN = 8;
const CHARS_MAX = 300;
const PLACES_SHOWN = 3;

interface Repeated {
  readonly name: string;
  readonly count: number;
  /** True when it awaits itself: then no stack grows, but the heap. */
  readonly awaits: boolean;
  /** Where it calls on, as `line:column`; of what awaits itself, which await. */
  readonly from: readonly string[];
}

/** A function that is on the stack again and again. */
export function whyRecursion(scene: Scene): Diagnosis[] {
  const found = mostRepeated(scene.dump.stack);
  if (!found) return whyTooDeepToSee(scene);
  const { name, count, awaits, from } = found;
  const it = named(name);
  const way = lintOf(scene, name);
  const told = awaits
    ? fact(
        `${it} awaits itself, directly or by others: ${counted(count)} of it or more waited for the next one${way}`,
        `Each call of ${it} is kept until the one that it awaits returns: give it an end, or make it a loop.`,
      )
    : fact(
        `${it} called itself, directly or by others: it was on the stack ${count} times or more${way}`,
        `Look at what ends the recursion of ${it}, and whether its arguments get there.`,
      );
  // Two calls in each call: that it ends at some depth helps little.
  if (awaits || from.length < 2) return [told];
  const places = from.slice(0, PLACES_SHOWN).join(' and ');
  return [
    fact(
      `${it} called itself from ${from.length} places (${places}), and was on the stack ${count} times or more: where each call makes ${from.length} more, every level of depth takes ${from.length} times as long as the one before${way}`,
      `Keep what ${it} has found for each argument (in a Map), or count up in a loop, so that nothing is worked out twice.`,
    ),
  ];
}

function mostRepeated(stack: CrashDump['stack']): Repeated | null {
  const counts = new Map<string, { sync: number; async: number }>();
  for (const { functionName, async } of stack) {
    if (functionName === '(macro)' || functionName === '(anonymous)') continue;
    const known = counts.get(functionName) ?? { sync: 0, async: 0 };
    known[async ? 'async' : 'sync'] += 1;
    counts.set(functionName, known);
  }
  const [most] = [...counts].sort((a, b) => total(b[1]) - total(a[1]));
  if (!most || total(most[1]) < DEPTH_MIN) return null;
  const [name, { sync, async }] = most;
  // The innermost stands where it was stopped, not where it calls on.
  const frames = stack.slice(1).filter((frame) => frame.functionName === name);
  const from = new Set(frames.map(({ line, column }) => `${line}:${column ?? 1}`));
  return { name, count: sync + async, awaits: async > sync, from: [...from].sort() };
}

function total({ sync, async }: { readonly sync: number; readonly async: number }): number {
  return sync + async;
}

/** What lint says of it, where it says that it cannot end. */
function lintOf({ report }: Scene, name: string): string {
  const found = (report?.findings ?? []).find(
    ({ rule, level, message }) =>
      rule === 'infinite-recursion' &&
      level !== 'info' &&
      message
        .split(/ can | goes | does /, 1)[0]
        ?.split(' → ')
        .includes(name),
  );
  if (!found) return '';
  const [what = ''] = found.message.split('; ');
  return `; lint says of line ${found.line}: ${safeText(what, { charsMax: CHARS_MAX })}`;
}

/** At the very end of the stack nothing of a macro can be looked at. Where only one circle of calls is there, that was it. */
function whyTooDeepToSee({ dump: { stack, hotLines = [] }, report }: Scene): Diagnosis[] {
  const [circle, ...others] = report?.recursion ?? [];
  if (stack.length > 0 || hotLines.length > 0 || !circle || others.length > 0) return [];
  const names = circle.functions.map((each) => named(each)).join(', ');
  return [
    {
      text: `it was so deep in calls that it could not be looked at: the only ones that go round are those of ${names} (line ${circle.line})`,
      certain: false,
      advice: `Look at what ends the recursion at line ${circle.line}, and whether it is caught there and begun again.`,
    },
  ];
}

/** The only calls that go round, for a macro that stood in them or of which nothing was seen. */
export function circleAsked({ dump: { place, stack }, report, text, offset }: Scene): Diagnosis[] {
  const [circle, ...others] = report?.recursion ?? [];
  if (!circle || others.length > 0 || circle.verdict === 'progress') return [];
  const isIn = text?.facts.functions.some(
    ({ name, node }) =>
      node && offset !== null && circle.functions.includes(name) && isAt(node, offset),
  );
  if ((place || stack.length > 0) && !isIn) return [];
  const own = circle.functions.filter((name) => !/^\(.*\)$/.test(name));
  const names = own.length > 0 ? own.map((each) => named(each)).join(', ') : 'functions';
  return [
    {
      text: `it went round in the calls of ${names} (line ${circle.line}) and never came out of them`,
      certain: false,
      advice: `Look at what ends the calls that begin at line ${circle.line}, and let each round \`await sleep(ms)\`: while only promises follow each other, no sleep and no command comes to its end.`,
    },
  ];
}

function isAt(node: { readonly start: number; readonly end: number }, offset: number): boolean {
  return node.start <= offset && offset < node.end;
}
