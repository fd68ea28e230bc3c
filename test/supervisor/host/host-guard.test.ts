import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { FeedPayload } from '../../../src/model/feed.ts';
import { type GuardLevel, type GuardOverrides, toGuard } from '../../../src/model/guard.ts';
import { type HouseOverrides, toHouse } from '../../../src/model/settings.ts';
import type { GuardedRun } from '../../../src/supervisor/host/guarded-run.ts';
import { HostGuard } from '../../../src/supervisor/host/host-guard.ts';
import { type Files, type Machine, machineOf, meminfo } from '../support/machine.ts';
import { until } from '../support/processes.ts';

const MB = 1024 * 1024;
const guards: HostGuard[] = [];
after(() => {
  for (const guard of guards) guard.close();
});

interface Wishes {
  readonly level?: GuardLevel;
  readonly guard?: GuardOverrides;
  readonly house?: HouseOverrides;
}

/** A guard of a machine made of files, looking fast; and what it did. */
function guardOf(machine: Machine, { level = 'medium', guard = {}, house = {} }: Wishes = {}) {
  const told: FeedPayload[] = [];
  const done: string[] = [];
  const settings = {
    guard: toGuard(level, guard),
    house: toHouse({
      ...house,
      host: { lookEveryMs: 20, ...house.host },
      brake: { lookEveryMs: 20, ...house.brake },
    }),
  };
  const host = new HostGuard({
    settings: () => settings,
    childPids: () => [],
    tell: (event) => told.push(event),
    reclaim: () => done.push('reclaim'),
    relieved: () => done.push('relieved'),
    recycle: () => done.push('recycle'),
    emergency: () => done.push('emergency'),
    files: machine.files,
  });
  guards.push(host);
  const steps = () => told.flatMap((event) => (event.type === 'pressure' ? [event.step] : []));
  return { host, told, done, steps };
}

function runOf(heldMb = 0) {
  const killed: string[] = [];
  const run = {
    macro: 'm',
    heldBytes: heldMb * MB,
    cpuMs: 0,
    isKillable: true,
    kill(message: string) {
      run.isKillable = false;
      killed.push(message);
    },
  };
  return { run: run as GuardedRun & { cpuMs: number }, killed };
}

/** A machine of 16 GB with so much of it in use (%), far from the brake. */
const inUse = (percent: number): Files => meminfo(16_000, 160 * (100 - percent));
/** The brake is another matter. */
const NO_BRAKE = { brake: { availableBytes: 0 } };

