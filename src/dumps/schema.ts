// Owns the published JSON Schema of a crash dump. To write the file anew:
// node src/dumps/schema.ts > schemas/crash-dump.schema.json

import { z } from 'zod';
import { CrashDump, DUMP_SCHEMA_VERSION } from '../model/dump.ts';

/** The JSON Schema of a crash dump's JSON file, as other programs may check it: unknown fields are allowed. */
export function dumpJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(CrashDump, { io: 'input' });
  return {
    $schema,
    title: `Corral crash dump, version ${DUMP_SCHEMA_VERSION}`,
    description:
      'Why a run was stopped. Fields may be added; one that changes raises schemaVersion.',
    ...schema,
  };
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(dumpJsonSchema(), null, 2)}\n`);
