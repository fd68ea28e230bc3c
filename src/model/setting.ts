// Owns what one setting is: how people write it, which values it takes, how programs give it. It knows no setting by name.

import { z } from 'zod';
import { formatBytes, formatDuration, LIMIT_VALUE_MAX } from './limits.ts';
import { safeText } from './safe-text.ts';
import {
  parseDuration,
  parseShare,
  parseSize,
  writeDuration,
  writeShare,
  writeSize,
} from './units.ts';

/** A value as a file holds it: durations, sizes and shares as text. */
export type Written = string | number | boolean | readonly string[];

/** One thing that can be set. */
export interface Setting<Value> {
  /** What it does: a sentence. */
  readonly about: string;
  /** What may be written, for people: `a duration such as 30s`. */
  readonly takes: string;
  /** Checks what a file holds and turns it into the value Corral reckons with (ms, bytes, counts, shares from 0 to 1). */
  readonly written: z.ZodType<Value>;
  /** Checks such a value when a program gives it. */
  readonly given: z.ZodType<Value>;
  /** The value as a file holds it; {@link written} reads it back exactly. */
  readonly write: (value: Value) => Written;
  /** What a file would hold for what a shell gives, which knows nothing but text. */
  readonly fromText: (text: string) => unknown;
}

/** From where to where a number may go, both included. */
export interface Range {
  readonly least: number;
  readonly most: number;
}

/** What may be written, told in JSON Schema. */
type JsonSchema = Readonly<Record<string, unknown>>;

interface Kind<Value> extends Omit<Setting<Value>, 'written'> {
  /** The value, or what is wrong: a predicate such as `must be true or false`. */
  readonly read: (raw: unknown) => Read<Value>;
  readonly json: JsonSchema;
}

type Read<Value> = { readonly value: Value } | { readonly fault: string };

function toSetting<Value>({ read, json, ...rest }: Kind<Value>): Setting<Value> {
  const schema = z.unknown().transform((raw, context): Value => {
    const result: Read<Value> =
      raw === null ? { fault: `has no value; write ${rest.takes}` } : read(raw);
    if ('value' in result) return result.value;
    context.addIssue({ code: 'custom', message: result.fault });
    return z.NEVER;
  });
  return { ...rest, written: schema.meta({ description: rest.about, ...json }) };
}

/** A hostile value, short enough for a message. */
function shown(raw: unknown): string {
  if (Array.isArray(raw)) return 'a list';
  if (typeof raw === 'object') return 'a map';
  return `\`${safeText(String(raw), { charsMax: 40 })}\``;
}

interface NumberKind {
  readonly about: string;
  readonly takes: string;
  readonly range: Range;
  /** A number out of a file's value, or null. */
  readonly parse: (raw: unknown) => number | null;
  readonly write: (value: number) => Written;
  /** A shorter form of an end of the range, where what is exact would be unreadable. */
  readonly round?: (value: number) => string;
  readonly fromText: (text: string) => unknown;
  readonly given: z.ZodType<number>;
  readonly json: JsonSchema;
  /** What to say of a value that is none, where more can be said than what it takes. */
  readonly hint?: (raw: unknown) => string | null;
}

/** What is exact and longer than this is rounded in messages. */
const ENDS_CHARS = 6;

function numeric(kind: NumberKind): Setting<number> {
  const { parse, range, write, round = write, takes, hint, ...rest } = kind;
  const ends = (value: number) => {
    const exact = String(write(value));
    return exact.length <= ENDS_CHARS ? exact : round(value);
  };
  const read = (raw: unknown): Read<number> => {
    const value = parse(raw);
    if (value === null) return { fault: hint?.(raw) ?? `must be ${takes}, not ${shown(raw)}` };
    if (value < range.least || value > range.most)
      return {
        fault: `must be from ${ends(range.least)} to ${ends(range.most)}, not ${shown(raw)}`,
      };
    return { value };
  };
  return toSetting({ ...rest, takes, write, read });
}

const TEXT = { fromText: (text: string): unknown => text };

