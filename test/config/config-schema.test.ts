import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { configJsonSchema } from '../../src/config/config-schema.ts';
import { CONFIG_SETTINGS } from '../../src/config/config-settings.ts';
import { resolveConfig } from '../../src/config/resolve-config.ts';
import { toConfigText, toStarterText } from '../../src/config/write-config.ts';
import { ROOT } from '../support/cli.ts';
import { toFileText, valuesOf } from '../support/config-values.ts';

const published = JSON.parse(readFileSync(join(ROOT, 'schemas/config.schema.json'), 'utf8'));
const isValid = new Ajv2020({ strict: true, strictTypes: false }).compile(published);

describe('the published schema of corral.yaml', () => {
  test('is up to date: node src/config/config-schema.ts > schemas/config.schema.json', () => {
    assert.deepEqual(published, JSON.parse(JSON.stringify(configJsonSchema())));
  });

  test('takes what Corral writes', () => {
    const resolved = resolveConfig([]);
    assert.ok('config' in resolved);
    assert.ok(
      isValid(parse(toConfigText(resolved.config, '/srv'))),
      JSON.stringify(isValid.errors),
    );
    assert.ok(isValid(parse(toStarterText())), JSON.stringify(isValid.errors));
  });

  test('takes every value of every setting', () => {
    for (const setting of CONFIG_SETTINGS)
      for (const value of valuesOf(setting))
        assert.ok(isValid(parse(toFileText(setting, value))), toFileText(setting, value));
  });

  for (const [what, text] of [
    ['an unknown key', 'levl: low'],
    ['an unknown key of a room', 'load: { activ: 5 }'],
    ['a wrong type', 'load: { active: many }'],
    ['a number out of range', 'load: { active: 0 }'],
    ['a duration without a unit', 'brake: { hold: 60 }'],
    ['a duration that is none', 'brake: { hold: soon }'],
    ['a share above the whole', 'load: { warnAt: 85 }'],
    ['a size that is none', 'limits: { heap: big }'],
    ['a choice there is not', 'level: extreme'],
    ['a value that is missing', 'level:'],
  ] as const)
    test(`refuses ${what}`, () => assert.equal(isValid(parse(text)), false));

  test('explains every key', () => {
    const unexplained: string[] = [];
    const visit = (schema: Record<string, unknown>, path: string): void => {
      // A room may be empty: it is one of two forms.
      const forms = [schema, ...((schema.anyOf ?? []) as Record<string, unknown>[])];
      for (const { properties = {} } of forms)
        for (const [key, each] of Object.entries(
          properties as Record<string, Record<string, unknown>>,
        )) {
          if (!each.description) unexplained.push(`${path}${key}`);
          visit(each, `${path}${key}.`);
        }
    };
    visit(published, '');
    assert.deepEqual(unexplained, []);
  });
});
