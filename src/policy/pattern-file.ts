// Owns reading one pattern file's text: YAML → a checked pattern, or every problem with its line and what to write.

import { closest, distance } from 'fastest-levenshtein';
import { isMap, LineCounter, type Node, type Pair, parseDocument, visit } from 'yaml';
import type { z } from 'zod';
import { toMessage } from '../model/errors.ts';
import { Pattern } from '../model/pattern.ts';
import { safeText } from '../model/safe-text.ts';

/** The largest pattern file (bytes). */
export const PATTERN_BYTES_MAX = 64 * 1024;

/** What is wrong with a pattern file. */
export interface PatternProblem {
  /** As it was named. */
  readonly file: string;
  /** 1-based; null when it is about the file as a whole. */
  readonly line: number | null;
  /** What is wrong with which value, and what to do. */
  readonly message: string;
}

/** A pattern file that is well formed; its own tests have not been run yet. */
export interface PatternFile {
  readonly file: string;
  readonly pattern: Pattern;
  /** The line of a key or an item (1-based), or of the nearest thing around it that is there. */
  lineOf(path: readonly PropertyKey[]): number;
}

/** A document nested deeper than this is no pattern; it is found before anything recurses into it. */
const DEPTH_MAX = 100;
const PROBLEMS_MAX = 20;

/** Reads a pattern file's text; never throws. */
export function parsePatternFile(
  text: string,
  file: string,
): { readonly read: PatternFile } | { readonly problems: readonly PatternProblem[] } {
  const at = (line: number | null, message: string): PatternProblem => ({ file, line, message });
  const deep = deepLine(text);
  if (deep !== null) return { problems: [at(deep, 'is nested too deeply for a pattern')] };
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
    const faults = [...document.errors, ...document.warnings];
    if (faults.length > 0)
      return {
        problems: faults
          .slice(0, PROBLEMS_MAX)
          .map(({ pos, message }) => at(lines.linePos(pos[0]).line, `is no YAML: ${say(message)}`)),
      };
    const lineOf = (path: readonly PropertyKey[]) =>
      lines.linePos(offsetOf(document.contents, path)).line;
    const alias = aliasOffset(document.contents);
    if (alias !== null)
      return {
        problems: [
          at(lines.linePos(alias).line, 'has a YAML alias (*name); write the value out instead'),
        ],
      };
    const checked = Pattern.safeParse(document.toJS({ maxAliasCount: 0 }));
    if (checked.success) return { read: { file, pattern: checked.data, lineOf } };
    const isThere = (path: readonly PropertyKey[]) => document.hasIn(path);
    // A misspelt key is also a missing one: the spelling comes first.
    const told = checked.error.issues.flatMap((issue) => issueProblems(issue, isThere));
    const keys = told.filter(({ isKey }) => isKey);
    const others = told.filter(({ isKey, path }) => !isKey && !isMeant(path, keys));
    const inOrder = [...keys, ...others];
    return {
      problems: inOrder
        .slice(0, PROBLEMS_MAX)
        .map(({ path, message }) => at(lineOf(path), message)),
    };
  } catch (error) {
    return { problems: [at(null, `cannot be read as YAML: ${say(toMessage(error))}`)] };
  }
}

function say(text: string): string {
  return safeText(text, { charsMax: 200 });
}

/** The line where brackets or indents pass the depth allowed, else null; a parser would run out of stack. */
function deepLine(text: string): number | null {
  let depth = 0;
  let line = 1;
  for (const char of text) {
    if (char === '\n') line += 1;
    else if (char === '[' || char === '{') depth += 1;
    else if (char === ']' || char === '}') depth = Math.max(0, depth - 1);
    if (depth > DEPTH_MAX) return line;
  }
  const dashes = text.split('\n').findIndex((each) => /^\s*(?:[-?:] ?){100}/.test(each));
  return dashes < 0 ? null : dashes + 1;
}

