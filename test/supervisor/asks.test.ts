import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { createCorral, defineCommand, readDump } from '../../src/corral.ts';
import { withWorkersFrom, writeImpostor } from './support/impostor.ts';
import { until } from './support/processes.ts';
import { scratchDir } from './support/scratch.ts';

test('of very many commands at once 500 are under way, and all are answered in the order they were given', async () => {
  let underWay = 0;
  let most = 0;
  const given: number[] = [];
  const held: (() => void)[] = [];
  /** Lets all that wait go on, a moment after nothing more can come: one too many would be there by then. */
  const release = () => setTimeout(() => held.splice(0).forEach((go) => void go()), 20);
  const slow = defineCommand({
    name: 'test.slow',
    description: 'Takes a moment.',
    input: z.object({ number: z.int() }),
    output: z.object({ number: z.int() }),
    run: async ({ number }) => {
      given.push(number);
      most = Math.max(most, ++underWay);
      const gate = new Promise<void>((resolve) => held.push(resolve));
      if (held.length === 500 || given.length === 1200) release();
      await gate;
      underWay--;
      return { number };
    },
  });
  await using corral = createCorral({ commands: [slow], patterns: false });
  const end = await corral.start(`
    const all = Array.from({ length: 1200 }, (_, number) => test.slow({ number }));
    return (await Promise.all(all)).map((answer) => answer.number);`).result;
  const numbers = Array.from({ length: 1200 }, (_, number) => number);
  assert.deepEqual(end.value, numbers);
  assert.deepEqual(given, numbers);
  assert.equal(most, 500);
});

test('more than 16 million characters asked for at once is refused, and what is answered makes room again', async () => {
  const gate = Promise.withResolvers<void>();
  const echo = defineCommand({
    name: 'test.measure',
    description: 'Answers once the gate is open.',
    input: z.object({ text: z.string() }),
    output: z.object({ length: z.int() }),
    run: async ({ text }) => {
      await gate.promise;
      return { length: text.length };
    },
  });
  await using corral = createCorral({ commands: [echo] });
  const run = corral.start(`
    const text = 'x'.repeat(200_000);
    let refused = 0;
    const all = Array.from({ length: 100 }, () => test.measure({ text }).then(({ length }) => length, ({ name, code }) => {
      if (++refused === 17) log('no more');
      return name + ' ' + code;
    }));
    const told = await Promise.all(all);
    return [told.filter((each) => each === 200_000).length, [...new Set(told)], (await test.measure({ text })).length]`);
  for await (const event of run.events()) if (event.type === 'log') gate.resolve();
  const { value } = await run.result;
  assert.deepEqual(value, [83, [200_000, 'RangeError too-much-open'], 200_000]);
});

test('what a macro waits for that cannot be asked any more is told by what it asked for', async () => {
  const never = defineCommand({
    name: 'test.never',
    description: 'Never answers.',
    input: z.object({}),
    output: z.object({}),
    run: () => new Promise<Record<string, never>>(() => undefined),
  });
  await using corral = createCorral({ commands: [never], dumpDir: scratchDir() });
  const source = `test.never({});
    state.set('a', 1);
    await sleep(20);
    Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1);`;
  const end = await corral.start(source, { lint: false, limits: { cpu: 150 } }).result;
  assert.equal(end.reason, 'stuck', end.message);
  const { pending, pendingTotal } = await readDump(end.dump ?? '');
  assert.deepEqual(
    pending.map(({ kind, name }) => `${kind} ${name}`),
    ['command test.never'],
  );
  assert.equal(pendingTotal, 1);
});

test('a command that waits for its rate when its macro is cancelled is not carried out', async () => {
  const heard: number[] = [];
  const ring = defineCommand({
    name: 'test.ring',
    description: 'Rings.',
    input: z.object({ n: z.int() }),
    output: z.object({}),
    rate: { perSecond: 20, burst: 1 },
    run: ({ n }) => {
      heard.push(n);
      return {};
    },
  });
  await using corral = createCorral({ commands: [ring], dumpDir: scratchDir(), patterns: false });
  const source = `for (let n = 0; n < 20; n++) test.ring({ n }).catch(() => undefined);
try { await sleep(60_000); } catch { await sleep(250); }
return 1`;
  const run = corral.start(source, { lint: false });
  await until('some', () => heard.length >= 2);
  const over = run.stop();
  const before = heard.length;
  await over;
  assert.equal(heard.length, before);
});

test('a command that was on its way when its macro was cancelled is not carried out; one that tidies up is', async () => {
  const heard: string[] = [];
  const say = defineCommand({
    name: 'test.say',
    description: 'Is heard.',
    input: z.object({ text: z.string() }),
    output: z.object({}),
    run: ({ text }) => {
      heard.push(text);
      return {};
    },
  });
  const dir = scratchDir();
  const program = writeImpostor(
    dir,
    `onOrder = ({ type, run }) => {
       const ask = (id, text) => send({ type: 'ask', run, realm: 0, id, kind: 'command', name: 'test.say', args: JSON.stringify({ text }), stack: '' });
       if (type === 'start') send({ type: 'log', run, level: 'info', text: 'up' });
       if (type === 'dispose') send({ type: 'disposed', run });
       if (type !== 'cancel') return;
       ask(1, 'on its way');
       send({ type: 'resumed', run });
       ask(2, 'in the burst it was held in');
       send({ type: 'aborted', run, realm: 0 });
       ask(3, 'tidies up');
       setTimeout(() => send({ type: 'done', run, realm: 0, cpuMs: 0, value: null, error: null, tooLong: false }), 200);
     };
     listen(); ready();`,
  );
  await withWorkersFrom(program, async () => {
    await using corral = createCorral({ commands: [say], dumpDir: dir });
    const run = corral.start('await sleep(60_000)');
    await new Promise<void>((resolve) => run.on('log', () => resolve()));
    await run.stop();
  });
  assert.deepEqual(heard, ['tidies up']);
});
