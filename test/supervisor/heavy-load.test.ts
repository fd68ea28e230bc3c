// What the gate does to real runs: who waits, who is sent away, what the breaker makes of workers that do not start, and how
// a corral is drained.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { type Corral, createCorral, type Run } from '../../src/corral.ts';
import type { EndEvent } from '../../src/model/events.ts';
import { withWorkersFrom, writeImpostor } from './support/impostor.ts';
import { until } from './support/processes.ts';
import { scratchDir } from './support/scratch.ts';

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

const asleep = (corral: Corral) => logged(corral.start('log("up"); await sleep(60_000)'));
const outcomeOf = ({ reason, refusal, value }: EndEvent) => [reason, refusal?.code ?? null, value];

describe('Heavy load: more runs than may be active', () => {
  test('wait as queued, the more urgent before the others, owners in turns', async () => {
    const corral = create({ load: { active: 1 } });
    const first = await asleep(corral);
    const order: string[] = [];
    const wishes: [string, string, number][] = [
      ['a1', 'ann', 0],
      ['a2', 'ann', 0],
      ['b1', 'bob', 0],
      ['urgent', 'ann', 5],
    ];
    const runs = wishes.map(([name, owner, priority]) => {
      const run = corral.start('return 1', { file: `${name}.js`, owner, priority });
      run.on('state', ({ state }) => state === 'starting' && order.push(name));
      return run;
    });
    await until('all to wait', () => corral.load.queued === 4);
    assert.deepEqual([corral.load.active, runs[0]?.state], [1, 'queued']);
    await first.stop();
    await Promise.all(runs.map(({ result }) => result));
    assert.deepEqual(order, ['urgent', 'a1', 'b1', 'a2']);
    await until('all to be over', () => corral.load.active === 0);
  });

  test('are refused where no more may wait, and told when to come back', async () => {
    const corral = create({ load: { active: 1, queue: 1 } });
    const first = await asleep(corral);
    const second = corral.start('return 2');
    const third = await corral.start('return 3').result;
    assert.deepEqual(outcomeOf(third), ['refused', 'queue-full', null]);
    assert.match(third.message, /1 runs are waiting.*start it again in /);
    assert.ok((third.refusal?.retryAfterMs ?? 0) > 0);
    await first.stop();
    assert.equal((await second.result).value, 2);
  });

  test('that are paused in line hold up nobody, and take their turn when they are resumed', async () => {
    const corral = create({ load: { active: 1 } });
    const first = await asleep(corral);
    const paused = corral.start('return "paused"');
    const next = corral.start('return "next"');
    await until('both to wait', () => corral.load.queued === 2);
    assert.equal(await paused.pause(), true);
    await first.stop();
    assert.equal((await next.result).value, 'next');
    assert.deepEqual([paused.state, corral.load.queued], ['queued', 1]);
    await paused.resume();
    assert.equal((await paused.result).value, 'paused');
    const stopped = corral.start('return 1');
    await stopped.pause();
    assert.equal((await stopped.stop()).reason, 'cancelled');
    assert.equal(corral.load.queued, 0);
  });

  test('are told of before it comes to that', async () => {
    const corral = create({ load: { active: 5, warnAt: 0.6 } });
    const told: string[] = [];
    corral.onFeed((event) => event.type === 'load' && told.push(event.message));
    const runs = await Promise.all(Array.from({ length: 4 }, () => asleep(corral)));
    assert.deepEqual(told, ['3 of 5 runs are active (load.active), 0 wait']);
    await Promise.all(runs.map((run) => run.stop()));
  });
});

