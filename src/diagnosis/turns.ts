// Owns how many turns the loops around an end take together: by what lint has counted, and by the sizes that were seen.

import type { CrashDump } from '../model/dump.ts';
import type { Around } from './around.ts';
import { counted } from './scene.ts';

/** A loop and the most turns it takes. */
export interface Turns {
  readonly line: number;
  readonly turns: number;
}

type Locals = CrashDump['stack'][number]['locals'];

const NEST_SHOWN = 4;

/** The most turns a loop takes, by the text or by what its bound was when it was stopped; null where neither says so. */
export function turnsOf({ loop: { course }, bound, frame }: Around): number | null {
  if (bound !== null) return bound;
  if (!course || course.kind === 'clock' || !course.bound || !frame) return null;
  // What counts down to a bound has come from elsewhere.
  if (course.kind === 'counted' && !course.isUp) return null;
  const size = sizeOf(course.bound.name, course.bound.isSize, frame.locals);
  return size === null ? null : Math.ceil(size / (course.kind === 'counted' ? course.by : 1));
}

function sizeOf(name: string, isSize: boolean, locals: Locals): number | null {
  const local = locals.find((each) => each.name === name);
  if (isSize) return local?.size ?? null;
  const value = local?.type === 'number' ? Number(local.preview) : Number.NaN;
  return Number.isFinite(value) && value > 0 ? value : null;
}

/** Of loops in each other those whose turns are known, the innermost first; a loop that is on the stack twice counts once. */
export function nestOf(around: readonly Around[]): Turns[] {
  const seen = new Set<string>();
  return around.flatMap((each) => {
    const key = `${each.loop.line}:${each.loop.column}`;
    const turns = seen.has(key) ? null : turnsOf(each);
    seen.add(key);
    return turns !== null && turns > 1 ? [{ line: each.loop.line, turns }] : [];
  });
}

/** `8,000 turns, in each of the 8,000 of the loop at line 8; up to 64,000,000 in all`. */
export function nestText(nest: readonly Turns[]): string {
  const [inner, ...outer] = nest.slice(0, NEST_SHOWN);
  const own = `${counted(inner?.turns ?? 0)} turns`;
  if (outer.length === 0) return own;
  const around = outer.map(
    ({ line, turns }) => `the ${counted(turns)} of the loop at line ${line}`,
  );
  const product = nest.slice(0, NEST_SHOWN).reduce((all, { turns }) => all * turns, 1);
  const all = Number.isSafeInteger(product) ? counted(product) : product.toExponential(1);
  return `${own}, in each of ${around.join(', in each of ')}; up to ${all} in all`;
}
