// Owns checking a macro's input against its `@input` lines, with zod; defaults are filled in.

import { z } from 'zod';
import { CorralError } from './errors.ts';
import type { Header, InputDeclaration, InputType } from './header.ts';
import { encodeValue, RESULT_BOUNDS, ValueError } from './value.ts';

const TYPES: Record<InputType, z.ZodType> = {
  string: z.string(),
  number: z.number(),
  integer: z.int(),
  boolean: z.boolean(),
  json: z.json(),
};

/**
 * Checks an input and gives what the macro sees.
 * @param input undefined counts as `{}`; so does null where nothing is declared
 * @throws {CorralError} `bad-input` naming the field, what it should be, and what the macro takes
 */
export function checkInput(input: unknown, header: Header, macro: string): unknown {
  const checked =
    header.inputs === null ? (input ?? {}) : checkDeclared(input, header.inputs, macro);
  try {
    encodeValue(checked, RESULT_BOUNDS, 'input');
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    throw new CorralError('bad-input', `Cannot give ${macro} its input: ${error.message}.`, {
      cause: error,
    });
  }
  return checked;
}

function checkDeclared(
  input: unknown,
  declarations: readonly InputDeclaration[],
  macro: string,
): unknown {
  const shape = Object.fromEntries(declarations.map((each) => [each.name, toSchema(each)]));
  const given = toOwn(input === undefined ? {} : input);
  const result = z.strictObject(shape).safeParse(given);
  if (result.success) return result.data;
  const issues = result.error.issues.slice(0, 3).map((issue) => {
    const path = issue.path.map(String).join('.');
    const [field] = issue.path;
    // Only what was left out is undefined: JSON has no such value.
    if (field !== undefined && issue.path.length === 1 && given[field] === undefined)
      return `${path} is missing`;
    return path === '' ? issue.message : `${path}: ${issue.message}`;
  });
  const takes = declarations.map(toUsage).join(' ') || 'no input';
  throw new CorralError(
    'bad-input',
    `Wrong input for ${macro}: ${issues.join('; ').slice(0, 500)}. It takes ${takes}.`,
  );
}

/** An object's own fields and nothing it inherits, such as `toString`; anything else as it is. */
function toOwn(input: unknown): Record<PropertyKey, unknown> {
  if (input === null || typeof input !== 'object' || Array.isArray(input)) return input as never;
  return Object.assign(Object.create(null), input) as Record<PropertyKey, unknown>;
}

function toSchema({ type, optional, defaultValue }: InputDeclaration): z.ZodType {
  if (defaultValue !== undefined) return TYPES[type].default(defaultValue as never);
  return optional ? TYPES[type].optional() : TYPES[type];
}

function toUsage({ name, type, optional, defaultValue }: InputDeclaration): string {
  if (defaultValue !== undefined) return `${name}:${type}=${JSON.stringify(defaultValue)}`;
  return `${name}${optional ? '?' : ''}:${type}`;
}
