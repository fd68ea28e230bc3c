import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'corral-types-'));
after(() => rmSync(folder, { recursive: true }));

function types(...args: string[]) {
  return spawnSync(process.execPath, [MAIN, 'types', ...args], { encoding: 'utf8' });
}

describe('corral types', () => {
  test('prints the types on stdout and nothing else', () => {
    const { stdout, stderr, status } = types();
    assert.equal(status, 0);
    assert.equal(stderr, '');
    assert.match(stdout, /^\/\/ Types of everything a Corral macro sees/);
    assert.match(stdout, /declare const combat: Corral\.Combat;/);
  });

  test('writes the same to a file and says so on stderr', () => {
    const file = join(folder, 'corral.d.ts');
    const { stdout, stderr, status } = types('--out', file);
    assert.equal(status, 0);
    assert.equal(stdout, '');
    assert.equal(stderr, `Wrote ${file}.\n`);
    assert.equal(readFileSync(file, 'utf8'), types().stdout);
  });

  test('gives the commands of the host that is named', () => {
    assert.match(types('--host', 'print').stdout, /ok: boolean/);
    const { stderr, status } = types('--host', 'moon');
    assert.equal(status, 2);
    assert.match(stderr, /Allowed choices are training-ground, print/);
  });

  test('says which file cannot be written, and ends with 2', () => {
    const file = join(folder, 'missing', 'corral.d.ts');
    const { stdout, stderr, status } = types('--out', file);
    assert.equal(status, 2);
    assert.equal(stdout, '');
    assert.match(
      stderr,
      /Cannot write types .*missing.corral\.d\.ts: there is no such file or folder\./,
    );
  });
});
