// Workers that the launcher has started: they come and go as the others do, and its own death is told as what it is.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { createCorral } from '../../src/corral.ts';
import { tempDir } from '../support/temp.ts';
import { descendants, isAlive, until } from './support/processes.ts';

const launcherOf = (pid: number) =>
  descendants(pid).find((each) =>
    readFileSync(`/proc/${each}/cmdline`, 'utf8').includes('launcher-program'),
  );

async function opened() {
  const temp = tempDir();
  const before = new Set(descendants(process.pid));
  const corral = createCorral({
    dumpDir: temp.path,
    share: false,
    workers: { max: 8, warm: 1, warmMax: 1 },
  });
  const started = () => descendants(process.pid).filter((pid) => !before.has(pid));
  return {
    corral,
    started,
    async [Symbol.asyncDispose]() {
      await corral.close();
      temp[Symbol.dispose]();
      await until('nothing is left', () => !started().some(isAlive));
    },
  };
}

describe('workers beyond the first few', () => {
  test('are started by the launcher, and leave nothing behind', async () => {
    await using it = await opened();
    for (let n = 0; n < 8; n++) {
      const end = await it.corral.start('for (;;);', { lint: false, limits: { cpu: '50ms' } })
        .result;
      assert.equal(end.reason, 'cpu-limit', end.message);
    }
    const launcher = launcherOf(process.pid) ?? assert.fail('there is no launcher');
    await until('a worker is its child', () => descendants(launcher).length > 0);
    const end = await it.corral.start('return 7').result;
    assert.equal(end.value, 7);
  });

  test('are lost with the launcher, which is said, and are replaced', async () => {
    await using it = await opened();
    const asleep = () => it.corral.start('log("here"); await sleep(60_000); return 1');
    const runs = Array.from({ length: 4 }, asleep);
    await until('there is a launcher', () => launcherOf(process.pid) !== undefined);
    const launcher = launcherOf(process.pid) as number;
    while (descendants(launcher).length === 0) {
      const run = asleep();
      runs.push(run);
      await new Promise<void>((resolve) => run.on('log', () => resolve()));
      assert.ok(runs.length <= 8);
    }
    const last = runs.at(-1) ?? assert.fail();
    process.kill(launcher, 'SIGKILL');
    const end = await last.result;
    assert.equal(end.reason, 'worker-lost');
    assert.match(end.message, /the process that starts the workers has died/);
    assert.equal((await it.corral.start('return 8').result).value, 8);
    const others = runs.filter((run) => run.state === 'running');
    assert.ok(others.length >= 1, 'those that were started before it go on');
    await Promise.all(others.map((run) => run.stop('enough')));
  });
});
