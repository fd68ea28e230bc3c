// Owns the slash form: `/attack bob` becomes a command and its input. Reads the text once from left to right and never
// looks back, so hostile text costs no more than its length; checking the values stays the input schema's work.

import type { z } from 'zod';
import type { Command } from '../model/command.ts';
import { CorralError } from '../model/errors.ts';
import { safeText } from '../model/safe-text.ts';

/** The longest line taken (UTF-16 code units). */
export const SLASH_CHARS_MAX = 4096;

/** A line that was understood. */
export interface SlashLine {
  readonly command: Command;
  /** The input as written, coerced to each key's type; not yet checked and without defaults. */
  readonly args: Record<string, unknown>;
}

/** One word of a line. */
interface Word {
  /** Without its quotes and escapes. */
  readonly text: string;
  /** The word before `=` in `key=value`, else null. */
  readonly key: string | null;
  readonly quoted: boolean;
  /** Offset in the line. */
  readonly start: number;
}

/**
 * Understands a slash line. The first word is a command's slash word or full name; the others are the input's keys in
 * order, or `key=value`. Double quotes group words, `\"` and `\\` stand for themselves inside them. When the input's
 * last key is a text, it takes the rest of the line as it stands.
 * @throws {CorralError} `bad-command` when the command is unknown or ambiguous, or the words do not fit it.
 * @example
 * parseSlash('/attack bob', commands).args;           // { target: 'bob' }
 * parseSlash('/say hello there', commands).args;      // { text: 'hello there' }
 * parseSlash('/take home bread count=2', commands).args;
 */
export function parseSlash(line: string, commands: readonly Command[]): SlashLine {
  if (line.length > SLASH_CHARS_MAX)
    throw bad(`a slash line has ${line.length} characters; at most ${SLASH_CHARS_MAX} are taken`);
  const text = line.trim();
  if (!text.startsWith('/'))
    throw bad(`${quote(text)} does not begin with a slash; write for example "/say hello"`);
  const nameEnd = endOfWord(text, 1);
  const command = findCommand(text.slice(1, nameEnd), commands);
  return { command, args: readArgs(text, nameEnd, command) };
}

/** How a command is written as a slash line: `/take <chest> <item> [count]`. */
export function slashUsage(command: Command): string {
  const words = Object.entries(command.input.shape).map(([key, schema]) =>
    isNeeded(schema) ? `<${key}>` : `[${key}]`,
  );
  return [`/${command.slash}`, ...words].join(' ');
}

function findCommand(name: string, commands: readonly Command[]): Command {
  const full = commands.find((command) => command.name === name);
  if (full) return full;
  const [first, ...others] = commands.filter((command) => command.slash === name);
  if (first && others.length === 0) return first;
  if (first) {
    const names = [first, ...others].map((command) => `/${command.name}`).join(' or ');
    throw bad(`/${name} is ambiguous; write ${names}`);
  }
  const near = nearest(name, commands);
  const hint = near === null ? '`corral commands` lists them' : `did you mean /${near}?`;
  throw bad(`there is no command ${quote(`/${name}`)}; ${hint}`);
}

function readArgs(line: string, from: number, command: Command): Record<string, unknown> {
  const { shape } = command.input;
  const keys = Object.keys(shape);
  const restKey = restKeyOf(command);
  const args: Record<string, unknown> = {};
  let at = skipBlanks(line, from);
  while (at < line.length) {
    const word = readWord(line, at, shape);
    const key = word.key ?? keys.find((name) => !Object.hasOwn(args, name));
    if (key === undefined)
      throw bad(`${quote(word.text)} is one word too many: ${slashUsage(command)}`);
    if (Object.hasOwn(args, key)) throw bad(`/${command.slash} is given ${key} twice`);
    at = skipBlanks(line, endOfReading(line, word));
    if (key === restKey && word.key === null && at < line.length) {
      args[key] = line.slice(word.start);
      break;
    }
    args[key] = coerce(word, shape[key] as z.ZodType, `${key} of /${command.slash}`);
  }
  const missing = keys.filter(
    (key) => !Object.hasOwn(args, key) && isNeeded(shape[key] as z.ZodType),
  );
  if (missing.length > 0)
    throw bad(`/${command.slash} needs ${missing.join(' and ')}: ${slashUsage(command)}`);
  return args;
}

/** The key that takes the rest of the line: the last one, when it is a text. */
function restKeyOf(command: Command): string | null {
  const last = Object.entries(command.input.shape).at(-1);
  return last && unwrap(last[1]).def.type === 'string' ? last[0] : null;
}

