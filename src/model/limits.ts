// Owns what a run may use: the limits, how they are written, and how they merge.

import { CorralError } from './errors.ts';
import { parseDuration, parseSize } from './units.ts';

/** The limits by the names authors write (`@limit cpu=1s`), each with the unit it is counted in. */
export const LIMIT_UNITS = {
  wall: 'ms',
  cpu: 'ms',
  burst: 'ms',
  idle: 'ms',
  heap: 'bytes',
  commands: 'count',
  output: 'bytes',
} as const;

/** A limit's name as written in a header or on the command line. */
export type LimitName = keyof typeof LIMIT_UNITS;

/** All limit names, in the order they are shown. */
export const LIMIT_NAMES = Object.keys(LIMIT_UNITS) as LimitName[];

/** What each limit counts, in one phrase. */
export const LIMIT_MEANING: Record<LimitName, string> = {
  wall: 'time from start to end',
  cpu: 'CPU time of the whole run',
  burst: 'CPU time between two awaits',
  idle: 'time with nothing pending that could wake it',
  heap: 'JavaScript heap, array buffers included',
  commands: 'commands given to the host',
  output: 'log text and result',
};

/** Limit values in the units of {@link LIMIT_UNITS}: ms, bytes or a count. */
export type LimitValues = Record<LimitName, number>;

/** Who decided a limit. */
export type LimitSetBy = 'guard level' | 'host' | 'header' | 'caller';

/** One limit in force, and who set it. */
export interface Limit {
  /** ms, bytes or a count, by {@link LIMIT_UNITS}. */
  readonly value: number;
  readonly setBy: LimitSetBy;
}

/** Every limit in force for a run. */
export type Limits = Record<LimitName, Limit>;

const KB = 1024;
const MB = 1024 * KB;
const SECOND = 1000;

/** The smallest heap an isolate can be given (bytes); isolated-vm refuses less than 8 MB. */
export const HEAP_BYTES_MIN = 8 * MB;
/** The largest value any limit may have: 2^31 − 1, the longest timer of Node in ms (and 2 GB of heap). */
export const LIMIT_VALUE_MAX = 2 ** 31 - 1;

const COUNT = /^\d+$/;

/** How a value of each unit is written, for messages. */
const EXAMPLE: Record<(typeof LIMIT_UNITS)[LimitName], string> = {
  ms: 'a duration; write for example {name}=500ms or {name}=30s',
  bytes: 'a size; write for example {name}=64mb',
  count: 'a whole number; write for example {name}=200',
};

/**
 * Reads one `name=value` pair such as `heap=64mb`, `cpu=1s` or `commands=200`.
 * @throws {CorralError} `bad-limit` when the name is unknown or the value is not one of its unit.
 */
export function parseLimit(text: string): { name: LimitName; value: number } {
  const cut = text.indexOf('=');
  const name = (cut < 0 ? text : text.slice(0, cut)).trim();
  const raw =
    cut < 0
      ? ''
      : text
          .slice(cut + 1)
          .trim()
          .toLowerCase();
  if (!Object.hasOwn(LIMIT_UNITS, name)) {
    throw new CorralError(
      'bad-limit',
      `there is no limit "${name}"; the limits are ${LIMIT_NAMES.join(', ')}`,
    );
  }
  const limit = name as LimitName;
  const said = toNumber(limit, raw);
  // `2gb` is one more than fits.
  const value = said === LIMIT_VALUE_MAX + 1 ? LIMIT_VALUE_MAX : said;
  const example = EXAMPLE[LIMIT_UNITS[limit]].replaceAll('{name}', limit);
  if (value === null) throw new CorralError('bad-limit', `\`${text}\` is not ${example}`);
  const least = leastOf(limit);
  if (value < least || value > LIMIT_VALUE_MAX) {
    const range = `${formatLimit(limit, least)} to ${formatLimit(limit, LIMIT_VALUE_MAX)}`;
    throw new CorralError('bad-limit', `\`${text}\` is out of range; ${limit} takes ${range}`);
  }
  return { name: limit, value };
}