/** For a number that forgot its unit. */
function unitHint(units: readonly [string, string]): (raw: unknown) => string | null {
  return (raw) => {
    const digits = String(raw).trim();
    if (!/^\d+(?:\.\d+)?$/.test(digits)) return null;
    return `has no unit; write ${digits}${units[0]} or ${digits}${units[1]}`;
  };
}

function withUnit(raw: unknown, parse: (text: string) => number | null): number | null {
  if (typeof raw !== 'string') return null;
  return /[a-z]\s*$/i.test(raw) ? parse(raw) : null;
}

/** A duration, in ms. */
export function duration(about: string, range: Partial<Range> = {}): Setting<number> {
  const { least = 1, most = LIMIT_VALUE_MAX } = range;
  return numeric({
    about,
    takes: 'a duration such as 500ms, 30s or 1h',
    range: { least, most },
    parse: (raw) => withUnit(raw, parseDuration),
    write: writeDuration,
    round: formatDuration,
    given: z.int().min(least).max(most),
    hint: unitHint(['ms', 's']),
    json: {
      type: 'string',
      pattern: '^\\s*(\\d+(\\.\\d+)?([mM][sS]|[mM][iI][nN]|[smhdwSMHDW]))+\\s*$',
    },
    ...TEXT,
  });
}

/** A size, in bytes. */
export function size(about: string, range: Partial<Range> = {}): Setting<number> {
  const { least = 1, most = Number.MAX_SAFE_INTEGER } = range;
  return numeric({
    about,
    takes: 'a size such as 512kb, 64mb or 2gb',
    range: { least, most },
    parse: (raw) => withUnit(raw, parseSize),
    write: writeSize,
    round: formatBytes,
    given: z.int().min(least).max(most),
    hint: unitHint(['mb', 'kb']),
    json: { type: 'string', pattern: '^\\s*\\d+(\\.\\d+)?([bB]|[kKmMgG]([iI]?[bB])?)\\s*$' },
    ...TEXT,
  });
}

/** A share, of which 1 is the whole. */
export function share(about: string): Setting<number> {
  const range = { least: 0, most: 1 };
  return numeric({
    about,
    takes: 'a share such as 85% or 0.85',
    range,
    parse: (raw) => {
      const value = typeof raw === 'number' ? raw : parseShare(String(raw));
      // Whoever writes 85 means percent, and has to say so.
      return value !== null && value > 1 && !String(raw).includes('%') ? null : value;
    },
    write: writeShare,
    given: z.number().min(0).max(1),
    hint: (raw) => {
      const percent = Number(raw);
      if (Array.isArray(raw) || !(percent > 1 && percent <= 100)) return null;
      return `must be from 0% to 100%, not ${shown(raw)}; write ${percent}% or ${percent / 100}`;
    },
    json: {
      anyOf: [
        { type: 'number', minimum: 0, maximum: 1 },
        { type: 'string', pattern: '^\\s*\\d+(\\.\\d+)?%?\\s*$' },
      ],
    },
    fromText: toNumberIfOne,
  });
}

/** A whole number. */
export function count(about: string, range: Partial<Range> = {}): Setting<number> {
  const { least = 0, most = 1_000_000_000 } = range;
  return numeric({
    about,
    takes: `a whole number from ${least} to ${most}`,
    range: { least, most },
    parse: (raw) => (typeof raw === 'number' && Number.isSafeInteger(raw) ? raw : null),
    write: (value) => value,
    given: z.int().min(least).max(most),
    json: { type: 'integer', minimum: least, maximum: most },
    fromText: toNumberIfOne,
  });
}

/** What YAML takes for a number. */
function toNumberIfOne(text: string): unknown {
  return /^\s*-?\d+(?:\.\d+)?\s*$/.test(text) ? Number(text) : text;
}

const ON = ['true', 'yes', 'on', '1'];
const OFF = ['false', 'no', 'off', '0'];

