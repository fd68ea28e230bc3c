// Owns the folders tests write into: made on demand, removed when the test file ends.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

/** A fresh folder that is gone after the tests of this file. */
export function scratchDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'corral-test-'));
  after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
