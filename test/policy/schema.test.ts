import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { patternJsonSchema } from '../../src/policy/schema.ts';
import { ROOT } from '../support/cli.ts';
import { PATTERN_TEXT, patternText } from '../support/pattern-text.ts';

const published = JSON.parse(readFileSync(join(ROOT, 'schemas/pattern.schema.json'), 'utf8'));
const isValid = new Ajv2020({ strict: true, strictTypes: false }).compile(published);

describe('the published schema of a pattern file', () => {
  test('is up to date: node src/policy/schema.ts > schemas/pattern.schema.json', () => {
    assert.deepEqual(published, JSON.parse(JSON.stringify(patternJsonSchema())));
  });

  for (const name of readdirSync(join(ROOT, 'patterns')).filter((each) => each.endsWith('.yaml')))
    test(`takes ${name}`, () => {
      const text = readFileSync(join(ROOT, 'patterns', name), 'utf8');
      assert.ok(isValid(parse(text)), JSON.stringify(isValid.errors));
    });

  test('refuses an unknown key, a wrong type and a missing key', () => {
    assert.ok(isValid(parse(PATTERN_TEXT)));
    for (const [from, to] of [
      ['risk: high', 'risk: high\nrisks: high'],
      ['maxOccurrences: 3', 'maxOccurrences: three'],
      ['title: Shouting\n', ''],
    ] as const)
      assert.equal(isValid(parse(patternText(from, to))), false, to);
  });

  test('explains every key', () => {
    const unexplained: string[] = [];
    const visit = (schema: Record<string, unknown>, path: string): void => {
      for (const [key, each] of Object.entries((schema.properties ?? {}) as object)) {
        if (!each.description) unexplained.push(`${path}${key}`);
        visit(each, `${path}${key}.`);
      }
    };
    visit(published, '');
    assert.deepEqual(unexplained, []);
  });
});
