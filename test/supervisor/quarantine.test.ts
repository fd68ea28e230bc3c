// Macros that were stopped: refused until somebody lets them, and what a macro has shown decides whether it runs alone.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { z } from 'zod';
import {
  type AdmissionEvent,
  CorralError,
  createCorral,
  defineCommand,
  type EndEvent,
  type FeedEvent,
  type Run,
  readDump,
  replayDump,
} from '../../src/corral.ts';
import { until } from './support/processes.ts';
import { scratchDir } from './support/scratch.ts';

let acted = 0;
const act = defineCommand({
  name: 'host.act',
  description: 'Counts.',
  input: z.object({}),
  output: z.int(),
  run: () => ++acted,
});
const macrosDir = scratchDir();
const corral = createCorral({
  commands: [act],
  dumpDir: scratchDir(),
  macrosDir,
  limits: { cpu: 300, burst: 300 },
  workers: { max: 1, warm: 1 },
});
after(() => corral.close());
const consent = { by: 'ann', why: 'looked at it' };

const named = (name: string, source: string) =>
  `// ==Macro==\n// @name ${name}\n// ==/Macro==\n${source}`;
async function admitted(run: Run): Promise<{ admission: AdmissionEvent; end: EndEvent }> {
  const admission = new Promise<AdmissionEvent>((resolve) => run.on('admission', resolve));
  return { admission: await admission, end: await run.result };
}
const told = (type: FeedEvent['type']) =>
  corral.feed.filter((event) => event.type === type).map(({ id: _, time: __, ...rest }) => rest);

describe('the feed', () => {
  test('tells with the end of a run how risky its macro is by now, that end included', async () => {
    const source = named('burner', 'for (;;);');
    const risks: (number | null)[] = [];
    for (let n = 0; n < 2; n++) {
      const { id, result } = corral.start(source, { lint: false });
      assert.equal((await result).reason, 'cpu-limit');
      for (const event of corral.feed)
        if (event.type === 'run' && event.runId === id) risks.push(event.risk);
    }
    const ends = risks.filter((risk) => risk !== null);
    const kept = corral.macros.find(({ name }) => name === 'burner') ?? assert.fail();
    assert.equal(ends.length, 2);
    assert.ok((ends[0] ?? 0) > 0 && (ends[1] ?? 0) > (ends[0] ?? 0), `${ends}`);
    assert.ok(Math.abs((ends[1] ?? 0) - kept.risk.score) < 0.01, `${ends} and ${kept.risk.score}`);
  });
});

