// Every macro of macros/ ends as its header says, and the killed ones leave a dump that names the line.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { readHeader } from '../../src/analysis/text/header.ts';
import { createCorral, createTrainingGround, type EndEvent } from '../../src/corral.ts';
import { readDump } from '../../src/dumps/dump.ts';
import { ROOT } from '../support/cli.ts';
import { readExpectation } from '../support/expectation.ts';
import { tempDir } from '../support/temp.ts';

const GOOD = join(ROOT, 'macros');
const HOSTILE = join(ROOT, 'macros', 'hostile');
const temp = tempDir();
after(() => temp[Symbol.dispose]());

function macrosIn(dir: string): string[] {
  return readdirSync(dir).filter((name) => /\.(js|mjs|ts)$/.test(name) && !name.endsWith('.d.ts'));
}

async function run(
  dir: string,
  name: string,
  lint: boolean,
): Promise<EndEvent & { readonly seen: readonly string[] }> {
  // A world of its own for each, so that their order does not matter.
  await using corral = createCorral({
    commands: createTrainingGround({ seed: 7 }).commands,
    dumpDir: temp.path,
    macrosDir: dir,
    workers: { max: 1, warm: 0 },
  });
  const source = readFileSync(join(dir, name), 'utf8');
  const started = corral.start(source, { file: name, seed: 7, lint });
  const seen: string[] = [];
  started.on('intervention', ({ message }) => seen.push(message));
  return { ...(await started.result), seen };
}

function expectationOf(dir: string, name: string) {
  const { other } = readHeader(readFileSync(join(dir, name), 'utf8'));
  return readExpectation(other.expect ?? '');
}

describe('the good macros', () => {
  test('there are at least fourteen', () => assert.ok(macrosIn(GOOD).length >= 14));
  for (const name of macrosIn(GOOD)) {
    test(`${name} passes lint and completes, and no pattern matches what it does`, async () => {
      assert.deepEqual(expectationOf(GOOD, name).reasons, ['completed']);
      const end = await run(GOOD, name, true);
      assert.equal(end.reason, 'completed', `${end.message} ${end.error?.message ?? ''}`);
      assert.notEqual(end.value, null, 'an example shows a result');
      assert.deepEqual(end.seen, [], 'no pattern matches what it does');
    });
  }
});

describe('the hostile macros', () => {
  test('there are eleven', () => assert.ok(macrosIn(HOSTILE).length >= 11));
  for (const name of macrosIn(HOSTILE)) {
    test(`${name} ends as it says`, async () => {
      const { reasons, line } = expectationOf(HOSTILE, name);
      const end = await run(HOSTILE, name, false);
      assert.ok(
        reasons.includes(end.reason),
        `${end.reason} instead of ${reasons.join('|')}: ${end.message}`,
      );
      if (line !== null) assert.equal(end.line, line, 'the end names the line');
      if (end.status !== 'killed') return;
      assert.ok(end.dump, 'a kill leaves a dump');
      const dump = await readDump(end.dump);
      assert.equal(dump.reason, end.reason);
      if (line !== null) assert.equal(dump.place?.line, line, 'the dump names the line');
    });
  }
});
