import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Corral, createCorral, type Run } from '../../src/corral.ts';
import { CHILD_LIFE } from '../support/child-life.ts';
import { isAlive, until } from './support/processes.ts';
import { scratchDir } from './support/scratch.ts';

const LONE = new URL('./support/lone-supervisor.ts', import.meta.url).pathname;
const dumpDir = scratchDir();
const corrals: Corral[] = [];
after(() => Promise.all(corrals.map((corral) => corral.close())));

function create(options: Parameters<typeof createCorral>[0] = {}): Corral {
  const corral = createCorral({ dumpDir, ...options });
  corrals.push(corral);
  return corral;
}

/** Waits for a run's first log line, or its end. */
async function logged(run: Run): Promise<Run> {
  const { promise, resolve } = Promise.withResolvers<void>();
  run.on('log', () => resolve());
  await Promise.race([promise, run.result]);
  return run;
}

const gone = (pids: readonly number[]) =>
  until(`the end of ${pids}`, () => !pids.some((pid) => isAlive(pid)));

describe('many runs', () => {
  test('wait in line where there is one worker, and are served in order', async () => {
    const corral = create({ share: false, workers: { max: 1 } });
    const order: string[] = [];
    const runs = ['a', 'b', 'c', 'd'].map((name) => {
      const run = corral.start('await sleep(20); return 1', { file: `${name}.js` });
      run.on('state', ({ state }) => {
        if (state === 'starting' || state === 'ended') order.push(`${name} ${state}`);
      });
      return run;
    });
    await Promise.all(runs.map(({ result }) => result));
    const expected = ['a', 'b', 'c', 'd'].flatMap((name) => [`${name} starting`, `${name} ended`]);
    assert.deepEqual(order, expected);
    assert.equal(corral.workerPids.length, 1);
  });

  test('one that leaves the line holds up nobody', async () => {
    const corral = create({ share: false, workers: { max: 1 } });
    const first = await logged(corral.start('log("up"); await sleep(100); return 1'));
    const second = corral.start('return 2');
    const third = corral.start('return 3');
    assert.equal((await second.stop()).reason, 'cancelled');
    assert.equal(first.state, 'running');
    assert.equal((await third.result).value, 3);
    assert.equal((await first.result).value, 1);
  });

  test('50 at once all complete, each with its own value', async () => {
    const corral = create();
    const runs = Array.from({ length: 50 }, (_, at) =>
      corral.start('await sleep(10); return input.at', { input: { at } }),
    );
    assert.equal(corral.runs.length, 50);
    const ends = await Promise.all(runs.map(({ result }) => result));
    assert.deepEqual(
      ends.map(({ value }) => value),
      runs.map((_, at) => at),
    );
    assert.deepEqual(corral.runs, []);
  });

  test('beside hostile ones complete all the same', async () => {
    const corral = create({ limits: { cpu: 1500 } });
    const hostile = [
      'for (;;);',
      'await sleep(1); for (;;);',
      'const kept = []; for (;;) kept.push(new Array(1e4).fill(1))',
      'const f = () => f() + f(); for (;;) { try { f() } catch {} }',
      'await new Promise(() => undefined)',
      'return "x".repeat(2 ** 28)',
      'throw { toString() { for (;;); } }',
    ].map((source) => corral.start(source, { lint: false, limits: { cpu: 300, heap: '32mb' } }));
    const calm = Array.from({ length: 10 }, () => corral.start('await sleep(50); return 1'));
    for (const { result } of calm) assert.equal((await result).value, 1);
    for (const { result } of hostile) assert.notEqual((await result).status, 'completed');
    assert.equal((await corral.start('return 2').result).value, 2);
  });

  test('sharing a worker that dies all end as worker-lost, each with its dump', async () => {
    const corral = create();
    const runs = await Promise.all(
      Array.from({ length: 6 }, () => logged(corral.start('log("up"); await sleep(60_000)'))),
    );
    for (const pid of corral.workerPids) process.kill(pid, 'SIGKILL');
    const ends = await Promise.all(runs.map(({ result }) => result));
    assert.deepEqual(new Set(ends.map(({ reason }) => reason)), new Set(['worker-lost']));
    assert.equal(new Set(ends.map(({ dump }) => dump)).size, 6);
    assert.ok(!ends.some(({ dump }) => dump === null));
  });

  test('whose worker is dead before they begin are placed again', async () => {
    for (const share of [true, false]) {
      const corral = create({ share, workers: { max: 1 } });
      assert.equal((await corral.start('return 1').result).value, 1);
      for (let again = 0; again < 3; again++) {
        // Nobody has noticed yet when the next one is started.
        for (const pid of corral.workerPids) process.kill(pid, 'SIGKILL');
        assert.equal((await corral.start('return 2').result).value, 2);
      }
    }
  });

  test('whose worker is frozen before they begin are placed again', async () => {
    const corral = create({ share: false, workers: { max: 1, warm: 0 } });
    assert.equal((await corral.start('return 1').result).value, 1);
    for (const pid of corral.workerPids) process.kill(pid, 'SIGSTOP');
    assert.equal((await corral.start('return 2').result).value, 2);
  });

  test('leave nothing of themselves in the supervisor once they have ended', async () => {
    const corral = create();
    let collected = 0;
    const registry = new FinalizationRegistry(() => {
      collected += 1;
    });
    const runOnce = async () => {
      const run = corral.start('return 1');
      registry.register(run, undefined);
      await run.result;
    };
    for (let at = 0; at < 40; at++) await runOnce();
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    await until('their collection', () => {
      gc();
      return collected >= 30;
    });
  });
});

