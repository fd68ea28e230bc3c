// Hostile macros one after another and ten at once: each ends as it may, the next macro runs fine, and nothing stays behind.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { type Corral, createCorral, createTrainingGround } from '../../src/corral.ts';
import { ROOT } from '../support/cli.ts';
import { readExpectation } from '../support/expectation.ts';
import { tempDir } from '../support/temp.ts';

const DIR = join(ROOT, 'test', 'fixtures', 'hostile');
const MB = 1024 * 1024;
const temp = tempDir();
after(() => temp[Symbol.dispose]());

const macros = readdirSync(DIR).map((name) => {
  const source = readFileSync(join(DIR, name), 'utf8');
  return {
    name,
    source,
    ...readExpectation(source.slice('// expect: '.length, source.indexOf('\n'))),
  };
});

function create(): Corral {
  return createCorral({
    commands: createTrainingGround({ seed: 1 }).commands,
    limits: { cpu: '300ms', heap: '64mb', wall: '30s', idle: '300ms' },
    dumpDir: temp.path,
  });
}

async function check(corral: Corral, { name, source, reasons, line }: (typeof macros)[number]) {
  const end = await corral.start(source, { file: name, lint: false }).result;
  assert.ok(
    reasons.includes(end.reason),
    `${name}: ${end.reason} instead of ${reasons.join('|')}: ${end.message} ${end.error?.message ?? ''}`,
  );
  if (line !== null && end.reason !== 'heap-limit')
    assert.equal(end.line, line, `${name}: the line`);
  assert.equal(end.dump !== null, end.status === 'killed', `${name}: a kill leaves a dump`);
  const next = await corral.start('return 6 * 7').result;
  assert.equal(next.value, 42, `after ${name}: ${next.reason} ${next.message}`);
}

describe('one after another', () => {
  const corral = create();
  after(() => corral.close());
  let before = 0;
  test('a first run, to have everything loaded', async () => {
    assert.equal((await corral.start('return 1').result).value, 1);
    before = process.memoryUsage.rss();
  });
  for (const macro of macros)
    test(`${macro.name} (${macro.reasons.join(' or ')})`, () => check(corral, macro));
  test('the supervisor has grown by less than 100 MB over all of them', () => {
    const grown = (process.memoryUsage.rss() - before) / MB;
    assert.ok(grown < 100, `grown by ${grown.toFixed(0)} MB`);
  });
});

test('ten at once, and nothing stays behind', async () => {
  const corral = create();
  const waiting = [...macros];
  const lane = async () => {
    for (let macro = waiting.shift(); macro; macro = waiting.shift()) await check(corral, macro);
  };
  try {
    await Promise.all(Array.from({ length: 10 }, lane));
  } finally {
    const pids = corral.workerPids;
    await corral.close();
    for (const pid of pids)
      assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' }, `worker ${pid} is still there`);
  }
});
