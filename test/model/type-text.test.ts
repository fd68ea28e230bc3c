import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { toTypeText } from '../../src/model/type-text.ts';

describe('the text of a type', () => {
  for (const [schema, text] of [
    [z.string(), 'string'],
    [z.int().min(1), 'number'],
    [z.null(), 'null'],
    [z.unknown(), 'unknown'],
    [z.literal('north'), '"north"'],
    [z.enum(['a', 'b']), '"a" | "b"'],
    [z.string().nullable(), 'string | null'],
    [z.array(z.string().nullable()), '(string | null)[]'],
    [z.array(z.object({ x: z.number() })), '{ x: number }[]'],
    [z.tuple([z.string(), z.number()]), '[string, number]'],
    [z.object({}), 'Record<string, never>'],
    [z.object({ a: z.string(), b: z.number().optional() }), '{ a: string; b?: number }'],
    [z.object({ 'two words': z.string() }), '{ "two words": string }'],
    [z.record(z.string(), z.number()), '{ [key: string]: number }'],
    [z.object({ a: z.string().describe('the end: */ x') }), '{ /** the end: *\\/ x */ a: string }'],
  ] as const) {
    test(`is \`${text}\``, () => assert.equal(toTypeText(z.toJSONSchema(schema)), text));
  }

  test('of something nested without end is unknown at some depth', () => {
    let schema: object = { type: 'string' };
    for (let depth = 0; depth < 10_000; depth++) schema = { type: 'array', items: schema };
    assert.match(toTypeText(schema), /^unknown(\[\])+$/);
  });
});