describe('Host pressure: the guard', () => {
  test('lets starts through where nothing is short, and looks at nothing while nothing is under way', () => {
    const { host, told } = guardOf(machineOf(inUse(50)));
    assert.equal(host.held(), null);
    const { step, measures, brake } = host.pressure;
    assert.deepEqual([step, brake.held, brake.count], ['none', false, 0]);
    assert.equal(measures.find(({ what }) => what === 'memory')?.share, 0.5);
    assert.deepEqual(told, []);
  });

  test('holds starts above the level’s share of the memory, and says what is short', () => {
    const machine = machineOf(inUse(86));
    assert.equal(guardOf(machine, { level: 'low', house: NO_BRAKE }).host.held(), null);
    const { host, told } = guardOf(machine, { house: NO_BRAKE });
    const hold = host.held();
    assert.equal(hold?.code, 'host-pressure');
    assert.match(
      hold?.message ?? '',
      /^the machine is short of memory \(13\.4gb of 15\.6gb in use, 86 %\); above 85 % no more is started$/,
    );
    assert.ok((hold?.retryAfterMs ?? 0) > 0);
    assert.deepEqual(told, [
      {
        type: 'pressure',
        step: 'shed',
        causes: [{ what: 'memory', share: 0.86 }],
        message:
          'the machine is short of memory (13.4gb of 15.6gb in use, 86 %): no more is started',
      },
    ]);
  });

  test('tells whoever waits to ask again, until nothing is short and all is told', async () => {
    const machine = machineOf(inUse(90));
    const { host, done, steps } = guardOf(machine, { house: NO_BRAKE });
    let isIn = false;
    const leave = host.onChange(() => {
      isIn = host.held() === null;
    });
    assert.notEqual(host.held(), null);
    await until('garbage to be collected', () => done.includes('reclaim'));
    assert.equal(isIn, false);
    machine.write(inUse(50));
    await until('the start to go in', () => isIn);
    await until('relief', () => done.includes('relieved'));
    leave();
    assert.deepEqual(steps(), ['reclaim', 'none']);
    assert.equal(host.isReclaiming, false);
  });

  test('stays where it is while a measure hovers just below the threshold', async () => {
    const machine = machineOf(inUse(87));
    const { host, steps } = guardOf(machine, { house: NO_BRAKE });
    const leave = host.enter(runOf().run);
    assert.notEqual(host.held(), null);
    const from = performance.now();
    machine.write(inUse(83));
    let looks = 0;
    const stop = host.onChange(() => {
      looks += 1;
      host.held();
    });
    await until('many looks', () => looks > 20 && performance.now() - from > 300);
    stop();
    assert.deepEqual(steps(), ['shed']);
    machine.write(inUse(81));
    await until('the end of it', () => steps().includes('none'));
    leave();
  });

  test('kills the fattest run when memory has all but run out, and nothing once it is back', async () => {
    const machine = machineOf(inUse(98));
    const { host, done, steps } = guardOf(machine, { house: NO_BRAKE });
    const thin = runOf(10);
    const fat = runOf(300);
    const leaves = [host.enter(thin.run), host.enter(fat.run)];
    await until('the kill', () => fat.killed.length > 0);
    machine.write(inUse(30));
    assert.match(
      fat.killed[0] ?? '',
      /^the machine is short of memory \(.*98 %\); above 97 % the fattest runs are killed, and it held 300mb, the most of 2 runs$/,
    );
    await until('calm', () => steps().at(-1) === 'none');
    assert.deepEqual([thin.killed, done.includes('emergency')], [[], false]);
    for (const leave of leaves) leave();
  });

  test('stops everything only when killing has nobody fat left to kill', async () => {
    const machine = machineOf(inUse(99));
    const { host, done } = guardOf(machine, { house: NO_BRAKE });
    const leave = host.enter(runOf(2).run);
    await until('the emergency', () => done.includes('emergency'));
    leave();
  });

  test('holds starts for processors only while our own busy runs are what uses them', async () => {
    let busy = 0;
    const stat = () => ({ '/proc/stat': `cpu ${busy} 0 0 0 0 0 0 0\n` });
    const machine = machineOf({ ...inUse(20), ...stat() });
    const { host } = guardOf(machine, {
      // All but nothing is too much, and then no busy run is too few.
      guard: { medium: { host: { cpu: 0.45 } } },
    });
    const runs = Array.from({ length: 200 }, () => runOf().run);
    const leaves = runs.map((run) => host.enter(run));
    const isShed = () =>
      host.pressure.measures.some(({ what, step }) => what === 'cpu' && step === 'shed');
    const burn = setInterval(() => {
      busy += 10;
      machine.write(stat());
    }, 5);
    try {
      await until('processors in use', isShed);
      assert.equal(host.held(), null, 'none of ours is busy');
      await until('ours to be busy', () => {
        for (const run of runs) run.cpuMs += 1000;
        return host.held() !== null;
      });
      assert.match(host.held()?.message ?? '', /^the machine is short of processors \(100 %\)/);
    } finally {
      clearInterval(burn);
    }
    for (const leave of leaves) leave();
  });

  test('lets one start at a time through where only its own loop is late', async () => {
    const { host } = guardOf(machineOf(inUse(20)), { house: { host: { lookEveryMs: 300 } } });
    const leave = host.enter(runOf().run);
    const blocking = setInterval(() => {
      const from = performance.now();
      while (performance.now() - from < 600);
    }, 0);
    try {
      await until('the loop to be late', () => host.step === 'shed');
    } finally {
      clearInterval(blocking);
    }
    assert.match(
      host.held()?.message ?? '',
      /^Corral is short of time in its event loop \(late by /,
    );
    leave();
    assert.equal(host.held(), null);
    assert.equal(host.held()?.code, 'host-pressure');
  });

  test('looks no more once nothing is under way and nothing is short', async () => {
    const machine = machineOf(inUse(20));
    const { host } = guardOf(machine);
    const leave = host.enter(runOf().run);
    await until('a look', () => host.pressure.measures.some(({ what }) => what === 'event-loop'));
    leave();
    await until('rest', () => {
      const { measures } = host.pressure;
      return !measures.some(({ what }) => what === 'event-loop');
    });
  });

  test('reads nothing from a machine that tells nothing, and holds nothing', () => {
    const { host } = guardOf(machineOf({}));
    assert.equal(host.held(), null);
    assert.deepEqual(
      host.pressure.measures.map(({ what }) => what),
      ['handles'],
    );
    assert.deepEqual(
      [host.pressure.brake.availableBytes, host.pressure.brake.neededBytes],
      [null, null],
    );
  });
});

describe('the emergency brake', () => {
  const brakes = (told: readonly FeedPayload[]) =>
    told.flatMap((event) =>
      event.type === 'brake' ? [`${event.held ? 'held' : 'free'} ${event.count}`] : [],
    );

  test('holds starts below 2 GB on a large machine, and below a tenth on a small one', () => {
    const held = (totalMb: number, availableMb: number) =>
      guardOf(machineOf(meminfo(totalMb, availableMb)), {
        // What the share of the memory in use says is another matter.
        guard: { medium: { host: { memory: 1 } } },
      }).host.held()?.code ?? null;
    assert.equal(held(64_000, 2047), 'brake');
    assert.equal(held(64_000, 2049), null);
    assert.equal(held(1000, 99), 'brake');
    assert.equal(held(1000, 101), null);
  });

  test('holds them below what is set, exactly, on any machine', () => {
    const machine = machineOf(meminfo(8000, 5000));
    const with5gb = (availableBytes: number) =>
      guardOf(machine, { house: { brake: { availableBytes } } }).host.held();
    assert.equal(with5gb(5000 * MB), null);
    const hold = with5gb(5000 * MB + 1);
    assert.equal(hold?.code, 'brake');
    assert.match(
      hold?.message ?? '',
      /^the emergency brake holds every start: 4\.9gb of 7\.8gb of the machine's memory is available, and 4\.9gb must be$/,
    );
  });

  test('counts one brake a look, however many starts there are', () => {
    const machine = machineOf(meminfo(64_000, 1000));
    const { host, told } = guardOf(machine, { house: { brake: { lookEveryMs: 60_000 } } });
    for (let start = 0; start < 50; start++) assert.equal(host.held()?.code, 'brake');
    assert.deepEqual(brakes(told), ['held 1']);
  });

  test('recycles at the tenth brake, and tells all of it', async () => {
    const machine = machineOf(meminfo(64_000, 1000));
    const { host, told, done } = guardOf(machine, { guard: { medium: { host: { memory: 1 } } } });
    const leave = host.onChange(() => host.held());
    assert.equal(host.held()?.code, 'brake');
    await until('the tenth', () => done.includes('recycle'));
    const expected = Array.from({ length: 10 }, (_, at) => `held ${at + 1}`);
    assert.deepEqual(brakes(told).slice(0, 10), expected);
    assert.equal(host.isReclaiming, true);
    leave();
    machine.write(meminfo(64_000, 9000));
    await until('its end', () => host.pressure.brake.held === false);
    assert.match(brakes(told).at(-1) ?? '', /^free/);
  });

  test('counts nothing while nobody starts anything', async () => {
    const machine = machineOf(meminfo(64_000, 1000));
    const { host, told } = guardOf(machine, { guard: { medium: { host: { memory: 1 } } } });
    const leave = host.enter(runOf().run);
    assert.notEqual(host.held(), null);
    await until('looks', () => host.pressure.measures.some(({ what }) => what === 'event-loop'));
    assert.deepEqual(brakes(told), ['held 1']);
    leave();
  });

  test('forgets its brakes after the safe time, though nobody asks', async () => {
    const machine = machineOf(meminfo(64_000, 1000));
    const { host, told } = guardOf(machine, { house: { brake: { safeMs: 200 } } });
    assert.equal(host.held()?.code, 'brake');
    machine.write(meminfo(64_000, 9000));
    await until('them to be forgotten', () => brakes(told).includes('free 0'));
    assert.deepEqual(brakes(told), ['held 1', 'free 1', 'free 0']);
  });
});