describe('a macro in quarantine', () => {
  test('is refused, with who, when, why and what to do; nothing of it runs', async () => {
    corral.quarantine({ name: 'evil one' }, { by: 'ann', why: 'it floods the chat' });
    const before = acted;
    const source = named('evil one', 'await host.act({}); return 1');
    const { admission, end } = await admitted(corral.start(source, { lint: false }));
    assert.equal(admission.verdict, 'refuse');
    assert.deepEqual(
      [end.status, end.refusal],
      ['refused', { code: 'quarantined', retryAfterMs: null }],
    );
    assert.match(
      end.message,
      /^it is in quarantine: ann put it there at 2\d{3}-\d\d-\d\d \d\d:\d\d UTC, because: it floods the chat\. .*corral release 'evil one' --why/,
    );
    assert.equal(acted, before);
  });

  test('runs again once it is released, and the feed has told of both', async () => {
    const source = named('caged', 'return await host.act({})');
    corral.quarantine({ name: 'caged' }, consent);
    assert.equal((await corral.start(source).result).refusal?.code, 'quarantined');
    assert.equal(corral.release({ name: 'caged' }, { by: 'bob', why: 'mended' }), true);
    assert.equal((await corral.start(source).result).reason, 'completed');
    assert.equal(corral.release({ name: 'caged' }, consent), false);
    const about = { type: 'quarantine', macro: 'caged', owner: 'local' };
    assert.deepEqual(
      told('quarantine').filter((event) => 'macro' in event && event.macro === 'caged'),
      [
        { ...about, held: true, ...consent },
        { ...about, held: false, by: 'bob', why: 'mended' },
      ],
    );
    const record = corral.macros.find(({ name }) => name === 'caged');
    assert.deepEqual(record?.ends, { refused: 1, completed: 1 });
    assert.deepEqual(record?.releases[0]?.released.by, 'bob');
  });

  test('does not get out by another name or header, and says which name to release', async () => {
    await corral.start(named('spammer', 'return await host.act({}) + 1')).result;
    corral.quarantine({ name: 'spammer' }, consent);
    const other = '// ==Macro==\n// @name friendly\n// @limit cpu=99ms\n// ==/Macro==\n';
    const { refusal, message } = await corral.start(`${other}\n  return await host.act({}) + 1\n`)
      .result;
    assert.equal(refusal?.code, 'quarantined');
    assert.match(message, /in quarantine as spammer, which has the same text: .*release spammer/);
  });

  test('of one owner says nothing of another owner’s, of the same name and text', async () => {
    const source = named('shared-name', 'return 5');
    corral.quarantine({ owner: 'bob', name: 'shared-name' }, consent);
    assert.equal((await corral.start(source, { owner: 'bob' }).result).reason, 'refused');
    assert.equal((await corral.start(source).result).reason, 'completed');
    assert.equal((await corral.start(source, { owner: 'eve' }).result).reason, 'completed');
  });

  test('without a name is held by its text: no other text without one is', async () => {
    const run = corral.start('await sleep(60000); return 11', {});
    await run.stop('it is not wanted', { quarantine: true, by: 'ann' });
    const { refusal, message } = await corral.start('await sleep(60000); return 11').result;
    assert.equal(refusal?.code, 'quarantined');
    assert.match(message, /ann put it there at .* because: it is not wanted\./);
    assert.equal((await corral.start('return 12').result).reason, 'completed');
    assert.equal((await corral.start('return 13', { file: '<stdin>' }).result).reason, 'completed');
  });

  test('that waits in line for a worker is refused when its turn comes', async () => {
    const first = corral.start(named('first', 'await sleep(60000)'), { lint: false });
    // Both must run alone, and there is one worker for that.
    await until('the first to run', () => first.state === 'running');
    const second = corral.start(named('second', 'return new Map().size'));
    corral.quarantine({ name: 'second' }, consent);
    corral.quarantine({ name: 'first' }, consent);
    assert.equal(first.state, 'running', 'what runs already goes on');
    await first.stop();
    const { refusal } = await second.result;
    assert.equal(refusal?.code, 'quarantined');
  });

  test('is not run through another that calls it', async () => {
    writeFileSync(join(macrosDir, 'inner.js'), named('inner', 'return await host.act({})'));
    const outer = named(
      'outer',
      'return await macros.call("inner").catch((e) => [e.code, e.message])',
    );
    assert.equal(typeof (await corral.start(outer).result).value, 'number');
    corral.quarantine({ name: 'inner' }, consent);
    const before = acted;
    const { value } = await corral.start(outer).result;
    assert.ok(Array.isArray(value));
    assert.equal(value[0], 'macro-refused');
    assert.match(String(value[1]), /inner is refused: it is in quarantine: ann/);
    assert.equal(acted, before);
  });

  test('can be looked into by a replay, which is noted of nobody', async () => {
    const source = named('dumped', 'for (;;) {}');
    const { dump } = await corral.start(source, { lint: false }).result;
    corral.quarantine({ name: 'dumped' }, consent);
    const { end } = await replayDump(await readDump(dump ?? assert.fail()), {
      onStart: (run) => run.on('admission', ({ liveRisk }) => assert.equal(liveRisk, null)),
    });
    assert.equal(end.reason, 'cpu-limit');
    assert.deepEqual(corral.macros.find(({ name }) => name === 'dumped')?.ends, { 'cpu-limit': 1 });
  });

  test('is asked of and changed by nobody once the corral is closed, nor without saying who and why', async () => {
    const closed = createCorral({ dumpDir: scratchDir(), workers: { warm: 0 } });
    for (const wrong of [{ by: '', why: 'x' }, { by: 'x' }, null])
      assert.throws(() => closed.quarantine({ name: 'm' }, wrong as never), { code: 'bad-usage' });
    assert.throws(() => closed.release({ name: '' }, consent), { code: 'bad-usage' });
    await closed.close();
    const isClosed = { code: 'closed' };
    assert.throws(() => closed.quarantine({ name: 'm' }, consent), isClosed);
    assert.throws(() => closed.release({ name: 'm' }, consent), isClosed);
    assert.throws(() => closed.macros, isClosed);
  });
});

