import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createCorral, type Run } from '../../src/corral.ts';
import { Drive } from '../../src/supervisor/drive.ts';
import type { Ending } from '../../src/supervisor/ending.ts';
import { RunRecord } from '../../src/supervisor/record.ts';
import { LiveRun } from '../../src/supervisor/run.ts';
import { WorkerProcess } from '../../src/supervisor/worker-process.ts';
import { planned } from './support/plans.ts';
import { isAlive, until } from './support/processes.ts';
import { scratchDir } from './support/scratch.ts';

const corral = createCorral({ dumpDir: scratchDir() });
after(() => corral.close());

/** For what works long at a stretch, however slow the machine: a run may only lower what its corral allows. */
const patient = createCorral({
  dumpDir: scratchDir(),
  limits: { cpu: '60s', burst: '60s', heap: '512mb' },
});
after(() => patient.close());

const BUSY = 'let n = 0;\nlog("busy");\nfor (;;) n++;';

/** Kills every worker from outside and waits until the corral knows. */
async function killWorkers(of = corral): Promise<void> {
  const pids = of.workerPids;
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  await until('their end', () => !of.workerPids.some((pid) => pids.includes(pid)));
}

/** Starts a macro and waits until it has logged. */
async function startAndHear(source: string, limits = {}, of = corral): Promise<Run> {
  const run = of.start(source, { lint: false, limits });
  const { promise, resolve } = Promise.withResolvers<void>();
  run.on('log', () => resolve());
  await Promise.race([promise, run.result]);
  return run;
}

describe('stop()', () => {
  test('before the run has a worker', async () => {
    const run = corral.start('log("never"); return 1');
    const logs: string[] = [];
    run.on('log', ({ text }) => logs.push(text));
    const end = await run.stop('changed my mind');
    assert.deepEqual([end.status, end.reason], ['cancelled', 'cancelled']);
    assert.equal(end.message, 'changed my mind');
    assert.deepEqual(logs, []);
  });

  for (const state of ['queued', 'starting', 'running'] as const) {
    test(`from a listener, while ${state}`, async () => {
      const run = corral.start('await sleep(60_000)');
      const stop = () => run.stop('from within').catch(assert.ifError);
      if (state === 'queued') run.on('admission', stop);
      else run.on('state', (event) => event.state === state && stop());
      assert.equal((await run.result).reason, 'cancelled');
    });
  }

  test('while it sleeps', async () => {
    const run = await startAndHear('log("asleep"); await sleep(60_000)');
    const end = await run.stop();
    assert.deepEqual([end.reason, end.message, end.dump], ['cancelled', 'it was cancelled', null]);
  });

  test('in a busy loop', async () => {
    const run = await startAndHear('log("up");\nlet i = 0;\nwhile (i >= 0) i = (i + 1) % 7;');
    const { reason, line } = await run.stop();
    assert.deepEqual({ reason, line }, { reason: 'cancelled', line: 3 }, 'where it was');
    assert.equal((await corral.start('return 1').result).value, 1);
  });

  test('while paused', async () => {
    for (const source of [BUSY, 'log("asleep"); await sleep(60_000)']) {
      const run = await startAndHear(source);
      await run.pause();
      assert.equal((await run.stop()).reason, 'cancelled');
    }
  });

  test('twice, and after the end, changes nothing', async () => {
    const run = await startAndHear('log("asleep"); await sleep(60_000)');
    const ends = await Promise.all([run.stop('first'), run.stop('second')]);
    assert.equal(ends[0], ends[1]);
    assert.equal(ends[0].message, 'first');
    assert.equal(await run.stop('third'), ends[0]);
  });

  test('tells the macro by its signal, which may still tidy up, but not hold on', async () => {
    const logs: string[] = [];
    const tidy = await startAndHear(
      'log("up"); signal.addEventListener("abort", () => log("tidied")); await sleep(60_000)',
    );
    tidy.on('log', ({ text }) => logs.push(text));
    assert.equal((await tidy.stop()).reason, 'cancelled');
    const stubborn = await startAndHear(
      'log("up"); for (;;) { try { await sleep(10_000) } catch {} }',
    );
    assert.equal((await stubborn.stop()).reason, 'cancelled');
  });

  test('by a signal, before the start and later', async () => {
    const early = corral.start('return 1', { signal: AbortSignal.abort() });
    assert.equal((await early.result).reason, 'cancelled');
    const abort = new AbortController();
    const run = corral.start('await sleep(60_000)', { signal: abort.signal });
    run.on('state', ({ state }) => state === 'running' && abort.abort());
    assert.equal((await run.result).reason, 'cancelled');
  });

  test('by disposing of the handle', async () => {
    let kept: Run;
    {
      await using run = corral.start('await sleep(60_000)');
      kept = run;
    }
    assert.equal(kept.state, 'ended');
    assert.equal((await kept.result).message, 'its handle was disposed');
  });
});