/** The smallest value a limit may have. */
export function leastOf(name: LimitName): number {
  if (name === 'heap') return HEAP_BYTES_MIN;
  return name === 'commands' ? 0 : 1;
}

function toNumber(name: LimitName, raw: string): number | null {
  switch (LIMIT_UNITS[name]) {
    case 'count':
      return COUNT.test(raw) ? Number(raw) : null;
    case 'ms':
      return parseDuration(raw);
    case 'bytes':
      return parseSize(raw);
  }
}

/** Writes a limit's value the way it is read: `500ms`, `30s`, `64mb`, `200`. */
export function formatLimit(name: LimitName, value: number): string {
  switch (LIMIT_UNITS[name]) {
    case 'count':
      return String(value);
    case 'ms':
      return formatDuration(value);
    case 'bytes':
      return formatBytes(value);
  }
}

/** A duration in ms as people read it: `740ms`, `2.5s`, `3m20s`, `2h`. */
export function formatDuration(ms: number): string {
  // Each unit ends where rounding would show the next one: 59.97 s is `1m`, never `60s`.
  if (Math.round(ms) < SECOND) return `${Math.round(ms)}ms`;
  if (Math.round(ms / 100) < 600) return `${trim(ms / SECOND)}s`;
  const all = Math.round(ms / SECOND);
  const hours = Math.floor(all / 3600);
  const minutes = Math.floor((all % 3600) / 60);
  const seconds = all % 60;
  const part = (count: number, unit: string) => (count > 0 ? `${count}${unit}` : '');
  return part(hours, 'h') + part(minutes, 'm') + part(seconds, 's');
}

/** A size in bytes as people read it: `800b`, `12.5kb`, `64mb`. */
export function formatBytes(bytes: number): string {
  if (Math.round(bytes) < KB) return `${Math.round(bytes)}b`;
  if (Math.round((bytes / KB) * 10) < KB * 10) return `${trim(bytes / KB)}kb`;
  return Math.round((bytes / MB) * 10) < KB * 10
    ? `${trim(bytes / MB)}mb`
    : `${trim(bytes / (KB * MB))}gb`;
}

function trim(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** What each party says about the limits; see {@link mergeLimits}. */
export interface LimitWishes {
  /** The guard level's. */
  readonly base: LimitValues;
  /** The host's own numbers (`createCorral({ limits })`, `--limit`): replace the guard level's, up or down. */
  readonly host?: Partial<LimitValues> | undefined;
  /** The caller's numbers for one run (`start(source, { limits })`): can only lower. */
  readonly caller?: Partial<LimitValues> | undefined;
  /** The macro's own numbers (`@limit`): can only lower. */
  readonly header?: Partial<LimitValues> | undefined;
}

/**
 * Merges the limits of a run: guard level, replaced by the host, lowered by the caller, lowered by the header.
 * Returns too the names of the limits whose header asked for more than it gets.
 */
export function mergeLimits(wishes: LimitWishes): { limits: Limits; deniedNames: LimitName[] } {
  const deniedNames: LimitName[] = [];
  const merged = {} as Limits;
  for (const name of LIMIT_NAMES) {
    const host = wishes.host?.[name];
    let limit: Limit =
      host === undefined
        ? { value: wishes.base[name], setBy: 'guard level' }
        : { value: host, setBy: 'host' };
    const caller = wishes.caller?.[name];
    if (caller !== undefined && caller < limit.value) limit = { value: caller, setBy: 'caller' };
    const header = wishes.header?.[name];
    if (header !== undefined && header < limit.value) limit = { value: header, setBy: 'header' };
    else if (header !== undefined && header > limit.value) deniedNames.push(name);
    merged[name] = limit;
  }
  return { limits: merged, deniedNames };
}