describe('a macro that has been stopped', () => {
  /** Calm by its text; what it does is decided by its input. */
  const SOURCE =
    'let n = 0; input.list.forEach(() => input.list.forEach(() => input.list.forEach(() => n++))); return n';
  const burning = { list: new Array(3000).fill(1) };
  const resting = { list: [1] };

  test('runs alone the next time, and says what made it risky', async () => {
    const open = createCorral({ dumpDir: scratchDir(), dump: 'never', limits: { cpu: 100 } });
    await using _ = open;
    const start = (input: unknown) => admitted(open.start(SOURCE, { file: 'calm.js', input }));
    const before = await start(resting);
    assert.deepEqual([before.admission.verdict, before.end.reason], ['admit', 'completed']);
    assert.equal(before.admission.liveRisk?.score, before.admission.risk);
    const { end } = await start(burning);
    assert.equal(end.reason, 'cpu-limit');
    const { admission } = await start(resting);
    assert.equal(admission.verdict, 'solo');
    assert.equal(admission.risk, before.admission.risk);
    assert.ok((admission.liveRisk?.score ?? 0) >= 0.3);
    assert.ok(admission.liveRisk?.parts.some(({ cause }) => cause === 'kill:cpu-limit'));
    const other = await admitted(open.start('return 1', { file: 'other.js' }));
    assert.equal(other.admission.verdict, 'admit');
  });
});

describe('a ledger in a folder', () => {
  test('is there for the next corral, and for one beside it', async () => {
    const ledgerDir = scratchDir();
    const options = { ledgerDir, dumpDir: scratchDir(), workers: { warm: 0 } };
    {
      await using one = createCorral(options);
      await one.start(named('patrol', 'return 1')).result;
      one.quarantine({ name: 'patrol' }, consent);
    }
    await using two = createCorral(options);
    await using three = createCorral(options);
    assert.deepEqual(
      two.macros.map(({ name, runs }) => [name, runs]),
      [['patrol', 1]],
    );
    assert.equal((await two.start(named('patrol', 'return 1')).result).reason, 'refused');
    three.release({ name: 'patrol' }, consent);
    assert.equal((await two.start(named('patrol', 'return 1')).result).reason, 'completed');
  });

  test('that cannot be used is refused before anything is started', () => {
    const ledgerDir = scratchDir();
    writeFileSync(join(ledgerDir, 'ledger.sqlite'), 'not a database at all'.repeat(100));
    assert.throws(
      () => createCorral({ ledgerDir }),
      (error) => error instanceof CorralError && error.code === 'bad-state',
    );
  });

  test('that cannot be written is a warning, told to the feed and to one run, and all works', async () => {
    const file = join(scratchDir(), 'file');
    writeFileSync(file, '');
    await using open = createCorral({ ledgerDir: join(file, 'ledger'), dumpDir: scratchDir() });
    const warnings: string[] = [];
    for (let n = 0; n < 2; n++) {
      const run = open.start(named('patrol', 'return 1'));
      run.on('warning', ({ code, message }) => warnings.push(`${code}: ${message}`));
      assert.equal((await run.result).reason, 'completed');
    }
    assert.equal(warnings.length, 1);
    assert.match(
      warnings[0] ?? '',
      /^ledger-failed: What is learned of macros is kept in memory only/,
    );
    assert.equal(open.feed.filter(({ type }) => type === 'ledger').length, 1);
    assert.equal(open.macros[0]?.runs, 2);
    open.quarantine({ name: 'patrol' }, consent);
    assert.equal((await open.start(named('patrol', 'return 1')).result).reason, 'refused');
  });
});
