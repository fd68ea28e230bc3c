// Owns checking a macro's input against its `@input` lines, with zod; defaults are filled in.

import { z } from 'zod';
import { CorralError } from '../model/errors.ts';
import type { Header, InputDeclaration, InputType } from '../model/header.ts';
import { encodeValue, RESULT_BOUNDS, ValueError } from '../model/value.ts';

const TYPES: Record<InputType, z.ZodType> = {
  string: z.string(),
  number: z.number(),
  integer: z.int(),
  boolean: z.boolean(),
  json: z.json(),
};

/**
 * Checks an input and gives what the macro sees.
 * @param input undefined counts as `{}`
 * @throws {CorralError} `bad-input` naming the field, what it should be, and what the macro takes
 */
export function checkInput(input: unknown, header: Header, macro: string): unknown {
  const checked =
    header.inputs === null ? (input ?? {}) : checkDeclared(input ?? {}, header.inputs, macro);
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
  const result = z.strictObject(shape).safeParse(input);
  if (result.success) return result.data;
  const issues = result.error.issues.slice(0, 3).map((issue) => {
    const path = issue.path.map(String).join('.');
    return path === '' ? issue.message : `${path}: ${issue.message}`;
  });
  const takes = declarations.map(toUsage).join(' ') || 'no input';
  throw new CorralError(
    'bad-input',
    `Wrong input for ${macro}: ${issues.join('; ').slice(0, 500)}. It takes ${takes}.`,
  );
}

function toSchema({ type, optional, defaultValue }: InputDeclaration): z.ZodType {
  if (defaultValue !== undefined) return TYPES[type].default(defaultValue as never);
  return optional ? TYPES[type].optional() : TYPES[type];
}

function toUsage({ name, type, optional, defaultValue }: InputDeclaration): string {
  if (defaultValue !== undefined) return `${name}:${type}=${JSON.stringify(defaultValue)}`;
  return `${name}${optional ? '?' : ''}:${type}`;
}
