import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { z } from 'zod';
import { type Corral, CorralError, createCorral, defineCommand } from '../../src/corral.ts';

/** Commands that a test answers by hand. */
function createDoor() {
  const waiting: (() => void)[] = [];
  const arrivals: (() => void)[] = [];
  const command = defineCommand({
    name: 'door.wait',
    description: 'Waits until it is opened.',
    input: z.object({}),
    output: z.object({}),
    run: () =>
      new Promise<Record<string, never>>((resolve) => {
        waiting.push(() => resolve({}));
        arrivals.shift()?.();
      }),
  });
  return {
    command,
    /** Resolves when one more macro waits. */
    arrival: () => new Promise<void>((resolve) => arrivals.push(resolve)),
    open: () => {
      for (const go of waiting.splice(0)) go();
    },
  };
}

const WAITS = 'await door.wait(); return 1';
const corrals: Corral[] = [];
after(() => Promise.all(corrals.map((corral) => corral.close())));

function create(options: Parameters<typeof createCorral>[0] = {}) {
  const door = createDoor();
  const corral = createCorral({
    commands: [door.command],
    dump: 'never',
    workers: { max: 2, warm: 0 },
    ...options,
  });
  corrals.push(corral);
  return { corral, door };
}

/** How a process was started. */
function commandLine(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
}

const interprets = (pid: number) => /--no-opt|--jitless/.test(commandLine(pid));

describe('settings changed while macros run', () => {
  test('hold for what starts later and leave alone what runs', async () => {
    const { corral, door } = create({ limits: { commands: 50 } });
    const arrival = door.arrival();
    const before = corral.start('await door.wait(); return budget().commands');
    await arrival;
    corral.configure({ limits: { commands: 7 } });
    const later = corral.start('return budget().commands');
    assert.equal((await later.result).value, 7);
    door.open();
    assert.equal((await before.result).value, 49);
  });

  test('another level is told, with what it changes, and can be read', async () => {
    const { corral } = create();
    const changes = corral.configure({ level: 'high', load: { active: 50 } });
    assert.equal(corral.level, 'high');
    assert.deepEqual(changes[0], { setting: 'level', from: 'medium', to: 'high' });
    const told = corral.feed.findLast(({ type }) => type === 'settings');
    assert.ok(told?.type === 'settings');
    assert.equal(told.level, 'high');
    assert.match(told.message, /^level medium → high, limits\.wall 5m → 2m, limits\.cpu 10s → 3s/);
    assert.match(told.message, /guard\.heapWarn 64mb → 32mb/);
    assert.ok(changes.some(({ setting }) => setting === 'load.active'));
    const refused = await corral.start('while (true);').result;
    assert.equal(refused.reason, 'refused');
  });

  test('a value taken back is the default again, and others stay', () => {
    const { corral } = create({ load: { active: 20, queue: 30 } });
    assert.deepEqual(corral.configure({ load: { active: undefined } }), [
      { setting: 'load.active', from: '20', to: '100' },
    ]);
    assert.deepEqual(corral.configure({ load: undefined }), [
      { setting: 'load.queue', from: '30', to: '10000' },
    ]);
  });

  test('nothing is told where nothing changed', () => {
    const { corral } = create();
    const before = corral.feed.length;
    assert.deepEqual(corral.configure({ level: 'medium', retry: { firstMs: 200 } }), []);
    assert.deepEqual(corral.configure({}), []);
    assert.equal(corral.feed.length, before);
  });

  for (const [what, change, code, message] of [
    ['an unknown setting', { load: { activ: 5 } }, 'bad-usage', /^configure: load: .*"activ"/],
    ['one out of range', { load: { active: 0 } }, 'bad-usage', /^configure: load\.active: /],
    [
      'one that is fixed',
      { dumpDir: 'x' },
      'bad-usage',
      /^configure: dumpDir cannot be changed while Corral runs; what can is level, guard/,
    ],
    ['a limit that is none', { limits: { cpu: 'lots' } }, 'bad-limit', /cpu=lots/],
    [
      'one that contradicts another',
      { workers: { warm: 9 } },
      'bad-usage',
      /^configure: workers\.warm: 9 is above workers\.max, 2: /,
    ],
  ] as const)
    test(`${what} changes nothing of all that was asked for`, () => {
      const { corral } = create();
      const before = corral.feed.length;
      assert.throws(
        () => corral.configure({ level: 'high', ...change } as never),
        (error) =>
          error instanceof CorralError && error.code === code && message.test(error.message),
      );
      assert.equal(corral.level, 'medium');
      assert.equal(corral.feed.length, before);
    });

  test('no settings at all are refused', () => {
    const { corral } = create();
    for (const change of [null, undefined, 5])
      assert.throws(() => corral.configure(change as never), { code: 'bad-usage' });
  });

  test('a closed corral takes none', async () => {
    const { corral } = create();
    await corral.close();
    assert.throws(() => corral.configure({ level: 'high' }), { code: 'closed' });
  });
});

describe('worker processes under another level', () => {
  test('idle ones of the other kind go, and a new one of the right kind is kept ready', async () => {
    const { corral } = create({ workers: { max: 2, warm: 1 }, share: false });
    assert.equal((await corral.start('return 1').result).value, 1);
    const [idle = 0] = corral.workerPids;
    assert.equal(interprets(idle), false);
    corral.configure({ level: 'maximum' });
    assert.equal((await corral.start('return 2').result).value, 2);
    assert.ok(!corral.workerPids.includes(idle));
    assert.ok(corral.workerPids.length > 0 && corral.workerPids.every(interprets));
  });

  test('a run admitted under the old level keeps the kind of process it was promised', async () => {
    const { corral, door } = create({
      level: 'maximum',
      workers: { max: 1, warm: 0 },
      share: false,
    });
    const arrival = door.arrival();
    const first = corral.start(WAITS);
    await arrival;
    const waits = corral.start(WAITS);
    corral.configure({ level: 'low' });
    const next = door.arrival();
    door.open();
    await first.result;
    await next;
    assert.ok(corral.workerPids.every(interprets), 'the waiting run gets no compiler');
    const last = corral.start('return 2');
    door.open();
    await waits.result;
    assert.equal((await last.result).value, 2);
    assert.ok(!corral.workerPids.some(interprets), 'later ones do');
  });

  test('room for more lets in who waits; room for fewer kills nobody', async () => {
    const { corral, door } = create({ workers: { max: 1, warm: 0 }, share: false });
    const first = door.arrival();
    const runs = [corral.start(WAITS), corral.start(WAITS), corral.start(WAITS)];
    await first;
    const others = Promise.all([door.arrival(), door.arrival()]);
    corral.configure({ workers: { max: 3 } });
    await others;
    assert.equal(corral.workerPids.length, 3);
    corral.configure({ workers: { max: 1 } });
    door.open();
    for (const run of runs) assert.equal((await run.result).reason, 'completed');
    assert.equal((await corral.start('return 1').result).value, 1);
  });
});
