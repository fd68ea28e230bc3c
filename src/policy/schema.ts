// Owns the published JSON Schema of a pattern file, by which editors complete one. To write the file anew:
// node src/policy/schema.ts > schemas/pattern.schema.json

import { z } from 'zod';
import { Pattern } from '../model/pattern.ts';

/** The JSON Schema of a pattern file; what only Corral can check (such as the file's own tests) is not in it. */
export function patternJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(Pattern, { io: 'input' });
  return {
    $schema,
    title: 'Corral pattern file',
    description: 'What a macro must not do, and what becomes of one that does.',
    ...schema,
  };
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(patternJsonSchema(), null, 2)}\n`);