describe('a kill and a stop at once', () => {
  test('the first cause wins', async () => {
    const run = corral.start(BUSY, { lint: false, limits: { cpu: 100 } });
    run.on('state', ({ state }) => {
      if (state === 'ending') run.stop('too late').catch(assert.ifError);
    });
    assert.equal((await run.result).reason, 'cpu-limit');
    const stopped = await startAndHear(BUSY, { cpu: 2000 });
    const end = stopped.stop('in time');
    await killWorkers();
    assert.equal((await end).reason, 'cancelled');
  });
});

describe('a paused run', () => {
  test('stands still in mid-loop and goes on', async () => {
    const source = 'log("up");\nlet n = 0;\nwhile (n < 3e8) n++;\nreturn n';
    const run = await startAndHear(source, { cpu: 8000, burst: 8000 });
    await run.pause();
    assert.equal(run.state, 'paused');
    const samples: number[] = [];
    run.on('sample', ({ cpuMs }) => samples.push(cpuMs));
    await sleep(400);
    assert.deepEqual(samples, []);
    assert.equal(run.state, 'paused');
    await run.resume();
    assert.equal((await run.result).value, 3e8);
  });

  test('is held where a long built-in returns, and loses nothing by it', async () => {
    const source =
      'const list = Array.from({ length: 2e6 }, (_, i) => i);\nlog("up");\nlet n = 0;\nfor (let i = 0; i < 8; i++) n += list.join().length;\nreturn n';
    const run = await startAndHear(source, {}, patient);
    await sleep(20);
    assert.equal(await run.pause(), true);
    assert.equal(await run.resume(), true);
    const end = await run.result;
    assert.equal(end.reason, 'completed', end.message);
  });

  test('is not measured: a reading under way when it was held tells nothing', async () => {
    const source =
      'const list = Array.from({ length: 5e5 }, (_, i) => i);\nlog("up");\nfor (;;) list.join();';
    const run = await startAndHear(source, { heap: '20mb' }, patient);
    const told: string[] = [];
    run.on('sample', () => run.state === 'paused' && told.push('sample'));
    for (let i = 0; i < 20; i++) {
      assert.equal(
        await run.pause(),
        true,
        (run.state === 'ended' && (await run.result).message) || '',
      );
      await sleep(30);
      assert.deepEqual(told, []);
      await run.resume();
      await sleep(15 + i);
    }
    await run.stop();
  });

  test('can be looked at as often as one likes, in mid-loop and asleep, and goes on', async () => {
    const source = `log("up");
let n = 0;
function count(step) {
  while (n < 3e8) n += step;
}
count(1);
await sleep(100);
return n`;
    const run = await startAndHear(source, { cpu: 8000, burst: 8000 });
    assert.equal(await run.look(), null, 'it runs');
    await run.pause();
    const looks = await Promise.all([run.look(), run.look()]);
    for (const look of looks) {
      assert.deepEqual(
        look?.frames.map(({ functionName, line }) => [functionName, line]),
        [
          ['count', 4],
          ['(macro)', 6],
        ],
      );
      assert.ok(
        look?.frames[0]?.locals.some(({ name, preview }) => name === 'step' && preview === '1'),
      );
    }
    assert.equal(run.state, 'paused');
    await run.resume();
    assert.equal((await run.result).value, 3e8);
    assert.equal(await run.look(), null, 'it is over');
    const asleep = await startAndHear('log("up"); await sleep(60_000)');
    await sleep(50);
    await asleep.pause();
    const look = await asleep.look();
    assert.deepEqual([look?.frames, look?.pending.map(({ kind }) => kind)], [[], ['sleep']]);
    await asleep.stop();
  });

  test('does not count its time in what the macro waits for', async () => {
    const run = await startAndHear('log("up"); await sleep(60_000)');
    await run.pause();
    await sleep(600);
    const look = await run.look();
    const [waiting] = look?.pending ?? [];
    assert.ok(waiting && waiting.sinceMs < 500, `${waiting?.sinceMs} ms`);
    await run.stop();
  });

  test('does not count its time', async () => {
    const run = await startAndHear('log("up"); await sleep(300); return 1', { wall: 2000 });
    await run.pause();
    await sleep(2500);
    await run.resume();
    const end = await run.result;
    assert.equal(end.reason, 'completed', end.message);
    assert.ok(end.durationMs < 2000);
  });

  test('hears of nothing until it goes on', async () => {
    const logs: string[] = [];
    const run = await startAndHear('log("up"); await sleep(50); log("woke"); return 1');
    run.on('log', ({ text }) => logs.push(text));
    await run.pause();
    await sleep(300);
    assert.deepEqual(logs, []);
    await run.resume();
    await run.result;
    assert.deepEqual(logs, ['woke']);
  });

  test('sleeps for as long as it was told, however long it stood still meanwhile', async () => {
    const run = await startAndHear('log("up"); await sleep(600); return 1');
    await run.pause();
    await sleep(900);
    await run.resume();
    const end = await run.result;
    // Its clock stands still from the word to pause on, the macro some ms later.
    assert.ok(end.durationMs >= 500, `${end.durationMs} ms`);
  });

  test('has the same left of its time afterwards', async () => {
    const run = await startAndHear(
      'const from = budget().wallMs; log("up"); await sleep(100); return from - budget().wallMs',
      { wall: 60_000 },
    );
    await run.pause();
    await sleep(2_000);
    await run.resume();
    const { value } = await run.result;
    assert.ok(Number(value) >= 99 && Number(value) < 2_000, `${value} ms of its time`);
  });

  test('that nothing can wake is found out afterwards, and by the time it ran', async () => {
    for (const before of ['', 'await sleep(1);']) {
      const run = await startAndHear(`${before} log("up"); await new Promise(() => {})`, {
        idle: 700,
      });
      await run.pause();
      await sleep(1_000);
      await run.resume();
      const end = await run.result;
      assert.equal(end.reason, 'idle-limit', end.message);
      assert.ok(end.durationMs >= 600, `${end.durationMs} ms`);
    }
  });

  test('may be asked for again, by several at once and in any order', async () => {
    const run = await startAndHear('log("up"); await sleep(60_000)');
    assert.equal(await run.resume(), true, 'it runs');
    assert.deepEqual(await Promise.all([run.pause(), run.pause()]), [true, true]);
    assert.equal(await run.pause(), true, 'it is held');
    assert.equal(await run.resume(), true);
    void run.pause();
    assert.equal(await run.resume(), true);
    assert.equal(run.state, 'running');
    await run.stop();
    assert.deepEqual(await Promise.all([run.pause(), run.resume()]), [false, false]);
  });

  test('that was paused before it began does nothing until it is resumed, or stopped', async () => {
    const run = corral.start('log("up"); return 1');
    const stopped = corral.start('return 1');
    const logs: string[] = [];
    run.on('log', ({ text }) => logs.push(text));
    assert.deepEqual(await Promise.all([run.pause(), stopped.pause()]), [true, true]);
    await sleep(300);
    assert.deepEqual(logs, []);
    assert.equal(await run.resume(), true);
    assert.equal((await run.result).value, 1);
    assert.equal((await stopped.stop()).reason, 'cancelled');
  });

  test('may be paused by a listener of its first state', async () => {
    const run = corral.start('return 1');
    const paused = Promise.withResolvers<void>();
    const leave = run.on('state', ({ state }) => {
      if (state === 'running') run.pause().then(() => paused.resolve(), paused.reject);
    });
    // Going on is a state too, in which it would be paused once more.
    paused.promise.finally(leave).catch(assert.ifError);
    // It may be over before it can be held; either way nobody waits for ever.
    await paused.promise;
    if (run.state === 'paused') await run.resume();
    assert.equal((await run.result).reason, 'completed');
  });

  test('whose worker dies is told to who holds it', async () => {
    const run = await startAndHear('log("up"); await sleep(60_000)');
    await run.pause();
    await killWorkers();
    assert.equal((await run.result).reason, 'worker-lost');
    assert.equal(await run.resume(), false);
  });
});

