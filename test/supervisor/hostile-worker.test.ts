import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { type CorralOptions, createCorral, defineCommand } from '../../src/corral.ts';
import type { EndEvent } from '../../src/model/events.ts';
import { withWorkersFrom, writeImpostor } from './support/impostor.ts';
import { scratchDir } from './support/scratch.ts';

const dir = scratchDir();
let given = 0;
const say = defineCommand({
  name: 'chat.say',
  description: 'Say something.',
  input: z.object({ text: z.string() }),
  output: z.object({}),
  run: () => {
    given += 1;
    return {};
  },
});

/** Runs a macro in a worker that was taken over; `lie` is what it does instead of starting the macro. */
function endWith(lie: string, options: CorralOptions = {}): Promise<EndEvent> {
  const program = writeImpostor(
    dir,
    `const done = (run, rest = {}) => send({ type: 'done', run, realm: 0, cpuMs: 1, value: 'null', error: null, tooLong: false, ...rest });
    const ask = (run, rest) => send({ type: 'ask', run, realm: 0, id: 1, kind: 'command', name: 'chat.say', args: '{"text":"x"}', stack: '', ...rest });
    onOrder = ({ type, run }) => {
      if (type === 'start') { ${lie} }
      if (type === 'dispose') send({ type: 'disposed', run });
    };
    listen(); ready();`,
  );
  return withWorkersFrom(program, async () => {
    await using corral = createCorral({ commands: [say], dumpDir: dir, ...options });
    return await corral.start('await sleep(60_000)', { limits: { wall: '10s' } }).result;
  });
}

describe('a worker that lies', () => {
  test('about the result: what is malformed is an error, never a crash', async () => {
    for (const value of ['', '{', '{"$":"map","v":[1]}', '{"$":"secret"}', '['.repeat(100_000)]) {
      const end = await endWith(`done(run, { value: ${JSON.stringify(value)} })`);
      assert.equal(end.reason, 'failed', value.slice(0, 20));
      assert.equal(end.error?.name, 'ValueError');
    }
  });

  test('about the result: a prototype is data', async () => {
    const end = await endWith(`done(run, { value: '{"__proto__":{"polluted":1}}' })`);
    assert.equal(end.reason, 'completed');
    assert.equal(({} as { polluted?: number }).polluted, undefined);
    assert.equal(JSON.stringify(end.value), '{"__proto__":{"polluted":1}}');
  });

  test('about where it failed: the place lies in the source or nowhere', async () => {
    const error = `{ name: 'Error', message: 'x', stack: 'Error: x\\n    at macro.js:777777:1' }`;
    const end = await endWith(`done(run, { error: ${error} })`);
    assert.deepEqual([end.reason, end.line], ['failed', null]);
  });

  test('twice about the end: the first counts', async () => {
    const end = await endWith(`done(run, { value: '1' }); done(run, { value: '2' });`);
    assert.equal(end.value, 1);
  });

  test('about macros and requests that are none', async () => {
    const end = await endWith(
      `ask(run, { realm: 9 }); ask(run, { kind: 'state', name: 'drop', args: '{' }); ask(run, { kind: 'call', name: '../../etc/passwd', args: 'null' });
       send({ type: 'examined', run, realm: 5, asleep: false, frames: [], pending: [], heapStatistics: null, beacon: 9e9, cpuMs: 0 }); send({ type: 'profile', run, realm: 5, cpu: '{', heap: '[]' });
       send({ type: 'disposed', run }); send({ type: 'resumed', run }); send({ type: 'paused', run });
       setTimeout(() => done(run, { value: '7' }), 50);`,
    );
    assert.equal(end.value, 7);
  });

  test('by not stopping at the command limit is stopped there', async () => {
    given = 0;
    const end = await endWith('for (let n = 0; n < 20_000; n++) ask(run, { id: n });', {
      limits: { commands: 10 },
    });
    assert.equal(end.reason, 'command-limit');
    assert.ok(given <= 10);
  });

  test('by not stopping at the output limit is stopped there', async () => {
    const end = await endWith(
      `for (let n = 0; n < 1000; n++) send({ type: 'log', run, level: 'info', text: 'x'.repeat(60_000) });`,
      { limits: { output: '64kb' } },
    );
    assert.equal(end.reason, 'output-limit');
  });

  test('by saying nothing is held to the wall limit', async () => {
    const end = await endWith('', { limits: { wall: 100 } });
    assert.equal(end.status, 'killed');
  });

  test('by breaking the protocol ends its run as worker-lost', async () => {
    const end = await endWith(`send({ type: 'done', run });`);
    assert.equal(end.reason, 'worker-lost');
    assert.ok(end.dump);
  });
});

test('a worker that cannot start ends its run as worker-lost, and says why', async () => {
  const program = writeImpostor(dir, `console.error('no such library'); process.exit(1);`);
  const end = await withWorkersFrom(program, async () => {
    await using corral = createCorral({ dumpDir: dir });
    return await corral.start('return 1').result;
  });
  assert.equal(end.reason, 'worker-lost');
  assert.match(end.message, /could not start: no such library/);
});