describe('Heavy load: workers that cannot be started', () => {
  test('open the breaker: what comes is refused with when it tries again; one that works closes it', async () => {
    const broken = writeImpostor(dumpDir, `console.error('no such library'); process.exit(1);`);
    const states: string[] = [];
    const corral = await withWorkersFrom(broken, async () => {
      const made = create({
        workers: { warm: 0 },
        breaker: { failures: 10, halfOpenAfterMs: 1500 },
        dump: 'never',
      });
      made.onFeed((event) => event.type === 'breaker' && states.push(event.state));
      for (let at = 0; at < 2; at++) {
        const lost = await made.start('return 1').result;
        assert.deepEqual([lost.reason, lost.attempts], ['worker-lost', 1]);
        assert.match(lost.message, /5 times no worker took it.*no such library/);
      }
      const { breaker } = made.load;
      assert.deepEqual([breaker.state, breaker.failures], ['open', 10]);
      assert.ok((breaker.retryAfterMs ?? -1) >= 0);
      const refused = await made.start('return 1').result;
      assert.deepEqual(outcomeOf(refused), ['refused', 'breaker-open', null]);
      assert.match(
        refused.message,
        /could not start runs 10 times.*no such library.*tries again in/,
      );
      assert.ok((refused.refusal?.retryAfterMs ?? 0) > 0);
      return made;
    });
    await until('its time to be over', () => corral.load.breaker.retryAfterMs === 0);
    const runs = [1, 2, 3].map((n) => corral.start('return input', { input: n }));
    const ends = await Promise.all(runs.map(({ result }) => result));
    assert.deepEqual(
      ends.map(({ value }) => value),
      [1, 2, 3],
    );
    assert.deepEqual(states, ['open', 'half-open', 'closed']);
  });

  test('that were only to be kept ready are counted too', async () => {
    const broken = writeImpostor(dumpDir, `process.exit(1);`);
    const corral = await withWorkersFrom(broken, () =>
      create({ workers: { warm: 3, warmMax: 3 } }),
    );
    await until('their count', () => corral.load.breaker.failures === 3);
  });

  test('macros that fail, or are stopped, are no failures of the machinery', async () => {
    const corral = create({ breaker: { failures: 1 }, dump: 'never' });
    const sources = [
      'throw new Error("x")',
      'return "x".repeat(2 ** 29)',
      'await new Promise(() => {})',
    ];
    for (const source of sources) await corral.start(source, { lint: false }).result;
    const spin = corral.start('for (;;);', { lint: false, limits: { cpu: 100 } });
    assert.equal((await spin.result).reason, 'cpu-limit');
    assert.deepEqual([corral.load.breaker.state, corral.load.breaker.failures], ['closed', 0]);
  });
});

describe('drain()', () => {
  test('lets what runs finish, refuses who waits and who comes, and says how it went', async () => {
    const corral = create({ load: { active: 1 } });
    const running = await logged(corral.start('log("up"); await sleep(200); return "done"'));
    const waiting = corral.start('return 1');
    await until('it to wait', () => corral.load.queued === 1);
    const drained = corral.drain();
    const late = await corral.start('return 2').result;
    assert.deepEqual(outcomeOf(late), ['refused', 'draining', null]);
    assert.equal(late.refusal?.retryAfterMs, null);
    assert.deepEqual(outcomeOf(await waiting.result), ['refused', 'draining', null]);
    assert.equal(corral.load.draining, true);
    assert.deepEqual(await drained, { finished: 1, stopped: 0, refused: 1 });
    assert.equal((await running.result).value, 'done');
    assert.deepEqual(await corral.drain(), { finished: 0, stopped: 0, refused: 0 });
  });

  test('stops what has not finished when its time is up, or at once when it is told to', async () => {
    const corral = create();
    const run = await asleep(corral);
    assert.deepEqual(await corral.drain({ deadlineMs: 20 }), {
      finished: 0,
      stopped: 1,
      refused: 0,
    });
    const end = await run.result;
    assert.equal(end.reason, 'cancelled');
    assert.match(end.message, /is being shut down, and 20ms were over/);
    const other = create();
    const second = await asleep(other);
    const now = new AbortController();
    const drained = other.drain({ signal: now.signal });
    now.abort();
    assert.deepEqual(await drained, { finished: 0, stopped: 1, refused: 0 });
    assert.match((await second.result).message, /shut down at once/);
  });

  test('refuses options that are none', async () => {
    const corral = create();
    await assert.rejects(corral.drain({ deadlineMs: -1 }), { code: 'bad-usage' });
  });
});
