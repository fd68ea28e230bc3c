import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { z } from 'zod';
import { CorralError, createCorral, defineCommand, type Run } from '../../../src/corral.ts';
import { readDump } from '../../../src/dumps/dump.ts';
import { until } from '../support/processes.ts';
import { scratchDir } from '../support/scratch.ts';

let given = 0;
const blink = defineCommand({
  name: 'lamp.blink',
  description: 'Blinks.',
  input: z.object({}),
  output: z.null(),
  rate: { perSecond: 1, burst: 1 },
  run: () => {
    given += 1;
    return null;
  },
});
const corral = createCorral({
  commands: [blink],
  dumpDir: scratchDir(),
  limits: { cpu: '60s', burst: '60s' },
});
after(() => corral.close());

/** Starts a macro and waits until it has logged. */
async function started(source: string): Promise<Run> {
  const run = corral.start(source, { lint: false });
  await new Promise((resolve) => run.on('log', resolve));
  return run;
}

describe('Emergency stop', () => {
  test('ends every run, in whatever state, each with its dump, and starts nothing until it is cleared', async () => {
    const runs = {
      busy: await started('log("up");\nfor (;;);'),
      asleep: await started('log("up");\nawait sleep(1e6)'),
      'held in a loop': await started('log("up");\nfor (;;);'),
      'held asleep': await started('log("up");\nawait sleep(1e6)'),
      'with commands in line': await started(
        'log("up");\nfor (let i = 0; i < 700; i++) lamp.blink();\nawait sleep(1e6)',
      ),
      'held before it began': corral.start('log("up")'),
    };
    await Promise.all(
      [runs['held before it began'], runs['held in a loop'], runs['held asleep']].map(async (run) =>
        assert.equal(await run.pause(), true),
      ),
    );
    await until('a command', () => given > 0);
    const before = given;
    const told: unknown[] = [];
    corral.onFeed((event) => event.type === 'emergency' && told.push([event.active, event.by]));

    const late = corral.start('return 1');
    await corral.emergency({ by: 'ann', why: 'a test' });

    assert.deepEqual(corral.runs, [], 'it resolves when all have ended');
    assert.equal(given, before, 'no command is carried out any more');
    const all = { ...runs, 'that was just asked for': late };
    for (const [what, run] of Object.entries(all)) {
      const end = await run.result;
      assert.deepEqual([end.status, end.reason], ['killed', 'emergency'], what);
      assert.equal(end.message, 'the emergency stop was pulled by ann: a test');
      const dump = await readDump(end.dump ?? '');
      assert.equal(dump.reason, 'emergency', what);
    }
    assert.equal((await runs.busy.result).line, 2, 'where it was');

    const { by, why, at } = corral.emergencyState ?? {};
    assert.deepEqual([by, why], ['ann', 'a test']);
    assert.ok(at !== undefined && at <= Date.now());
    const refused = await corral.start('return 1').result;
    assert.deepEqual(
      [refused.status, refused.reason, refused.refusal, refused.dump],
      ['refused', 'refused', { code: 'emergency', retryAfterMs: null }, null],
    );
    assert.match(refused.message, /pulled by ann: a test/);

    await corral.emergency({ by: 'bob', why: 'once more' });
    assert.equal(corral.emergencyState?.by, 'ann', 'who pulled it first is kept');
    assert.equal(corral.clearEmergency({ by: 'carl', why: 'all is well' }), true);
    assert.equal(corral.clearEmergency({ by: 'carl', why: 'all is well' }), false);
    assert.equal(corral.emergencyState, null);
    assert.equal((await corral.start('return 7').result).value, 7);
    assert.deepEqual(told, [
      [true, 'ann'],
      [false, 'carl'],
    ]);
  });

  test('wants a name and a reason', () => {
    const refusal = (error: unknown) => error instanceof CorralError && error.code === 'bad-usage';
    for (const order of [{}, { by: 'ann' }, { by: '', why: 'x' }, { by: 'ann', why: 'x', at: 1 }]) {
      assert.throws(() => corral.emergency(order as never), refusal);
      assert.throws(() => corral.clearEmergency(order as never), refusal);
    }
    assert.equal(corral.emergencyState, null);
  });
});
