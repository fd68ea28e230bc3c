// Owns saying what zod finds wrong with a file in its writer's words: the key by its name, what is wrong, what to write.

import type { z } from 'zod';
import { closestName } from '../model/closest-name.ts';
import { safeText } from '../model/safe-text.ts';

/** What is wrong with one key. */
export interface Told {
  readonly path: readonly PropertyKey[];
  /** `` `load.active` must be … ``. */
  readonly message: string;
}

interface ToldKey extends Told {
  /** Set when it is about a key that should not be there: the one that was meant, or null. */
  readonly meant?: string | null;
}

/** What is asked about the file. */
export interface ExplainOptions {
  /** True when a key or an item is there. */
  readonly has: (path: readonly PropertyKey[]) => boolean;
  /** What else to say of a key that is unknown and like none beside it; null says which keys there are. */
  readonly elsewhere?: (key: string) => string | null;
}

const TOLD_MAX = 20;

/** What zod found, misspelt keys first; what a misspelt key makes missing is not told again. */
export function explain(schema: z.ZodType, error: z.ZodError, options: ExplainOptions): Told[] {
  const told = error.issues.flatMap((issue) => issueProblems(schema, issue, options));
  const keys = told.filter(({ meant }) => meant !== undefined);
  const others = told.filter(
    ({ meant, path }) => meant === undefined && (options.has(path) || !isMeant(path, keys)),
  );
  return [...keys, ...others].slice(0, TOLD_MAX).map(({ path, message }) => ({ path, message }));
}

/** True when a missing key is the one that a misspelt key beside it meant. */
function isMeant(path: readonly PropertyKey[], keys: readonly ToldKey[]): boolean {
  const key = String(path.at(-1));
  return keys.some((each) => each.path.length === path.length && each.meant === key);
}

function issueProblems(
  schema: z.ZodType,
  issue: z.core.$ZodIssue,
  options: ExplainOptions,
): ToldKey[] {
  const { path } = issue;
  const name = path.length > 0 ? `\`${path.map(String).join('.')}\`` : 'the file';
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.slice(0, TOLD_MAX).map((key) => {
        const { meant, hint } = meantBy(key, keysAt(schema, path), options);
        const what = `${path.length > 0 ? `${name} has` : 'there is'} an unknown key`;
        return { meant, path: [...path, key], message: `${what} \`${shown(key)}\`${hint}` };
      });
    case 'invalid_union': {
      // One or a list of the same: what is wrong with the form that was written says most.
      const inner = issue.errors.find((each) => each.some(({ code }) => code !== 'invalid_type'));
      const first = inner?.find(({ code }) => code !== 'invalid_type');
      if (first)
        return issueProblems(schema, { ...first, path: [...path, ...first.path] }, options);
      // Sizes are the only other thing that may be written in two ways.
      const isSize = issue.errors
        .flat()
        .some((each) => 'expected' in each && each.expected === 'number');
      const forms = isSize ? 'bytes, or a size such as 5mb' : 'text, or a list of texts';
      return [{ path, message: `${name} must be ${forms}` }];
    }
    case 'invalid_value': {
      const how = options.has(path) ? 'must be' : 'is missing; write';
      return [{ path, message: `${name} ${how} one of ${issue.values.map(String).join(', ')}` }];
    }
    case 'custom':
    case 'invalid_format':
      return [{ path, message: `${name} ${shown(issue.message)}` }];
    default:
      if (path.length > 0 && !options.has(path)) return [{ path, message: `${name} is missing` }];
      if (issue.code === 'invalid_type' && issue.expected === 'object')
        return [{ path, message: `${name} must hold keys: ${keysAt(schema, path).join(', ')}` }];
      return [{ path, message: `${name}: ${shown(lower(issue.message))}` }];
  }
}

function shown(text: string): string {
  return safeText(text, { charsMax: 200 });
}

function lower(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}

function meantBy(key: string, keys: readonly string[], { elsewhere }: ExplainOptions) {
  const meant = closestName(key, keys);
  if (meant !== null) return { meant, hint: `; did you mean \`${meant}\`?` };
  const hint = elsewhere?.(key) ?? (keys.length > 0 ? `the keys are ${keys.join(', ')}` : null);
  return { meant: null, hint: hint === null ? '' : `; ${hint}` };
}

/** The keys that may stand in the map at a path. */
function keysAt(schema: unknown, path: readonly PropertyKey[]): string[] {
  let inner = schema;
  for (const part of path) inner = unwrapped(shapeOf(inner)?.[String(part)]);
  return Object.keys(shapeOf(unwrapped(inner)) ?? {});
}

function shapeOf(schema: unknown): Record<string, unknown> | undefined {
  return (schema as { shape?: Record<string, unknown> } | undefined)?.shape;
}

function unwrapped(schema: unknown): unknown {
  const outer = schema as { unwrap?(): unknown } | undefined;
  return outer?.unwrap ? unwrapped(outer.unwrap()) : schema;
}
