// Owns what differs between two crash dumps of one macro: where they ended, what they used, what they held.

import { structuredPatch } from 'diff';
import type { CrashDump } from '../model/dump.ts';
import { formatLimit, LIMIT_UNITS, type LimitName } from '../model/limits.ts';
import { type Fingerprint, toFingerprint } from './fingerprint.ts';

/** A number in both dumps. */
export interface Compared {
  readonly name: string;
  readonly unit: 'ms' | 'bytes' | 'count';
  readonly before: number;
  readonly after: number;
}

/** A word in both dumps; null where one has none. */
export interface Changed {
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** Two dumps side by side, the older one first. */
export interface Comparison {
  readonly isSameMacro: boolean;
  /** True when both have one fingerprint: the same reason at the same code. */
  readonly isSameTrouble: boolean;
  readonly before: Fingerprint;
  readonly after: Fingerprint;
  /** Limits that are not the same, as `8s (header)`. */
  readonly limits: readonly Changed[];
  readonly statistics: readonly Compared[];
  /** Commands answered, by name. */
  readonly commands: readonly Compared[];
  /** Variables of the top frame that has some, whose previews differ. */
  readonly variables: readonly Changed[];
  /** The change of the source as lines of a unified diff, each with its sign; empty for the same source. */
  readonly source: readonly string[];
}

const STATISTICS = [
  ['durationMs', 'ms'],
  ['cpuMs', 'ms'],
  ['peakHeap', 'bytes'],
  ['peakRss', 'bytes'],
  ['commands', 'count'],
  ['logLines', 'count'],
  ['outputBytes', 'bytes'],
] as const;
/** Finding the least change of two very different texts takes long; beyond this (ms) they are just said to differ. */
const DIFF_MS = 2_000;
const CONTEXT = 2;

/** Holds two dumps against each other; the older one is `before`, whichever way round they are given. */
export function compareDumps(one: CrashDump, other: CrashDump): Comparison {
  const [a, b] = one.endedAt <= other.endedAt ? [one, other] : [other, one];
  const before = toFingerprint(a);
  const after = toFingerprint(b);
  return {
    isSameMacro: a.macro.name === b.macro.name,
    isSameTrouble: before.id === after.id,
    before,
    after,
    limits: changes(limitsOf(a), limitsOf(b)),
    statistics: STATISTICS.map(([name, unit]) => ({
      name,
      unit,
      before: a.statistics[name],
      after: b.statistics[name],
    })),
    commands: commandCounts(a, b),
    variables: changes(variablesOf(a), variablesOf(b)),
    source: sourceDiff(a.source, b.source),
  };
}

function limitsOf({ limits }: CrashDump): Map<string, string> {
  return new Map(
    Object.entries(limits).map(([name, { value, setBy }]) => [
      name,
      `${toWords(name, value)} (${setBy})`,
    ]),
  );
}

/** A limit that this Corral does not know has no unit. */
function toWords(name: string, value: number): string {
  return Object.hasOwn(LIMIT_UNITS, name) ? formatLimit(name as LimitName, value) : String(value);
}

function variablesOf({ stack }: CrashDump): Map<string, string> {
  const frame = stack.find(({ locals }) => locals.length > 0);
  return new Map(frame?.locals.map(({ name, preview }) => [name, preview]));
}

function changes(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): Changed[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((name) => ({
      name,
      before: before.get(name) ?? null,
      after: after.get(name) ?? null,
    }))
    .filter((each) => each.before !== each.after);
}

function commandCounts(a: CrashDump, b: CrashDump): Compared[] {
  const [before, after] = [a, b].map(({ statistics }) => statistics.commandsByName);
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  return [...names].sort().map((name) => ({
    name,
    unit: 'count' as const,
    before: before?.[name] ?? 0,
    after: after?.[name] ?? 0,
  }));
}

function sourceDiff(before: string, after: string): string[] {
  if (before === after) return [];
  const patch = structuredPatch('', '', before, after, '', '', {
    context: CONTEXT,
    timeout: DIFF_MS,
  });
  if (!patch) return ['! the sources differ in too much to say how'];
  return patch.hunks.flatMap(({ oldStart, newStart, lines }) => [
    `@@ line ${oldStart} → ${newStart} @@`,
    // What diff says of a missing line break at the end is nobody's concern here.
    ...lines.filter((line) => !line.startsWith('\\')),
  ]);
}
