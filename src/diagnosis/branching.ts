// Owns recursion that branches: a function that calls itself in a loop makes a tree of calls, and it is the tree that takes
// the time, however deep it is.

import { loopsCalling } from '../analysis/loops/loop-at.ts';
import { roundAt } from '../analysis/loops/round.ts';
import type { Text } from '../analysis/read-text.ts';
import type { CrashDump } from '../model/dump.ts';
import { type Around, loopsOf } from './around.ts';
import { counted, type Diagnosis, fact, named, type Scene } from './scene.ts';
import { turnsOf } from './turns.ts';

/** So often on the stack at least: the call was seen to be made from itself twice. */
const FRAMES_MIN = 3;
/** So many are no two functions by one name that call each other. */
const SURE_MIN = 8;
const LEVELS_SHOWN = 4;

type Frame = CrashDump['stack'][number];

/** A recursion that goes through a loop. */
export interface Branching {
  readonly said: Diagnosis;
  /** The lines of the loops it goes through. */
  readonly loops: ReadonlySet<number>;
}

/** Where a function calls on: how often, and how that is told. */
interface Way {
  /** As in `in the loop at line 3`. */
  readonly told: string;
  /** What could be less, as in `fewer turns of the loop at line 3`. */
  readonly less: string;
  readonly loops: readonly number[];
  /** How many calls each of the frames makes, the innermost that calls first; null where that is not known. */
  readonly widths: readonly (number | null)[];
}

/** The function that is on the stack again and again, each time in a loop; null for none. */
export function branchingOf(scene: Scene): Branching | null {
  const { dump, text, file, report } = scene;
  if (!text) return null;
  const stack = dump.stack.filter((frame) => !frame.async && frame.file === file);
  for (const [name, frames] of framesByName(stack)) {
    if (frames.length < FRAMES_MIN) continue;
    const circle = report?.recursion.find(({ functions }) => functions.includes(name));
    if (!circle && frames.length < SURE_MIN) continue;
    // The innermost stands where it was stopped; the others where they call on.
    const calling = frames.slice(1);
    const way = wayByLoop(scene, name, calling) ?? wayByRound(scene, name, calling, stack);
    if (way) return { said: tell(name, frames.length, way), loops: new Set(way.loops) };
  }
  return null;
}

function wayByLoop(scene: Scene, name: string, calling: readonly Frame[]): Way | null {
  const { text } = scene;
  const [first] = calling;
  if (!text || !first) return null;
  const own = loopsCalling(offsetOf(first, text), text).filter(({ owner }) => owner === name);
  const [loop] = own;
  if (!loop) return null;
  const around = loopsOf(scene);
  const at = `in the loop at line ${loop.line}`;
  return {
    told: loop.line === first.line ? at : `${at}, at line ${first.line}`,
    less: `fewer turns of the loop at line ${loop.line}`,
    loops: own.map(({ line }) => line),
    widths: calling.map((frame) => widthAt(frame, around)),
  };
}

/** By `list.forEach(…)` and the like: between two of its frames stands the function that is called for each item. */
function wayByRound(
  { text }: Scene,
  name: string,
  calling: readonly Frame[],
  stack: readonly Frame[],
): Way | null {
  const [first] = calling;
  const inner = first && stack[stack.indexOf(first) - 1];
  if (!text || !first || !inner || inner.functionName === name) return null;
  const round = roundAt(offsetOf(first, text), offsetOf(inner, text), text);
  if (round?.owner !== name) return null;
  return {
    told: `for each item that its \`${round.method}\` at line ${round.line} goes over`,
    less: `fewer items for the \`${round.method}\` at line ${round.line}`,
    loops: [],
    widths: calling.map(() => round.turns),
  };
}

function framesByName(stack: readonly Frame[]): Map<string, Frame[]> {
  const own = stack.filter((frame) => !/^\(.*\)$/.test(frame.functionName));
  return Map.groupBy(own, ({ functionName }) => functionName);
}

function offsetOf({ line, column }: Frame, { lines }: Text): number {
  return (lines.starts[line - 1] ?? 0) + (column ?? 1) - 1;
}

/** How many calls the loops around a frame's call make; null where nothing says so. */
function widthAt(frame: Frame, around: readonly Around[]): number | null {
  const turns = around.filter((each) => each.frame === frame).map(turnsOf);
  const known = turns.filter((each) => each !== null);
  return known.length === 0 || known.length < turns.length
    ? null
    : known.reduce((all, each) => all * each, 1);
}

function tell(name: string, depth: number, { told, less, widths }: Way): Diagnosis {
  const it = named(name);
  return fact(
    `${it} calls itself ${told}, and was on the stack ${depth} times or more: ${growthOf(widths)}`,
    `Keep what ${it} has found for each argument (in a Map), so that nothing is worked out twice; or try fewer ways: less depth, ${less}.`,
  );
}

function growthOf(widths: readonly (number | null)[]): string {
  const known = widths.filter((each) => each !== null).filter((each) => each > 1);
  const shown = known.slice(0, LEVELS_SHOWN).reverse();
  const [first] = shown;
  if (first === undefined) return 'each call makes as many more, and each of those again';
  if (shown.every((each) => each === first))
    return `where each call makes ${counted(first)} more, every level of depth takes ${counted(first)} times as long as the one before`;
  return `one call made ${shown.map(counted).join(', each of those ')}, and so on`;
}
