// Owns what a live pattern that matched comes to: what was seen, how much of it, what is allowed; and the line that says so.

import type { Occurrence, WatchedFor } from '../../model/events.ts';
import { formatBytes, formatDuration } from '../../model/limits.ts';
import type { Pattern } from '../../model/pattern.ts';
import { DEPTH_ENDLESS } from '../../model/pattern-match.ts';
import { safeText } from '../../model/safe-text.ts';
import { fillLiveMessage } from '../pattern-message.ts';

/** How many occurrences are told. */
export const LISTED = 10;

/** A pattern matched what a run does. */
export interface Hit {
  readonly pattern: Pattern;
  /** `run` when this run alone did it, `macro` when only all runs of its macro together. */
  readonly scope: 'run' | 'macro';
  readonly what: WatchedFor;
  /** Commands in the window, bytes a second, a share from 0 to 1, or a depth. */
  readonly measured: number;
  readonly allowed: number;
  /** The window (ms), null where there is none. */
  readonly windowMs: number | null;
  /** The last of what matched, ten at most, oldest first. */
  readonly occurrences: readonly Occurrence[];
  /** One line for a person. */
  readonly message: string;
}

/** What was measured, for what a pattern asks. */
export interface Measured {
  readonly what: 'heap-growth' | 'cpu-share';
  readonly measured: number;
  readonly allowed: number;
}

/** Calls that stand in each other. */
export interface Nesting {
  readonly depth: number;
  /** Macros from the outermost in; for a function its name alone. */
  readonly path: readonly string[];
  readonly of: 'macros' | 'function';
  readonly line: number | null;
}

/** A hit of a command pattern. `occurrences` end with the command that made it match. */
export function toCommandHit(
  pattern: Pattern,
  seen: Pick<Hit, 'scope' | 'measured' | 'occurrences'>,
): Hit {
  const names = seen.occurrences.map(({ name }) => name);
  const all = seen.scope === 'macro' ? ' (all runs of this macro together)' : '';
  return {
    ...seen,
    pattern,
    what: 'commands',
    allowed: pattern.maxOccurrences ?? 0,
    windowMs: pattern.timeWindowMs ?? null,
    message: `${fillLiveMessage(pattern, { names, count: seen.measured })}${all}`,
  };
}

/** A hit of a pattern about what is measured; the first thing it asks for is the one that is told in figures. */
export function toMeasureHit(
  pattern: Pattern,
  measured: readonly [Measured, ...Measured[]],
  occurrences: readonly Occurrence[],
): Hit {
  const windowMs = pattern.timeWindowMs ?? 0;
  const [first] = measured;
  const message = measured.map((each) => sentence(each, windowMs)).join('; ');
  return { ...first, pattern, scope: 'run', windowMs, occurrences, message };
}

/** A hit of a pattern about calls in each other. */
export function toDepthHit(pattern: Pattern, allowed: number, nesting: Nesting, at: number): Hit {
  const { depth, path, line, of } = nesting;
  const last = path.slice(-LISTED);
  return {
    pattern,
    scope: 'run',
    what: 'depth',
    measured: depth,
    allowed,
    windowMs: null,
    occurrences: last.map((name, index) => ({
      at,
      name: of === 'macros' ? `macros.call ${name}` : name,
      // Only the call that was one too many is known by its line.
      line: index === last.length - 1 ? line : null,
    })),
    message: depthText(nesting, allowed),
  };
}

function sentence({ what, measured, allowed }: Measured, windowMs: number): string {
  const over = formatDuration(windowMs);
  switch (what) {
    case 'heap-growth':
      return `what it holds grew by ${formatBytes(measured)} a second over ${over}; the limit is ${formatBytes(allowed)}`;
    case 'cpu-share':
      return `it used ${share(measured)} of a processor over ${over}; the limit is ${share(allowed)}`;
  }
}

function depthText({ depth, path, of }: Nesting, allowed: number): string {
  const names = path.map((name) => safeText(name, { charsMax: 60 }));
  if (of === 'function')
    return `the function ${names[0] ?? ''} stood ${depth} deep in itself; the limit is ${allowed}`;
  const way = names.join(' → ');
  return depth >= DEPTH_ENDLESS
    ? `macros call each other in a circle: ${way}`
    : `macros stood ${depth} deep in each other: ${way}; the limit is ${allowed}`;
}

function share(of: number): string {
  return `${Math.round(of * 100)} %`;
}