function readWord(line: string, start: number, shape: Readonly<Record<string, unknown>>): Word {
  const key = keyAt(line, start, shape);
  const from = key === null ? start : start + key.length + 1;
  if (line[from] !== '"')
    return { text: line.slice(from, endOfWord(line, from)), key, quoted: false, start };
  const end = closingQuote(line, from);
  if (end < 0) throw bad(`the quote at column ${from + 1} is never closed: ${quote(line)}`);
  const text = line.slice(from + 1, end).replace(/\\(["\\])/g, '$1');
  return { text, key, quoted: true, start };
}

/** The offset just after a word, its key and its quotes. */
function endOfReading(line: string, word: Word): number {
  const from = word.key === null ? word.start : word.start + word.key.length + 1;
  return word.quoted ? closingQuote(line, from) + 1 : endOfWord(line, from);
}

/** The key of `key=value` at this offset, when the command has such a key; other words may hold `=` as they like. */
function keyAt(
  line: string,
  start: number,
  shape: Readonly<Record<string, unknown>>,
): string | null {
  let end = start;
  while (end < line.length && isNamePart(line.charCodeAt(end))) end += 1;
  if (end === start || line[end] !== '=') return null;
  const key = line.slice(start, end);
  return Object.hasOwn(shape, key) ? key : null;
}

function closingQuote(line: string, opening: number): number {
  for (let at = opening + 1; at < line.length; at++) {
    if (line[at] === '\\') at += 1;
    else if (line[at] === '"') return at;
  }
  return -1;
}

function isNamePart(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 95 ||
    code === 36
  );
}

function isBlank(char: string | undefined): boolean {
  return char === ' ' || char === '\t' || char === '\n' || char === '\r' || char === '\u00a0';
}

function endOfWord(line: string, from: number): number {
  let at = from;
  while (at < line.length && !isBlank(line[at])) at += 1;
  return at;
}

function skipBlanks(line: string, from: number): number {
  let at = from;
  while (isBlank(line[at])) at += 1;
  return at;
}

const NUMBER = /^[+-]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:e[+-]?\d{1,4})?$/i;
const TRUE_WORDS = ['true', 'yes', 'on', '1'];
const FALSE_WORDS = ['false', 'no', 'off', '0'];

function coerce(word: Word, schema: z.ZodType, what: string): unknown {
  const { text } = word;
  switch (unwrap(schema).def.type) {
    case 'number':
    case 'int':
      if (!NUMBER.test(text)) throw bad(`${what}: ${quote(text)} is not a number`);
      return Number(text);
    case 'bigint':
      if (!/^-?\d{1,400}$/.test(text)) throw bad(`${what}: ${quote(text)} is not a whole number`);
      return BigInt(text);
    case 'boolean':
      if (TRUE_WORDS.includes(text.toLowerCase())) return true;
      if (FALSE_WORDS.includes(text.toLowerCase())) return false;
      throw bad(`${what}: ${quote(text)} is neither true nor false`);
    case 'string':
    case 'enum':
      return text;
    case 'date':
      return new Date(text);
    default:
      return word.quoted ? text : toJsonOrText(text);
  }
}

/** For unions, lists, records and the like: what is JSON is taken as such, the rest is text. */
function toJsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The type below `.optional()`, `.default()`, `.transform()` and the like. */
function unwrap(schema: z.ZodType): z.ZodType {
  let inner = schema;
  // Bounded: nobody wraps deeper on purpose, and a schema may refer to itself.
  for (let depth = 0; depth < 16; depth++) {
    const def = inner.def as { innerType?: z.ZodType; in?: z.ZodType };
    const next = def.innerType ?? def.in;
    if (next === undefined) break;
    inner = next;
  }
  return inner;
}

function isNeeded(schema: z.ZodType): boolean {
  return !schema.safeParse(undefined).success;
}

/** The longest name compared; a longer one resembles nothing. */
const NAME_CHARS_MAX = 40;

/** The slash word or name that is at most two typing mistakes away (one for short words), or null. */
function nearest(name: string, commands: readonly Command[]): string | null {
  if (name.length === 0 || name.length > NAME_CHARS_MAX) return null;
  const wanted = name.toLowerCase();
  let best: string | null = null;
  let bestMistakes = name.length <= 3 ? 2 : 3;
  for (const candidate of commands.flatMap((command) => [command.slash, command.name])) {
    if (candidate.length > NAME_CHARS_MAX * 2) continue;
    const mistakes = editDistance(wanted, candidate.toLowerCase());
    if (mistakes < bestMistakes) {
      best = candidate;
      bestMistakes = mistakes;
    }
  }
  return best;
}

/** Levenshtein's distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function quote(text: string): string {
  return `"${safeText(text, { charsMax: 80 })}"`;
}

function bad(message: string): CorralError {
  return new CorralError('bad-command', message);
}
