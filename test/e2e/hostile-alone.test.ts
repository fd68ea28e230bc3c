// Every hostile program by itself: it ends as its header says, and the next macro runs as if nothing had been.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Corral } from '../../src/corral.ts';
import { isAlive } from '../supervisor/support/processes.ts';
import {
  checkHostileProgram,
  createHostileCorral,
  readHostilePrograms,
} from '../support/hostile-programs.ts';
import { tempDir } from '../support/temp.ts';

const MB = 1024 * 1024;
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What this process holds after a full collection (bytes); its resident size only tells how lazy V8 was. */
function held(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const programs = readHostilePrograms();
const families = new Set(programs.map(({ family }) => family));

test('there are at least 160 programs, in twelve families', () => {
  assert.ok(programs.length >= 160, `${programs.length}`);
  assert.equal(families.size, 12);
});

describe('one after another', () => {
  const temp = tempDir();
  const pids = new Set<number>();
  let corral: Corral;
  let heldBefore = 0;
  before(async () => {
    corral = createHostileCorral(temp.path);
    assert.equal((await corral.start('return 1').result).value, 1);
    heldBefore = held();
  });
  after(async () => {
    await corral.close();
    temp[Symbol.dispose]();
    for (const pid of pids) assert.ok(!isAlive(pid), `worker ${pid} is still there`);
  });

  for (const family of families) {
    describe(family, () => {
      for (const program of programs.filter((each) => each.family === family)) {
        test(`${program.name}: ${program.tries}`, async () => {
          for (const pid of corral.workerPids) pids.add(pid);
          await checkHostileProgram(corral, program);
        });
      }
    });
  }

  test('the supervisor holds at most 20 MB more after all of them', () => {
    const grown = (held() - heldBefore) / MB;
    assert.ok(grown < 20, `${grown.toFixed(0)} MB more`);
  });
});
