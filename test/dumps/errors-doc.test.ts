import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ERROR_CODES } from '../../src/model/errors.ts';
import { ROOT } from '../support/cli.ts';

describe('docs/errors.md', () => {
  const page = readFileSync(join(ROOT, 'docs/errors.md'), 'utf8');
  const rows = new Map(
    [...page.matchAll(/^\| `([a-z0-9-]+)` \| (\d) \| (.{10,}) \| (.{10,}) \|$/gm)].map(
      ([, code, exit]) => [code, Number(exit)],
    ),
  );

  test('explains every error code, with the exit code it has', () => {
    for (const [code, exit] of Object.entries(ERROR_CODES))
      assert.equal(rows.get(code), exit, code);
  });

  test('explains no code that does not exist', () => {
    for (const code of rows.keys()) assert.ok(Object.hasOwn(ERROR_CODES, code ?? ''), code);
  });
});
