// Owns what a run of a batch gets as its input: what `--input` says, and `items`; checked before anything runs.

import { readHeader } from '../../analysis/text/header.ts';
import { checkInput } from '../../model/check-input.ts';
import { CorralError } from '../../model/errors.ts';
import { encodeValue, RESULT_BOUNDS, ValueError } from '../../model/value.ts';
import type { SourceFile } from '../source-file.ts';

/** The name under which a macro finds its items. */
export const ITEMS = 'items';

/** What every run gets beside its items. */
export type BaseInput = Readonly<Record<string, unknown>>;

/**
 * Checks what every run gets beside its items.
 * @param input undefined counts as `{}`
 * @throws {CorralError} `bad-usage` for what is no object or has items itself, `bad-input` where the macro takes no items or
 * something else than what is given
 */
export function toBaseInput(input: unknown, { text, file }: SourceFile): BaseInput {
  const base = input ?? {};
  if (typeof base !== 'object' || Array.isArray(base))
    throw new CorralError(
      'bad-usage',
      `With --batch the --input is an object, since \`${ITEMS}\` is added to it; it is ${Array.isArray(base) ? 'a list' : `a ${typeof base}`}.`,
    );
  if (Object.hasOwn(base, ITEMS))
    throw new CorralError(
      'bad-usage',
      `With --batch the --input has no \`${ITEMS}\`: they come from the batch file.`,
    );
  const header = readHeader(text);
  const { inputs, name } = header;
  const declared = inputs?.find(({ name }) => name === ITEMS);
  if (inputs !== null && declared?.type !== 'json')
    throw new CorralError(
      'bad-input',
      `Cannot run ${file} for a batch: its header declares inputs, but not \`@input ${ITEMS}:json\`.`,
    );
  checkInput({ ...base, [ITEMS]: [] }, header, name || file);
  return base as BaseInput;
}

/** Why these items cannot be given to a macro at all; null when they can. */
export function whyTooLarge(input: unknown): string | null {
  try {
    encodeValue(input, RESULT_BOUNDS, 'input');
    return null;
  } catch (error) {
    if (error instanceof ValueError) return error.message;
    throw error;
  }
}