function aliasOffset(contents: unknown): number | null {
  let offset: number | null = null;
  visit(contents as Node, {
    Alias(_, { range }) {
      offset ??= range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return offset;
}

/** Where a path stands: the key of its last part, or of the last part that is there. */
function offsetOf(contents: unknown, path: readonly PropertyKey[]): number {
  let node = contents as Node | null | undefined;
  let offset = node?.range?.[0] ?? 0;
  for (const part of path) {
    let next: Node | null | undefined;
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => keyText(key) === String(part)) as
        | Pair<Node, Node>
        | undefined;
      if (!pair) break;
      offset = pair.key.range?.[0] ?? offset;
      next = pair.value;
    } else {
      next = (node as { get?(key: unknown, keep: true): Node } | null)?.get?.(part, true);
      offset = next?.range?.[0] ?? offset;
    }
    if (!next) break;
    node = next;
  }
  return offset;
}

function keyText(key: unknown): string {
  return String((key as { value?: unknown } | null)?.value ?? key);
}

interface Told {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** True when it is about a key that should not be there. */
  readonly isKey?: boolean;
}

/** True when a missing key is the one that a misspelt key beside it meant: that has been told. */
function isMeant(path: readonly PropertyKey[], keys: readonly Told[]): boolean {
  const key = `\`${String(path.at(-1))}\`?`;
  return keys.some((each) => each.path.length === path.length && each.message.endsWith(key));
}

/** One problem of zod's as one or more of ours: the key by its name, what is wrong, what to write. */
function issueProblems(
  issue: z.core.$ZodIssue,
  isThere: (path: readonly PropertyKey[]) => boolean,
): Told[] {
  const { path } = issue;
  const name = path.length > 0 ? `\`${path.map(String).join('.')}\`` : 'the file';
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.slice(0, PROBLEMS_MAX).map((key) => ({
        isKey: true,
        path: [...path, key],
        message: `${path.length > 0 ? `${name} has` : 'there is'} an unknown key \`${say(key)}\`${meant(key, path)}`,
      }));
    case 'invalid_union': {
      // One or a list of the same: what is wrong with the form that was written says most.
      const inner = issue.errors.find((each) => each.some(({ code }) => code !== 'invalid_type'));
      const first = inner?.find(({ code }) => code !== 'invalid_type');
      if (first) return issueProblems({ ...first, path: [...path, ...first.path] }, isThere);
      // Sizes are the only other thing that may be written in two ways.
      const isSize = issue.errors
        .flat()
        .some((each) => 'expected' in each && each.expected === 'number');
      const forms = isSize ? 'bytes, or a size such as 5mb' : 'text, or a list of texts';
      return [{ path, message: `${name} must be ${forms}` }];
    }
    case 'invalid_value': {
      const how = isThere(path) ? 'must be' : 'is missing; write';
      return [{ path, message: `${name} ${how} one of ${issue.values.map(String).join(', ')}` }];
    }
    case 'custom':
    case 'invalid_format':
      return [{ path, message: `${name} ${say(issue.message)}` }];
    default:
      if (path.length > 0 && !isThere(path)) return [{ path, message: `${name} is missing` }];
      return [{ path, message: `${name}: ${say(lower(issue.message))}` }];
  }
}

function lower(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}

/** `; did you mean …?`, or the keys there are. */
function meant(key: string, path: readonly PropertyKey[]): string {
  const keys = keysAt(path);
  if (keys.length === 0) return '';
  const near = closest(key.slice(0, 60), keys);
  return distance(key.slice(0, 60), near) <= 3
    ? `; did you mean \`${near}\`?`
    : `; the keys are ${keys.join(', ')}`;
}

/** The keys that may stand in the map at a path. */
function keysAt(path: readonly PropertyKey[]): string[] {
  let schema: unknown = Pattern;
  for (const part of path) {
    schema = unwrapped(shapeOf(schema)?.[String(part)]);
  }
  return Object.keys(shapeOf(schema) ?? {});
}

function shapeOf(schema: unknown): Record<string, unknown> | undefined {
  return (schema as { shape?: Record<string, unknown> } | undefined)?.shape;
}

function unwrapped(schema: unknown): unknown {
  const optional = schema as { unwrap?(): unknown } | undefined;
  return optional?.unwrap ? optional.unwrap() : schema;
}