/** On or off. */
export function toggle(about: string): Setting<boolean> {
  return toSetting({
    about,
    takes: 'true or false',
    read: (raw) =>
      typeof raw === 'boolean'
        ? { value: raw }
        : { fault: `must be true or false, not ${shown(raw)}` },
    write: (value) => value,
    given: z.boolean(),
    json: { type: 'boolean' },
    fromText: (text) => {
      const word = text.trim().toLowerCase();
      if (ON.includes(word)) return true;
      return OFF.includes(word) ? false : text;
    },
  });
}

/** One of a closed set of words. */
export function choice<const Word extends string>(
  about: string,
  words: readonly Word[],
): Setting<Word> {
  return toSetting({
    about,
    takes: `one of ${words.join(', ')}`,
    read: (raw) => {
      const word = words.find((each) => each === raw);
      if (word !== undefined) return { value: word };
      return { fault: `must be one of ${words.join(', ')}, not ${shown(raw)}` };
    },
    write: (value) => value,
    given: z.enum(words),
    json: { enum: [...words] },
    ...TEXT,
  });
}

/** The longest text of a setting (characters). */
const TEXT_CHARS_MAX = 4096;

function isName(raw: unknown): raw is string {
  return (
    typeof raw === 'string' &&
    raw.trim() !== '' &&
    raw.length <= TEXT_CHARS_MAX &&
    !/\p{Cc}/u.test(raw)
  );
}

const HOME_FAULT = 'begins with ~, which only a shell knows; write the whole path';

/** Taken as it stands it would be a folder of that name. */
function startsAtHome(path: string): boolean {
  return path === '~' || path.startsWith('~/');
}

/** A folder; what it is relative to is settled by whoever knows where it was written. */
export function folder(about: string): Setting<string> {
  return toSetting({
    about,
    takes: 'the path of a folder',
    read: (raw) => {
      if (!isName(raw)) return { fault: `must be the path of a folder, not ${shown(raw)}` };
      return startsAtHome(raw) ? { fault: HOME_FAULT } : { value: raw };
    },
    write: (value) => value,
    given: z.string().min(1),
    json: { type: 'string', minLength: 1, maxLength: TEXT_CHARS_MAX },
    ...TEXT,
  });
}

const LIST_MAX = 1000;

/** A list of names or paths; in a shell they are parted by commas. */
export function list(about: string, of: string): Setting<readonly string[]> {
  const takes = `a list of ${of}`;
  return toSetting<readonly string[]>({
    about,
    takes,
    read: (raw) => {
      if (!Array.isArray(raw)) return { fault: `must be ${takes}, not ${shown(raw)}` };
      if (raw.length > LIST_MAX) return { fault: `has more than ${LIST_MAX} items` };
      const odd = raw.find((each) => !isName(each));
      if (odd !== undefined) return { fault: `must be ${takes}; ${shown(odd)} is none` };
      if (raw.some(startsAtHome)) return { fault: HOME_FAULT };
      return { value: raw as string[] };
    },
    write: (value) => value,
    given: z.array(z.string().min(1)).readonly(),
    json: { type: 'array', items: { type: 'string', minLength: 1 }, maxItems: LIST_MAX },
    fromText: (text) =>
      text
        .split(',')
        .map((each) => each.trim())
        .filter((each) => each !== ''),
  });
}

/** The word for a setting that is left off. */
export const NONE = 'none';

/** A setting that may be a word, by default `none`, which is null to a program. */
export function orNone<Value>(of: Setting<Value>, word = NONE): Setting<Value | null> {
  const takes = `${of.takes}, or ${word}`;
  const json = of.written.meta() ?? {};
  const { description: _, ...inner } = json;
  return {
    about: of.about,
    takes,
    written: z
      .unknown()
      .transform((raw, context): Value | null => {
        if (raw === word) return null;
        const result = of.written.safeParse(raw);
        if (result.success) return result.data;
        for (const { message } of result.error.issues)
          context.addIssue({ code: 'custom', message: message.replace(of.takes, takes) });
        return z.NEVER;
      })
      .meta({ description: of.about, anyOf: [{ const: word }, inner] }),
    given: of.given.nullable(),
    write: (value) => (value === null ? word : of.write(value)),
    fromText: (text) => (text.trim() === word ? word : of.fromText(text)),
  };
}
