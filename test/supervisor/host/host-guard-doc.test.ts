import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../../support/cli.ts';

const page = readFileSync(join(ROOT, 'docs/host-guard.md'), 'utf8');

test('each row of what protects the machine has tests that open with its name', () => {
  const rows = [...page.matchAll(/^\| ([A-Z][a-z ]+) \| .* \| (`test\/.*`) \|$/gm)];
  assert.deepEqual(
    rows.map(([, name]) => name),
    ['Emergency brake', 'Recycling', 'Heavy load', 'Retries', 'Host pressure', 'Emergency stop'],
  );
  for (const [, name, files = ''] of rows)
    for (const [, file = ''] of files.matchAll(/`([^`]+)`/g))
      assert.match(
        readFileSync(join(ROOT, file), 'utf8'),
        new RegExp(`^describe\\('${name}`, 'm'),
        file,
      );
});
