// The brake scene: a leak fills the memory, the emergency brake is pulled ten times, all workers are recycled, memory is back,
// and the service goes on. Real processes and real memory, inside a budget.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { z } from 'zod';
import { type Corral, createCorral, defineCommand, type Run } from '../../src/corral.ts';
import { readDump } from '../../src/dumps/dump.ts';
import { toldOf, untilTold } from './support/feed.ts';
import { heldBytes, holding } from './support/own-memory.ts';
import { isAlive, until } from './support/processes.ts';
import { scratchDir } from './support/scratch.ts';

const NO_PROC = { skip: process.platform !== 'linux' && 'nothing tells what a process holds here' };
const MB = 1024 * 1024;
const dumpDir = scratchDir();
const corrals: Corral[] = [];
after(() => Promise.all(corrals.map((corral) => corral.close())));

interface Room {
  /** What is free when the corral's workers are up (MB). */
  readonly freeMb: number;
  readonly options?: Parameters<typeof createCorral>[0];
}

/** What the workers of a corral hold at rest (bytes), measured once. */
let workersBytes: number | null = null;

async function measureWorkers(): Promise<number> {
  await using same = createCorral({ dumpDir, workers: { warm: 1 } });
  await same.start('return 1').result;
  return heldBytes(same.workerPids) - process.memoryUsage.rss();
}

/** A corral with a budget. */
async function createWithin({ freeMb, options = {} }: Room): Promise<Corral> {
  workersBytes ??= await measureWorkers();
  const atRest = process.memoryUsage.rss() + workersBytes;
  const corral = createCorral({
    dumpDir,
    limits: { heap: '600mb', cpu: '60s', burst: '60s' },
    // A leak that its pattern stops fills nothing.
    patterns: false,
    ...options,
    host: { memoryBudgetBytes: atRest + freeMb * MB, lookEveryMs: 50, ...options.host },
  });
  corrals.push(corral);
  return corral;
}

async function logged(run: Run): Promise<Run> {
  const { promise, resolve } = Promise.withResolvers<void>();
  run.on('log', () => resolve());
  const end = await Promise.race([promise, run.result]);
  assert.equal(end, undefined, end?.message);
  return run;
}

describe('Emergency brake: the scene', NO_PROC, () => {
  test('is played: a leak, ten brakes, the recycling with 42, recovery, and the service goes on', async () => {
    const gate = Promise.withResolvers<void>();
    const wait = defineCommand({
      name: 'gate.wait',
      description: 'Waits for the gate.',
      input: z.object({}),
      output: z.boolean(),
      run: () => gate.promise.then(() => true),
    });
    const corral = await createWithin({
      freeMb: 500,
      options: {
        commands: [wait],
        guard: { medium: { host: { memory: 1 } } },
        brake: { availableBytes: 300 * MB, lookEveryMs: 50, safeMs: 500 },
        workers: { warm: 1, drainMs: 1_500 },
      },
    });
    assert.equal((await corral.start('return 1').result).value, 1);
    const calm = await logged(corral.start('log("up"); await gate.wait({}); return "calm"'));
    const leak = await logged(corral.start(holding(400), { lint: false }));
    const before = corral.workerPids;

    // Two starts at the door, and one brake a look all the same.
    const held = [corral.start('return 2'), corral.start('return 3', { lint: false })];
    const warned = Promise.withResolvers<string>();
    held[0]?.on('warning', ({ code, message }) => warned.resolve(`${code}: ${message}`));
    assert.match(
      await warned.promise,
      /^start-held: it waits: the emergency brake holds every start: .* of Corral's own memory budget is available, and 300mb must be$/,
    );
    await untilTold(corral, 'worker', ({ what, why }) => what === 'draining' && why === 'brake');
    const brakes = toldOf(corral, 'brake').slice(0, 10);
    assert.deepEqual(
      brakes.map(({ held: isHeld, count }) => `${isHeld} ${count}`),
      Array.from({ length: 10 }, (_, at) => `true ${at + 1}`),
    );
    assert.ok(brakes.every(({ availableBytes }) => availableBytes < 300 * MB));
    assert.ok(held.every(({ state }) => state === 'queued'));

    // The calm one ends in time, and its worker by itself; the leak does not, and is killed with its worker.
    gate.resolve();
    assert.equal((await calm.result).value, 'calm');
    const lost = await leak.result;
    assert.equal(lost.reason, 'worker-lost');
    assert.equal(
      lost.message,
      'its process was recycled (memory was short for too long), and it did not end within 1.5s',
    );
    assert.ok(lost.dump !== null && existsSync(lost.dump));
    assert.equal((await readDump(lost.dump ?? '')).reason, 'worker-lost');

    for (const [at, run] of held.entries()) assert.equal((await run.result).value, at + 2);
    await until('the old workers to be gone', () => !before.some(isAlive));
    const exits = toldOf(corral, 'worker').filter(({ what }) => what === 'exited');
    const ends = exits.filter(({ why }) => why === 'brake').map(({ exitCode }) => exitCode);
    assert.ok(ends.includes(42), `those that could end by themselves: ${ends}`);
    assert.ok(ends.includes(null), 'and the one that had to be killed');

    // Sixty safe seconds, made short.
    const forgotten = await untilTold(corral, 'brake', ({ count }) => count === 0);
    assert.equal(forgotten.held, false);
    assert.equal(corral.pressure.brake.held, false);
    assert.equal((await corral.start('return 4').result).value, 4);
  });

  test('ends for a start that was held too long: refused, and told when to come again', async () => {
    const corral = await createWithin({
      freeMb: 100,
      options: { brake: { availableBytes: 100_000 * MB, lookEveryMs: 20, holdMs: 100 } },
    });
    const run = corral.start('return 1');
    const end = await run.result;
    assert.equal(end.reason, 'refused');
    assert.deepEqual(end.refusal, { code: 'brake', retryAfterMs: 200 });
    assert.match(end.message, /^the emergency brake holds every start: /);
    assert.equal(end.dump, null);
  });

  test('lets go of a start that is stopped while it is held', async () => {
    const corral = await createWithin({
      freeMb: 100,
      options: { brake: { availableBytes: 100_000 * MB } },
    });
    const run = corral.start('return 1');
    await untilTold(corral, 'brake', ({ held }) => held);
    assert.equal((await run.stop('never mind')).reason, 'cancelled');
  });
});

describe('Emergency brake: when memory has all but run out', NO_PROC, () => {
  test('the fattest run is killed, the others go on, and nothing starts meanwhile', async () => {
    const corral = await createWithin({
      freeMb: 500,
      options: { guard: { medium: { host: { memory: 0.7 } } }, host: { emergencyAt: 0.75 } },
    });
    const thin = await logged(
      corral.start('log("up"); while ((await state.get("go")) !== 1) await sleep(20); return 1'),
    );
    const fat = corral.start(holding(450), { lint: false });
    const end = await fat.result;
    assert.equal(end.reason, 'host-pressure', end.message);
    assert.match(
      end.message,
      /^Corral's memory budget is short of memory \(.*\); above 75 % the fattest runs are killed, and it held \d+(\.\d)?mb, the most of 2 runs$/,
    );
    assert.ok(end.dump !== null && (await readDump(end.dump)).reason === 'host-pressure');
    assert.ok(toldOf(corral, 'pressure').some(({ step }) => step === 'emergency'));
    assert.equal(thin.state, 'running');
    const memory = () => corral.pressure.measures.find(({ what }) => what === 'memory');
    await until('calm', () => memory()?.step === 'none');
    await corral.start('await state.set("go", 1)').result;
    assert.equal((await thin.result).value, 1);
  });
});