describe('after a kill', () => {
  test('no worker of the killed solo run is left, and its successor is another process', async () => {
    const corral = create({ share: false, workers: { max: 1, warm: 1 } });
    await corral.start('return 1').result;
    const before = corral.workerPids;
    const end = await corral.start('for (;;);', { lint: false, limits: { cpu: 100 } }).result;
    assert.equal(end.reason, 'cpu-limit');
    await gone(before);
    assert.equal((await corral.start('return 2').result).value, 2);
    assert.ok(!corral.workerPids.some((pid) => before.includes(pid)));
  });
});

describe('close()', () => {
  test('cancels what runs and what waits, and leaves no process', async () => {
    const corral = create({ share: false, workers: { max: 2, warm: 2 } });
    const asleep = await logged(corral.start('log("up"); await sleep(60_000)'));
    const busy = await logged(corral.start('log("up"); for (;;);', { lint: false }));
    const waiting = corral.start('return 1');
    const unseen = corral.start('return 1');
    const pids = corral.workerPids;
    assert.ok(pids.length >= 2 && pids.every(isAlive));
    await corral.close();
    for (const run of [asleep, busy, waiting, unseen]) {
      const end = await run.result;
      assert.deepEqual([end.reason, end.message], ['cancelled', 'the corral was closed']);
    }
    assert.ok(!pids.some(isAlive));
    assert.deepEqual([corral.workerPids, corral.runs], [[], []]);
  });

  test('while paused runs are held, while workers start, and twice at once', async () => {
    const corral = create();
    const run = await logged(corral.start('log("up"); await sleep(60_000)'));
    await run.pause();
    await Promise.all([corral.close(), corral.close()]);
    assert.equal((await run.result).reason, 'cancelled');
    const fresh = create({ workers: { warm: 3 } });
    const pids = fresh.workerPids;
    await fresh.close();
    assert.ok(!pids.some(isAlive));
  });

  test('happens by itself at the end of `await using`', async () => {
    let pids: readonly number[];
    {
      await using corral = createCorral({ dumpDir });
      await corral.start('return 1').result;
      pids = corral.workerPids;
      assert.ok(pids.length > 0);
    }
    assert.ok(!pids.some(isAlive));
  });
});

describe('a supervisor nobody closes', () => {
  async function alone(source: string) {
    const child = spawn(process.execPath, [LONE, dumpDir, source], {
      stdio: ['ignore', 'pipe', 'inherit'],
      ...CHILD_LIFE,
    });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    await until('its first line', () => text.includes('\n'));
    const pids = text.split('\n')[0]?.split(' ').map(Number) ?? [];
    assert.ok(pids.length > 0 && pids.every((pid) => pid > 0));
    return { child, pids, output: () => text };
  }

  test('exits by itself when its runs are over, and its workers with it', async () => {
    const { child, pids, output } = await alone('log("up"); await sleep(50)');
    const [code] = child.exitCode === null ? await once(child, 'close') : [child.exitCode];
    assert.equal(code, 0);
    assert.match(output(), /completed\n$/);
    await gone(pids);
  });
});