describe('a worker that is lost', () => {
  test('ends its run as worker-lost with a dump, and the next run works', async () => {
    const run = await startAndHear('log("up"); await sleep(60_000)');
    await killWorkers();
    const end = await run.result;
    assert.deepEqual([end.status, end.reason], ['killed', 'worker-lost']);
    assert.match(end.message, /died \(SIGKILL\)/);
    assert.ok(end.dump && existsSync(end.dump));
    assert.equal((await corral.start('return 1').result).value, 1);
  });

  test('while idle is not missed', async () => {
    const own = createCorral({ workers: { warm: 2 } });
    await own.start('return 1').result;
    await killWorkers(own);
    assert.equal((await own.start('return 2').result).value, 2);
    await own.close();
  });
});

describe('two runs in one worker', () => {
  function place(worker: WorkerProcess, runId: string, source: string, cpu: number) {
    const { setting, plan } = planned(source, { runId, limits: { cpu, wall: 20_000 } });
    const live = new LiveRun(runId, 'macro', {
      stop() {},
      hold() {},
      look: async () => null,
      pause: async () => undefined,
      resume: async () => undefined,
    });
    live.move('start', 0);
    live.move('ready', 0);
    const record = new RunRecord();
    const drive = new Drive({ setting, record, live, worker, cordon: 'shared' });
    return { drive, live, ending: drive.run(plan).then(begun) };
  }

  async function takenOut(source: string): Promise<void> {
    const worker = new WorkerProcess({ heapBytes: 64 * 1024 * 1024 });
    await worker.ready;
    const calm = place(worker, 'calm', 'await sleep(1000); return 1', 5000);
    const busy = place(worker, 'busy', source, 200);
    assert.equal((await busy.ending).reason, 'cpu-limit');
    await busy.drive.cleared();
    assert.equal((await calm.ending).value, 1);
    await calm.drive.cleared();
    assert.equal(worker.dead, false);
    worker.kill();
    await worker.exited;
  }

  test('one that loops is taken out and the other completes', () => takenOut('for (;;);'));

  test('one that falls off the stack is taken out, and one that is deep in it', async () => {
    await takenOut('function f() { f(); } for (;;) try { f(); } catch {}');
    await takenOut('function deep(n) { if (n === 0) for (;;); deep(n - 1); } deep(3000);');
  });

  test('one that loops again when it is asked where it is is taken out', () =>
    takenOut('Error.prepareStackTrace = () => { for (;;); }; Object.freeze(Error); for (;;);'));

  test('one that is stuck takes the process with it, and the other is told so', async () => {
    const worker = new WorkerProcess({ heapBytes: 512 * 1024 * 1024 });
    await worker.ready;
    const calm = place(worker, 'calm', 'await sleep(60_000); return 1', 5000);
    const stuck = place(worker, 'stuck', 'new Array(2 ** 27).fill(0)', 200);
    const [one, other] = await Promise.all([stuck.ending, calm.ending]);
    assert.ok(['stuck', 'heap-limit'].includes(one.reason), one.reason);
    assert.equal(other.reason, 'worker-lost');
    assert.equal(other.worker?.signal, 'SIGKILL');
    await worker.exited;
    assert.equal(isAlive(worker.pid), false);
  });
});

/** Fails for a run whose worker died before it began. */
function begun(ending: Ending | null): Ending {
  assert.ok(ending, 'the run began');
  return ending;
}
