import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { dumpJsonSchema } from '../../src/dumps/schema.ts';
import { ROOT } from '../support/cli.ts';
import { SAMPLES, sampleDump } from '../support/dumps.ts';

const published = JSON.parse(
  readFileSync(join(ROOT, 'schemas/crash-dump.schema.json'), 'utf8'),
) as z.core.JSONSchema.JSONSchema;

describe('the published schema of a crash dump', () => {
  test('is up to date: node src/dumps/schema.ts > schemas/crash-dump.schema.json', () => {
    assert.deepEqual(published, JSON.parse(JSON.stringify(dumpJsonSchema())));
  });

  const schema = z.fromJSONSchema(published);
  for (const name of SAMPLES) {
    test(`takes a real dump, unknown fields too: ${name}`, () => {
      const dump = { ...sampleDump(name), newerField: { anything: true } };
      assert.deepEqual(schema.safeParse(dump).error?.issues ?? [], []);
    });
  }

  test('refuses what is no dump', () => {
    assert.equal(schema.safeParse({ format: 'something-else' }).success, false);
    assert.equal(schema.safeParse({ ...sampleDump('failed'), samples: 'none' }).success, false);
  });
});

describe('docs/dumps.md', () => {
  test('names every field of a dump and no other', () => {
    const page = readFileSync(join(ROOT, 'docs/dumps.md'), 'utf8');
    const rows = [...page.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell]) =>
      [...(cell ?? '').matchAll(/`([A-Za-z]+)`/g)].map(([, name]) => name),
    );
    assert.deepEqual(rows.sort(), Object.keys(published.properties ?? {}).sort());
  });
});
