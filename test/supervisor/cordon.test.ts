// Two hundred calm macros share their processes, and one comes among them that analysis took for calm by mistake: who ends
// how, and that nobody is lost without a word.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { createCorral, defineCommand } from '../../src/corral.ts';
import { readDump } from '../../src/dumps/dump.ts';
import type { EndEvent } from '../../src/model/events.ts';
import { type CordonFacts, chooseCordon } from '../../src/supervisor/cordon.ts';
import { isAlive, until } from './support/processes.ts';
import { scratchDir } from './support/scratch.ts';

const CALM = 200;
/** Says that it is there, waits until it may go on, and says that it goes on. */
const SOURCE = `await gate.arrive({ n: input.n });
await gate.open({ n: input.n });
await sleep(5);
await gate.leave({ n: input.n });
return input.n`;

/** Starts all of them, lets the hostile one in once all have arrived, and opens the gate when it has ended. */
async function among(source: string, input: unknown) {
  const arrived = new Set<number>();
  const left = new Set<number>();
  const opened = Promise.withResolvers<void>();
  const command = (name: string, run: (n: number) => unknown) =>
    defineCommand({
      name: `gate.${name}`,
      description: 'Counts.',
      input: z.object({ n: z.int() }),
      output: z.boolean(),
      run: async ({ n }) => {
        await run(n);
        return true;
      },
    });
  await using corral = createCorral({
    commands: [
      command('arrive', (n) => arrived.add(n)),
      command('open', () => opened.promise),
      command('leave', (n) => left.add(n)),
    ],
    dumpDir: scratchDir(),
    // CPU enough to come to what each is stopped for, on a slow machine too.
    limits: { cpu: 2000, burst: 2000, heap: '64mb' },
    patterns: false,
    load: { active: CALM + 1 },
  });
  const calm = Array.from({ length: CALM }, (_, n) => corral.start(SOURCE, { input: { n } }));
  await until('all to have arrived', () => arrived.size === CALM);
  const pids = corral.workerPids;
  const hostile = corral.start(source, { input });
  const verdict = Promise.withResolvers<string>();
  hostile.on('admission', (admission) => verdict.resolve(admission.verdict));
  assert.equal(await verdict.promise, 'admit', 'the mistake this is about');
  const end = await hostile.result;
  opened.resolve();
  const ends = await Promise.all(calm.map((run) => run.result));
  const next = await corral.start('return 6 * 7').result;
  assert.equal(next.value, 42, `the next one runs as ever: ${next.reason} ${next.message}`);
  return { end, ends, left, pids };
}

const CLEARED: CordonFacts = {
  verdict: 'admit',
  liveRisk: null,
  mayShare: true,
  writesHeap: false,
  isDebugged: false,
  isSuspect: false,
};

describe('a macro', () => {
  test('that analysis cleared shares a process', () => {
    assert.equal(chooseCordon(CLEARED), 'shared');
    assert.equal(chooseCordon({ ...CLEARED, liveRisk: 0.29 }), 'shared');
  });

  for (const [what, facts] of [
    ['that analysis could not clear', { verdict: 'solo' }],
    ['that has shown a risk of medium or more', { liveRisk: 0.3 }],
    ['of a host that lets nobody share', { mayShare: false }],
    ['whose heap may be written', { writesHeap: true }],
    ['with a debugger', { isDebugged: true }],
    ['whose shared process ended by itself', { isSuspect: true }],
  ] as const)
    test(`${what} is alone`, () => assert.equal(chooseCordon({ ...CLEARED, ...facts }), 'solo'));
});

