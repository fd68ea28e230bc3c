// Owns how the schemas of answers are held against the model: a field or a word that one has and the other not does not compile.

import type { Readable } from 'node:stream';
import { z } from 'zod';
import type { Json } from '../../model/value.ts';

/** The fields of an object's schema: all of the model's, optional ones too, since what a schema does not name is not sent. */
export type ShapeOf<Model> = { readonly [Key in keyof Model]-?: z.ZodType<Model[Key]> };

/** A closed set of words; the table has each of them, or it does not compile. */
export function oneOf<Word extends string>(words: Readonly<Record<Word, true>>) {
  return z.enum(Object.keys(words) as [Word, ...Word[]]);
}

/** What a macro chose: any JSON. */
export const AnyJson = z
  .custom<Json>()
  .describe('any JSON; what JSON has no word for is tagged: {"$": "bigint", "v": "5"}');

/**
 * Something that is sent as it is: OpenAPI tells its schema, TypeScript holds what is sent against it, and nothing is looked
 * through again. For what another version of Corral may have kept, which is shown all the same, and for what is very long.
 */
export function asItIs<Model>(schema: z.ZodType<Model>): z.ZodType<Model, Model> {
  return z.any().meta(toTold(schema));
}

/** Something that is sent piece by piece: OpenAPI tells the schema of the whole, and nothing looks it through. */
export function streamed(schema: z.ZodType): z.ZodType<Readable, Readable> {
  return z.any().meta(toTold(schema));
}

function toTold(schema: z.ZodType): Record<string, unknown> {
  const { $schema: _, ...told } = z.toJSONSchema(schema, { unrepresentable: 'any' });
  return told;
}
