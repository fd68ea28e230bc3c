import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shortJson } from '../../src/dumps/items.ts';

test('what is named like a secret is masked where a command is shown, however deep it lies', () => {
  assert.equal(
    shortJson({ to: 'mara', apiKey: 'k-1', more: [{ pwd: { old: 1 } }] }, 200),
    '{"to":"mara","apiKey":"(masked)","more":[{"pwd":"(masked)"}]}',
  );
  assert.equal(shortJson('a password'), '"a password"');
});
