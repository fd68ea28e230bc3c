// Owns recursion that branches: a function that calls itself in a loop makes a tree of calls, and it is the tree that takes
// the time, however deep it is.

import { loopsCalling } from '../analysis/loops/loop-at.ts';
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

/** The function that is on the stack again and again, each time in a loop; null for none. */
export function branchingOf(scene: Scene): Branching | null {
  const { dump, text, file, report } = scene;
  if (!text) return null;
  for (const [name, frames] of framesByName(dump.stack, file)) {
    if (frames.length < FRAMES_MIN) continue;
    const circle = report?.recursion.find(({ functions }) => functions.includes(name));
    if (!circle && frames.length < SURE_MIN) continue;
    // The innermost stands where it was stopped; the others where they call on.
    const [, calling, ...outer] = frames;
    if (!calling) continue;
    const at = offsetOf(calling, text.lines.starts);
    const own = loopsCalling(at, text).filter(({ owner }) => owner === name);
    if (own.length === 0) continue;
    const around = loopsOf(scene);
    const levels = [calling, ...outer].map((frame) => widthAt(frame, around));
    return {
      said: tell(name, frames.length, own[0]?.line ?? 0, calling.line, levels),
      loops: new Set(own.map(({ line }) => line)),
    };
  }
  return null;
}

function framesByName(stack: readonly Frame[], file: string): Map<string, Frame[]> {
  const own = stack.filter(
    (frame) => !frame.async && frame.file === file && !/^\(.*\)$/.test(frame.functionName),
  );
  return Map.groupBy(own, ({ functionName }) => functionName);
}

function offsetOf({ line, column }: Frame, starts: readonly number[] | ArrayLike<number>): number {
  return (starts[line - 1] ?? 0) + (column ?? 1) - 1;
}

/** How many calls the loops around a frame's call make; null where nothing says so. */
function widthAt(frame: Frame, around: readonly Around[]): number | null {
  const turns = around.filter((each) => each.frame === frame).map(turnsOf);
  const known = turns.filter((each) => each !== null);
  return known.length === 0 || known.length < turns.length
    ? null
    : known.reduce((all, each) => all * each, 1);
}

function tell(
  name: string,
  depth: number,
  loop: number,
  line: number,
  widths: readonly (number | null)[],
): Diagnosis {
  const it = named(name);
  const where =
    loop === line ? `in the loop at line ${loop}` : `in the loop at line ${loop}, at line ${line}`;
  return fact(
    `${it} calls itself ${where}, and was on the stack ${depth} times or more: ${growthOf(widths)}`,
    `Keep what ${it} has found for each argument (in a Map), so that nothing is worked out twice; or try fewer ways: less depth, fewer turns of the loop at line ${loop}.`,
  );
}

function growthOf(widths: readonly (number | null)[]): string {
  const known = widths.filter((each) => each !== null).filter((each) => each > 1);
  const shown = known.slice(0, LEVELS_SHOWN).reverse();
  const [first] = shown;
  if (first === undefined)
    return 'each call makes as many more as that loop takes turns, and each of those again';
  if (shown.every((each) => each === first))
    return `where each call makes ${counted(first)} more, every level of depth takes ${counted(first)} times as long as the one before`;
  return `one call made ${shown.map(counted).join(', each of those ')}, and so on`;
}
