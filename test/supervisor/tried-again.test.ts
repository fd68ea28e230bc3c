// Runs whose header asks for `@retry`, with workers that really die.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { createCorral, type Run, type RunEvent } from '../../src/corral.ts';
import { until } from './support/processes.ts';
import { scratchDir } from './support/scratch.ts';

const corral = createCorral({
  dumpDir: scratchDir(),
  retry: { firstMs: 20, longestMs: 60 },
  share: false,
  workers: { max: 1 },
});
after(() => corral.close());

const header = (name: string, retry: string) =>
  `// ==Macro==\n// @name ${name}\n// @retry ${retry}\n// ==/Macro==\n`;
let named = 0;

/** Starts a macro of its own name, which counts its tries as \`tries\`; hands each of its log lines to a listener. */
function start(
  body: string,
  retry: string,
  on: (text: string, run: Run) => void = () => undefined,
) {
  const source = `${header(`m${++named}`, retry)}const tries = await state.incr('tries', 1);\n${body}`;
  const run = corral.start(source, { lint: false });
  const events: RunEvent[] = [];
  for (const type of ['warning', 'state', 'end'] as const)
    run.on(type, (event) => events.push(event));
  run.on('log', ({ text }) => on(text, run));
  return { run, events };
}

const kill = (signal: NodeJS.Signals = 'SIGKILL') => {
  for (const pid of corral.workerPids) process.kill(pid, signal);
};

describe('Retries: a run that is lost', () => {
  test('is tried again where its header says so: one run, one result, each try told', async () => {
    const { run, events } = start(
      'log("up"); if (tries < 3) await sleep(60_000); return tries',
      '2',
      (_, { state }) => state === 'running' && events.length < 40 && lose(),
    );
    let lost = 0;
    const lose = () => {
      lost += 1;
      if (lost < 3) kill();
    };
    const end = await run.result;
    assert.deepEqual([end.reason, end.value, end.attempts], ['completed', 3, 3]);
    assert.equal(end.dump, null);
    const notes = events.flatMap((event) =>
      event.type === 'warning' && event.code === 'retried' ? [event] : [],
    );
    assert.deepEqual(
      notes.map(({ retry }) => [retry?.attempt, retry?.attemptsMax, retry?.reason]),
      [
        [1, 3, 'worker-lost'],
        [2, 3, 'worker-lost'],
      ],
    );
    for (const { message, retry } of notes) {
      assert.match(
        message,
        /^try \d of 3 ended \(worker-lost\): .*SIGKILL.*the next one begins in/,
      );
      assert.ok(retry && retry.waitMs >= 10 && retry.waitMs <= 60);
      assert.ok(existsSync(retry.dump ?? ''), 'each has left its dump');
    }
    const states = events.flatMap((event) => (event.type === 'state' ? [event.state] : []));
    const once = ['starting', 'running', 'ending', 'queued'];
    assert.deepEqual(states, [...once, ...once, 'starting', 'running', 'ended']);
    assert.equal(events.filter(({ type }) => type === 'end').length, 1);
  });

  test('ends as it was lost once there are no more tries', async () => {
    const { run } = start('log("up"); await sleep(60_000)', '1', () => kill());
    const end = await run.result;
    assert.deepEqual([end.reason, end.attempts], ['worker-lost', 2]);
    assert.match(end.message, /\(try 2 of 2\)$/);
    assert.ok(existsSync(end.dump ?? ''));
  });

  test('by a crash of the process it had alone is not: that was its own doing', async () => {
    const { run } = start('log("up"); await sleep(60_000)', '5', () => kill('SIGSEGV'));
    const end = await run.result;
    assert.deepEqual([end.reason, end.attempts], ['worker-lost', 1]);
  });

  test('begins each time with limits of its own', async () => {
    const { run } = start(
      'log("up"); if (tries === 1) { for (let i = 0; i < 5; i++) await state.get("x"); await sleep(60_000) }\nreturn budget().wallMs > 250_000',
      '1',
      (_, { state }) => state === 'running' && lose(),
    );
    let isLost = false;
    const lose = () => {
      if (!isLost) kill();
      isLost = true;
    };
    assert.deepEqual([(await run.result).value, (await run.result).attempts], [true, 2]);
  });

  test('can be stopped while it waits for its next try, and is over at once', async () => {
    const slow = createCorral({ dump: 'never', retry: { firstMs: 60_000, longestMs: 60_000 } });
    const source = `${header('slow', '1')}throw new Error("x")`.replace(
      '@retry 1',
      '@retry 1 failed',
    );
    const [stopped, drained] = [slow.start(source), slow.start(source)];
    await until('both to wait', () => slow.load.queued === 2);
    assert.deepEqual([stopped.state, slow.load.active], ['queued', 0]);
    const end = await stopped.stop('changed my mind');
    assert.deepEqual(
      [end.reason, end.message, end.attempts],
      ['cancelled', 'changed my mind (try 2 of 2)', 2],
    );
    assert.deepEqual(await slow.drain(), { finished: 1, stopped: 0, refused: 0 });
    const last = await drained.result;
    assert.deepEqual([last.reason, last.error?.message, last.attempts], ['failed', 'x', 1]);
    assert.match(last.message, /not tried again: this Corral is being shut down/);
    await slow.close();
  });

  test('while it was paused stays paused', async () => {
    let isUp = false;
    const { run, events } = start(
      'log("up"); if (tries === 1) await sleep(60_000); return tries',
      '1',
      () => {
        isUp = true;
      },
    );
    // It runs before its first line does: one that is killed before it has counted its tries would count anew.
    await until('it to run', () => isUp);
    await run.pause();
    kill();
    await until('its next try', () => run.state === 'queued');
    await until('its time to be over', () => events.some(({ type }) => type === 'warning'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(run.state, 'queued');
    await run.resume();
    const end = await run.result;
    assert.deepEqual([end.value, end.attempts], [2, 2]);
  });
});

describe('a run that throws', () => {
  test('is tried again only where its header says so, with the same seed and input', async () => {
    const body = 'log(String(random())); if (tries < 3) throw new Error("not yet"); return tries';
    const once = await start(body, '5').run.result;
    assert.deepEqual([once.reason, once.attempts], ['failed', 1]);
    const numbers = new Set<string>();
    const end = await start(body, '5 failed', (text) => numbers.add(text)).run.result;
    assert.deepEqual([end.reason, end.value, end.attempts], ['completed', 3, 3]);
    assert.equal(numbers.size, 1);
  });

  test('and is stopped for a limit is not', async () => {
    const end = await corral.start(`${header('spin', '5 failed')}for (;;);`, {
      lint: false,
      limits: { cpu: 100 },
    }).result;
    assert.deepEqual([end.reason, end.attempts], ['cpu-limit', 1]);
  });
});
