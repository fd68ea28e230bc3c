import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { type Corral, createCorral } from '../../src/corral.ts';
import { toldOf, untilTold } from './support/feed.ts';
import { isAlive } from './support/processes.ts';
import { scratchDir } from './support/scratch.ts';

const dumpDir = scratchDir();
const corrals: Corral[] = [];
after(() => Promise.all(corrals.map((corral) => corral.close())));

function create(workers: Parameters<typeof createCorral>[0] = {}): Corral {
  const corral = createCorral({ dumpDir, ...workers });
  corrals.push(corral);
  return corral;
}

const exits = (corral: Corral) => toldOf(corral, 'worker').filter(({ what }) => what === 'exited');

describe('Recycling: a worker', () => {
  test('that has done its number of runs is replaced and ends with 42, and no run notices', async () => {
    for (const share of [true, false]) {
      const corral = create({ share, workers: { runs: 2, warm: 1, max: 1 } });
      for (let at = 0; at < 3; at++)
        assert.equal((await corral.start('return input.at', { input: { at } }).result).value, at);
      const gone = await untilTold(corral, 'worker', ({ what }) => what === 'exited');
      assert.deepEqual([gone.why, gone.exitCode], ['runs', 42]);
      await corral.close();
    }
  });

  test('that holds too much at rest is replaced', async () => {
    const corral = create({ workers: { restBytes: 16 * 1024 * 1024, warm: 1 } });
    assert.equal((await corral.start('return 1').result).value, 1);
    const gone = await untilTold(corral, 'worker', ({ what }) => what === 'exited');
    assert.deepEqual([gone.why, gone.exitCode], ['memory', 42]);
    assert.equal((await corral.start('return 2').result).value, 2);
  });

  test('that is old is replaced though nobody uses it', async () => {
    const corral = create({ workers: { ageMs: 1_000, warm: 1 } });
    const first = await untilTold(corral, 'worker', ({ what }) => what === 'started');
    const gone = await untilTold(corral, 'worker', ({ what }) => what === 'exited');
    assert.deepEqual([gone.pid, gone.why, gone.exitCode], [first.pid, 'age', 42]);
    await untilTold(corral, 'worker', ({ what, pid }) => what === 'started' && pid !== first.pid);
  });

  test('that is worn keeps the runs it has, takes no others, and ends when they have', async () => {
    const corral = create({ workers: { ageMs: 1000, warm: 0 } });
    const long = corral.start(
      'log("up"); while ((await state.get("go")) !== 1) await sleep(10); return 1',
    );
    const old = await untilTold(corral, 'worker', ({ what }) => what === 'draining');
    assert.equal(old.why, 'age');
    const short = await corral.start('await sleep(1); return 2').result;
    assert.equal(short.value, 2);
    assert.equal(isAlive(old.pid), true);
    assert.equal(long.state, 'running');
    const pids = toldOf(corral, 'worker').flatMap(({ what, pid }) =>
      what === 'started' ? [pid] : [],
    );
    assert.ok(pids.length >= 2 && pids[0] === old.pid);
    await corral.start('await state.set("go", 1)', { file: 'macro.js' }).result;
    assert.equal((await long.result).value, 1);
    const gone = await untilTold(
      corral,
      'worker',
      ({ what, pid }) => what === 'exited' && pid === old.pid,
    );
    assert.deepEqual([gone.why, gone.exitCode], ['age', 42]);
  });

  test('that dies idle is replaced at once, though nobody starts anything', async () => {
    const corral = create({ workers: { warm: 1 } });
    const first = await untilTold(corral, 'worker', ({ what }) => what === 'started');
    process.kill(first.pid, 'SIGKILL');
    const gone = await untilTold(corral, 'worker', ({ what }) => what === 'exited');
    assert.deepEqual([gone.pid, gone.why, gone.exitCode], [first.pid, 'lost', null]);
    await untilTold(corral, 'worker', ({ what, pid }) => what === 'started' && pid !== first.pid);
  });

  test('that was killed with its run, or with the corral, is told so', async () => {
    const corral = create({ share: false, workers: { warm: 0 } });
    await corral.start('for (;;);', { lint: false, limits: { cpu: 50 } }).result;
    const gone = await untilTold(corral, 'worker', ({ what }) => what === 'exited');
    assert.deepEqual([gone.why, gone.exitCode], ['stopped', null]);
    await corral.start('return 1').result;
    await corral.close();
    assert.equal(exits(corral).at(-1)?.why, 'closed');
  });
});
