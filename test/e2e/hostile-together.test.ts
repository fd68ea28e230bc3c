// All hostile programs, eight at a time: each still ends as its header says, and no process is left.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { isAlive } from '../supervisor/support/processes.ts';
import {
  checkHostileProgram,
  createHostileCorral,
  readHostilePrograms,
} from '../support/hostile-programs.ts';
import { tempDir } from '../support/temp.ts';

const LANES = 8;
const temp = tempDir();
after(() => temp[Symbol.dispose]());

test('eight at once, and nothing stays behind', async () => {
  const corral = createHostileCorral(temp.path);
  const waiting = readHostilePrograms();
  const pids = new Set<number>();
  const lane = async () => {
    for (let program = waiting.shift(); program; program = waiting.shift()) {
      for (const pid of corral.workerPids) pids.add(pid);
      await checkHostileProgram(corral, program);
    }
  };
  try {
    const ends = await Promise.allSettled(Array.from({ length: LANES }, lane));
    const wrong = ends.flatMap((end) => (end.status === 'rejected' ? [String(end.reason)] : []));
    assert.deepEqual(wrong, []);
  } finally {
    for (const pid of corral.workerPids) pids.add(pid);
    await corral.close();
  }
  for (const pid of pids) assert.ok(!isAlive(pid), `worker ${pid} is still there`);
});
