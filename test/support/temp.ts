// Owns folders for one test that are gone after it.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A fresh folder; removed on disposal. */
export interface TempDir extends Disposable {
  readonly path: string;
}

/** Makes one. */
export function tempDir(): TempDir {
  const path = mkdtempSync(join(tmpdir(), 'corral-test-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