describe('calm macros that work', () => {
  test('get each at least half of its fair share of the CPU they share', async () => {
    const COUNT = 6;
    // Some seconds: less is up to what else the machine does at the moment.
    const ENOUGH = 200;
    await using corral = createCorral({ dump: 'never', limits: { cpu: '60s' } });
    const turns = new Array<number>(COUNT).fill(0);
    const source = `let n = 0; let turns = 0;
for (;;) {
  for (let i = 0; i < 300; i++) for (let j = 0; j < 300; j++) n += Math.sin(i) * Math.cos(i * j);
  turns += 1;
  log(turns);
  await sleep(1);
}`;
    // Counted from when all work: a process more takes a while to start.
    const first = new Array<number>(COUNT).fill(0);
    const enough = Promise.withResolvers<void>();
    const done = () => turns.map((each, at) => each - (first[at] ?? 0));
    const runs = turns.map((_, at) => {
      const run = corral.start(source);
      run.on('admission', ({ verdict }) => assert.equal(verdict, 'admit'));
      run.on('end', ({ message }) => enough.reject(new Error(message)));
      run.on('log', ({ text }) => {
        turns[at] = Number(text);
        if (first.includes(0))
          turns.forEach((each, other) => {
            first[other] = each;
          });
        else if (done().reduce((sum, each) => sum + each, 0) >= COUNT * ENOUGH) enough.resolve();
      });
      return run;
    });
    await enough.promise;
    const all = done();
    const fair = all.reduce((sum, each) => sum + each, 0) / COUNT;
    assert.ok(
      all.every((each) => each >= fair / 2),
      `turns of work done by each: ${all}`,
    );
    await Promise.all(runs.map((run) => run.stop()));
  });
});

const values = (ends: readonly EndEvent[]) =>
  ends.flatMap(({ status, value }) => (status === 'completed' ? [value] : []));

describe('two hundred calm macros, and among them one that', () => {
  test('burns: it alone is stopped', async () => {
    const source =
      'input.list.forEach(() => input.list.forEach(() => input.list.forEach(() => input.list.forEach((a) => a + a))))';
    const { end, ends, left } = await among(source, { list: Array(300).fill(1) });
    assert.equal(end.reason, 'cpu-limit', end.message);
    assert.deepEqual(
      values(ends),
      Array.from({ length: CALM }, (_, n) => n),
    );
    assert.equal(left.size, CALM);
  });

  // One that grows faster than it can be looked at takes the ceiling of its process: whose memory it is cannot be told then.
  test('grows: it is stopped; where its process dies of it, each of the others in there is told and has a dump', async () => {
    const source =
      'const all = []; for (let i = 0; i < 90_000; i++) input.list.forEach(() => all.push([i, [i]])); return all.length';
    const { end, ends, left } = await among(source, { list: Array(300).fill(1) });
    const lost = ends.filter(({ reason }) => reason === 'worker-lost');
    assert.equal(lost.length + values(ends).length, CALM, 'nobody ended in another way');
    assert.ok(end.reason === 'heap-limit' || lost.length > 0, `${end.reason}: ${end.message}`);
    assert.deepEqual(new Set(values(ends)), left);
    for (const { dump } of lost) assert.ok(dump !== null && existsSync(dump));
  });

  test('is stuck: its process dies, and each of the others in there is told and has a dump', async () => {
    const source = 'let n = input.n; for (let i = 0; i < 14; i++) n = n * n; return 1';
    const { end, ends, left, pids } = await among(source, { n: 3n ** 60_000n });
    assert.equal(end.reason, 'stuck', end.message);
    const lost = ends.filter(({ reason }) => reason === 'worker-lost');
    assert.ok(lost.length > 0, 'some were with it');
    assert.equal(lost.length + values(ends).length, CALM, 'nobody ended in another way');
    // What completed has done all it should; what was lost has not gone on.
    assert.deepEqual(new Set(values(ends)), left);
    for (const { dump, message } of lost) {
      assert.match(message, /the process it ran in died \(SIGKILL\)/);
      assert.ok(dump !== null && existsSync(dump));
    }
    assert.equal(new Set(lost.map(({ dump }) => dump)).size, lost.length, 'a dump for each');
    const told = await readDump(lost[0]?.dump ?? '');
    assert.deepEqual(
      told.commands.map(({ name }) => name),
      ['gate.arrive'],
    );
    await until('its process to be gone', () => pids.some((pid) => !isAlive(pid)));
  });
});
