import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { CORRAL_VERSION } from '../../src/model/version.ts';

test("Corral's version is the one of its package", () => {
  const url = new URL('../../package.json', import.meta.url);
  assert.equal(CORRAL_VERSION, JSON.parse(readFileSync(url, 'utf8')).version);
});
