import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { z } from 'zod';
import { type Answer, ControlClient } from '../../src/control/client.ts';
import { ControlServer } from '../../src/control/server.ts';
import { listSockets } from '../../src/control/sockets.ts';
import type { Steered } from '../../src/control/steered.ts';
import { type Corral, createCorral } from '../../src/corral.ts';
import { defineCommand } from '../../src/model/command.ts';
import type { ControlTold, ControlToldOf } from '../../src/model/control.ts';
import type { AdmissionEvent } from '../../src/model/events.ts';
import { Feed } from '../../src/supervisor/feed.ts';
import type { Run } from '../../src/supervisor/run.ts';
import { CHILD_LIFE } from '../support/child-life.ts';
import { ROOT } from '../support/cli.ts';
import { livePattern } from '../support/live-patterns.ts';
import { tempDir } from '../support/temp.ts';

const PATIENCE_MS = 30_000;
const LOOP = `let n = 0; while (true) { n += 1; if (n % 1e6 === 0) await sleep(1); }`;

const temp = tempDir();
after(() => temp[Symbol.dispose]());

/** Everything one client was told, to be waited for. */
class Told {
  readonly all: ControlTold[] = [];
  readonly #waiting = new Set<(told: ControlTold) => void>();

  readonly take = (told: ControlTold): void => {
    this.all.push(told);
    for (const look of [...this.#waiting]) look(told);
  };

  /** The first that is so, of those told already or still to come. */
  async first<Type extends ControlTold['type']>(
    type: Type,
    isIt: (told: ControlToldOf<Type>) => boolean = () => true,
  ): Promise<ControlToldOf<Type>> {
    const fits = (told: ControlTold): told is ControlToldOf<Type> =>
      told.type === type && isIt(told as ControlToldOf<Type>);
    const already = this.all.find(fits);
    if (already) return already;
    const { promise, resolve, reject } = Promise.withResolvers<ControlToldOf<Type>>();
    const look = (told: ControlTold) => {
      if (fits(told)) resolve(told);
    };
    const timer = setTimeout(() => reject(new Error(`never told of a ${type}`)), PATIENCE_MS);
    this.#waiting.add(look);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(look);
    }
  }
}

/** A client of the one Corral in a folder. */
async function client(dir: string): Promise<{ client: ControlClient; told: Told }> {
  const [socket] = await listSockets(dir);
  assert.ok(socket, 'a Corral is there');
  const told = new Told();
  const made = new ControlClient(socket.target, told.take);
  await made.hello;
  return { client: made, told };
}

describe('a Corral with a control folder', () => {
  const dir = join(temp.path, 'control');
  let corral: Corral;
  before(async () => {
    corral = createCorral({
      controlDir: dir,
      dump: 'never',
      limits: { cpu: '5min' },
      workers: { max: 2, warm: 0 },
    });
    const { path, problem } = await corral.control;
    assert.equal(problem, null);
    assert.deepEqual(readdirSync(dir).length, 1);
    assert.ok(path && existsSync(path));
  });
  after(() => corral.close());

  test('says who it is, and shows its runs with what they use', async () => {
    const run = corral.start(`// ==Macro==\n// @name busy\n// ==/Macro==\n${LOOP}`, {
      owner: 'alice',
      lint: false,
    });
    const { client: mine, told } = await client(dir);
    using _client = mine;
    const hello = await mine.hello;
    assert.equal(hello.pid, process.pid);
    await mine.ask({ ask: 'watch', everyMs: 100, recent: 0, samples: false });
    const { snapshot } = await told.first('snapshot', ({ snapshot: { runs } }) =>
      runs.some(({ cpuMs, state }) => cpuMs > 0 && state === 'running'),
    );
    const [figures] = snapshot.runs;
    assert.equal(snapshot.runs.length, 1);
    assert.equal(figures?.id, run.id);
    assert.equal(figures?.macro, 'busy');
    assert.equal(figures?.owner, 'alice');
    assert.equal(figures?.cpuMsMax, 300_000);
    assert.ok((figures?.heapBytes ?? 0) > 0 && (figures?.risk ?? -1) >= 0);
    assert.deepEqual(
      { ...snapshot.load, level: snapshot.level, emergency: snapshot.emergency },
      { active: 1, activeMax: 100, queued: 0, workers: 1, level: 'medium', emergency: false },
    );
    assert.ok(snapshot.memory.ownBytes > 0 && snapshot.memory.workerBytes > 0);
    await run.stop();
    await told.first('snapshot', ({ snapshot: { runs } }) => runs.length === 0);
  });

  test('is steered: a run is paused, goes on and is stopped, and who did it is told', async () => {
    const run = corral.start(LOOP, { lint: false, owner: 'ann' });
    const { client: mine, told } = await client(dir);
    using _client = mine;
    await mine.ask({ ask: 'watch', everyMs: 60_000, recent: 0, samples: false });
    const states: string[] = [];
    const running = Promise.withResolvers<void>();
    run.on('state', ({ state }) => {
      states.push(state);
      if (state === 'running') running.resolve();
    });
    await running.promise;
    const deed = { run: run.id, by: 'alice' };
    assert.equal((await mine.ask({ ask: 'pause', ...deed })).ok, true);
    assert.equal(run.state, 'paused');
    assert.equal((await mine.ask({ ask: 'resume', ...deed })).ok, true);
    assert.equal(run.state, 'running');
    const stopped = await mine.ask({ ask: 'stop', ...deed, why: 'too loud', quarantine: false });
    assert.deepEqual(stopped, { ...stopped, ok: true, message: 'macro has ended (cancelled)' });
    const end = await run.result;
    assert.equal(end.message, 'it was stopped by alice: too loud');
    const { level, event } = await told.first('feed', ({ text }) =>
      text.startsWith('alice stopped macro: too loud'),
    );
    assert.equal(level, 'warning');
    assert.equal(event.type, 'operator');
    assert.deepEqual([event.runId, event.owner], [run.id, 'ann']);
    const gone = await mine.ask({ ask: 'pause', ...deed });
    assert.deepEqual([gone.ok, /there is no run/.test(gone.message)], [false, true]);
  });

  test('holds the macro of a run that it stops, where that is asked', async () => {
    const macro = { file: 'held.js', lint: false };
    const run = corral.start(LOOP, macro);
    const { client: mine } = await client(dir);
    using _client = mine;
    const ask = { ask: 'stop', run: run.id, by: 'alice', why: 'again', quarantine: true } as const;
    const { message } = await mine.ask(ask);
    assert.equal(message, 'held has ended (cancelled), and its macro is in quarantine');
    const refused = await corral.start('return 1', macro).result;
    assert.equal(refused.reason, 'refused');
    assert.match(refused.message, /in quarantine: alice put it there/);
    corral.release({ name: 'held' }, { by: 'bob', why: 'it is fine' });
  });

  test('tells of what happened before, and of each reading where that is asked', async () => {
    const { client: mine, told } = await client(dir);
    using _client = mine;
    await corral.start('return 1').result;
    await mine.ask({ ask: 'watch', everyMs: 60_000, recent: 5, samples: true });
    assert.ok(told.all.filter(({ type }) => type === 'feed').length <= 5);
    await told.first('feed', ({ text }) => text === 'macro ended: completed');
    const run = corral.start('await sleep(60_000)');
    const { sample } = await told.first('sample', ({ runId }) => runId === run.id);
    assert.ok(sample.heapUsed > 0);
    await run.stop();
  });

  test('keeps nothing of a run that has ended, nor of a client that left', async () => {
    const { client: mine, told } = await client(dir);
    await mine.ask({ ask: 'watch', everyMs: 100, recent: 0, samples: true });
    mine[Symbol.dispose]();
    assert.deepEqual(await mine.closed, { why: 'it has ended', isGone: true });
    const { client: next, told: heard } = await client(dir);
    using _next = next;
    await next.ask({ ask: 'snapshot' });
    assert.deepEqual((await heard.first('snapshot')).snapshot.runs, []);
    assert.ok(told.all.length > 0);
    assert.equal((await mine.ask({ ask: 'snapshot' })).ok, false);
  });
});

/** What a run that was just started is let in with. */
function admission(run: Run): Promise<AdmissionEvent> {
  return new Promise((resolve) => run.on('admission', resolve));
}

describe('the risk of a run', () => {
  test('is the live one of its macro, and rises while it is watched', async () => {
    const dir = join(temp.path, 'risk');
    const say = defineCommand({
      name: 'chat.say',
      description: 'Say something.',
      input: z.object({ text: z.string() }),
      output: z.object({}),
      run: () => ({}),
    });
    await using corral = createCorral({
      controlDir: dir,
      ledgerDir: join(temp.path, 'risk-ledger'),
      commands: [say],
      dump: 'never',
    });
    await corral.control;
    corral.watchFor([livePattern('chatty', { action: 'warn' })]);
    const run = corral.start(
      `for (;;) { for (let n = 0; n < 4; n++) await chat.say({ text: 'hey' }); await sleep(1500); }`,
      { file: 'chatty.js', lint: false },
    );
    const { risk: textRisk } = await admission(run);
    const { client: mine, told } = await client(dir);
    using _client = mine;
    await mine.ask({ ask: 'watch', everyMs: 100, recent: 0, samples: false });
    const above = async (least: number) => {
      const { snapshot } = await told.first('snapshot', ({ snapshot: { runs } }) =>
        runs.some(({ risk }) => (risk ?? 0) > least),
      );
      return snapshot.runs[0]?.risk ?? 0;
    };
    const once = await above(textRisk);
    const twice = await above(once);
    const thrice = await above(twice);
    await run.stop();
    const [record] = corral.macros;
    assert.ok(record && record.risk.score >= thrice, `${thrice} of ${record?.risk.score}`);
    // From then on it begins with what is known of it.
    const again = corral.start('return 1', { file: 'chatty.js' });
    const { liveRisk } = await admission(again);
    assert.ok((liveRisk?.score ?? 0) >= thrice - textRisk);
    await again.result;
  });
});

describe('a control socket', () => {
  test('is gone once its Corral is closed, or its process has exited', async () => {
    const dir = join(temp.path, 'closed');
    const corral = createCorral({ controlDir: dir, workers: { warm: 0 } });
    await corral.control;
    const { client: mine } = await client(dir);
    await corral.close();
    await mine.closed;
    assert.deepEqual(readdirSync(dir), []);
    const source = `
      import { createCorral } from ${JSON.stringify(join(ROOT, 'src/corral.ts'))};
      const corral = createCorral({ controlDir: ${JSON.stringify(dir)}, workers: { warm: 0 } });
      process.stdout.write((await corral.control).path);
      process.exit();`;
    const args = ['--input-type=module', '-e', source];
    const { stdout } = spawnSync(process.execPath, args, CHILD_LIFE);
    assert.ok(stdout.toString().startsWith(join(dir, 'corral-')));
    assert.deepEqual(readdirSync(dir), []);
  });

  test('that cannot be made is a problem that is told, and no more', async () => {
    const dir = join(temp.path, 'open-to-all');
    mkdirSync(dir);
    chmodSync(dir, 0o755);
    await using corral = createCorral({ controlDir: dir, workers: { warm: 0 } });
    const { path, problem } = await corral.control;
    assert.equal(path, null);
    assert.match(problem ?? '', /others can enter/);
    assert.equal((await corral.start('return 5').result).value, 5);
    await using nowhere = createCorral({ controlDir: '/proc/nowhere', workers: { warm: 0 } });
    assert.match((await nowhere.control).problem ?? '', /no such file or folder/);
    await using without = createCorral({ workers: { warm: 0 } });
    assert.deepEqual(await without.control, { path: null, problem: null });
  });
});

/** A Corral without runs, whose feed the test tells. */
function quiet(): { steered: Steered; feed: Feed; deeds: string[] } {
  const feed = new Feed();
  const deeds: string[] = [];
  const steered: Steered = {
    runs: [],
    riskOf: () => null,
    ownerOf: () => 'local',
    workerPids: [],
    level: 'medium',
    activeMax: 100,
    get emergencyOrder() {
      const isPulled = deeds.some((each) => each.startsWith('emergency'));
      return isPulled ? { by: 'alice', why: 'smoke', at: 1 } : null;
    },
    get feed() {
      return feed.recent;
    },
    onFeed: (listener) => feed.on(listener),
    tell: (event) => feed.tell(event),
    note: ({ action, by, why }) => deeds.push(`noted ${action} ${by}: ${why}`),
    emergency: ({ by, why }) => deeds.push(`emergency ${by}: ${why}`),
    clearEmergency: ({ by, why }) => deeds.push(`clear ${by}: ${why}`),
  };
  return { steered, feed, deeds };
}

async function serving(name: string) {
  const dir = join(temp.path, name);
  const corral = quiet();
  const server = new ControlServer(dir, corral.steered, () => 0);
  const { path } = await server.state;
  assert.ok(path);
  return { ...corral, dir, path, server, [Symbol.asyncDispose]: () => server.close() };
}

/** A bare connection that has read its hello. */
async function raw(path: string): Promise<Socket> {
  const socket = connect(path);
  socket.on('error', () => undefined);
  await once(socket, 'data');
  return socket;
}

describe('against clients that mean harm, a control socket', () => {
  test('cuts off whoever says what is no ask, with a word why, and serves the others', async () => {
    await using it = await serving('garbage');
    const { client: good } = await client(it.dir);
    using _good = good;
    for (const [said, why] of [
      ['hello?\n', /no JSON/],
      ['{"ask":"quit","id":1}\n', /no ask of this protocol/],
      ['{"ask":"stop","id":1,"run":"x"}\n', /no ask of this protocol/],
      ['{"ask":"watch","id":1,"everyMs":1}\n', /no ask of this protocol/],
      [`{"ask":"pause","id":1,"run":"x","by":"${'x'.repeat(65)}"}\n`, /no ask of this protocol/],
      [`${'['.repeat(10_000)}\n`, /no JSON/],
      ['x'.repeat(20_000), /longer than 16384 bytes/],
      ['null\n', /no ask of this protocol/],
      ['\u0000\n', /no JSON/],
    ] as const) {
      const socket = await raw(it.path);
      let heard = '';
      socket.on('data', (chunk) => {
        heard += chunk;
      });
      socket.write(said);
      await once(socket, 'close');
      const last = JSON.parse(heard.trim().split('\n').at(-1) ?? '') as Answer & { id: null };
      assert.deepEqual([last.ok, last.id], [false, null]);
      assert.match(last.message, why);
    }
    assert.equal((await good.ask({ ask: 'snapshot' })).ok, true);
    assert.deepEqual(it.deeds, []);
  });

  test('cuts off whoever reads nothing, without holding more than a few MB for them', async () => {
    await using it = await serving('slow');
    const { client: good, told } = await client(it.dir);
    using _good = good;
    await good.ask({ ask: 'watch', everyMs: 60_000, recent: 0, samples: false });
    const slow = await raw(it.path);
    slow.write('{"ask":"watch","id":1,"everyMs":100}\n');
    await once(slow, 'data');
    slow.pause();
    const before = process.memoryUsage().rss;
    const message = 'x'.repeat(900);
    for (let burst = 1; burst <= 20; burst++) {
      for (let each = 0; each < 200; each++)
        it.feed.tell({ type: 'settings', level: 'medium', message });
      it.feed.tell({ type: 'settings', level: 'medium', message: `burst ${burst}` });
      await told.first('feed', ({ text }) => text === `burst ${burst}`);
    }
    assert.equal(told.all.filter(({ type }) => type === 'feed').length, 20 * 201);
    assert.ok(process.memoryUsage().rss - before < 300 * 2 ** 20);
    // Its end reaches who reads at last.
    slow.resume();
    await once(slow, 'close');
  });

  test('lets in a few at once, and again when they have gone', async () => {
    await using it = await serving('crowd');
    const crowd = await Promise.all(Array.from({ length: 16 }, () => raw(it.path)));
    const late = connect(it.path);
    late.on('error', () => undefined);
    await once(late, 'close');
    for (const each of crowd) each.destroy();
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      const next = new ControlClient(it.path);
      const isIn = await next.hello.then(
        () => true,
        () => false,
      );
      next[Symbol.dispose]();
      if (isIn) break;
      assert.ok(performance.now() < until, 'nobody is let in any more');
    }
  });

  test('is closed all the same while somebody who does not read is connected', async () => {
    const it = await serving('stubborn');
    const stubborn = await raw(it.path);
    stubborn.write('{"ask":"watch","id":1,"everyMs":100}\n');
    await once(stubborn, 'data');
    stubborn.pause();
    await it.server.close();
    assert.equal(existsSync(it.path), false);
    stubborn.resume();
    await once(stubborn, 'close');
  });
});

describe('the emergency stop from outside', () => {
  test('is shown with who pulled it and why, as long as it is on', async () => {
    const dir = join(temp.path, 'pulled');
    await using corral = createCorral({ controlDir: dir, workers: { warm: 0 } });
    await corral.control;
    const { client: mine, told } = await client(dir);
    using _client = mine;
    await mine.ask({ ask: 'emergency', by: 'alice', why: '\u202e'.repeat(300) });
    await mine.ask({ ask: 'snapshot' });
    const { snapshot } = await told.first('snapshot');
    assert.equal(snapshot.emergency, true);
    assert.equal(snapshot.emergencyOrder?.by, 'alice');
    assert.match(snapshot.emergencyOrder?.why ?? '', /^(?:\\u\{202e\})+/);
    assert.ok(Math.abs((snapshot.emergencyOrder?.at ?? 0) - Date.now()) < PATIENCE_MS);
    await mine.ask({ ask: 'clear', by: 'bob', why: '' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await mine.ask({ ask: 'snapshot' });
    const after = await told.first('snapshot', ({ snapshot: { emergency } }) => !emergency);
    assert.equal(after.snapshot.emergencyOrder, null);
  });

  test('reaches the Corral with who and why, and is cleared the same way', async () => {
    await using it = await serving('emergency');
    const { client: mine } = await client(it.dir);
    using _client = mine;
    const early = await mine.ask({ ask: 'clear', by: 'bob', why: '' });
    assert.deepEqual([early.ok, early.message], [false, 'no emergency stop is pulled']);
    assert.equal((await mine.ask({ ask: 'emergency', by: 'alice', why: 'smoke' })).ok, true);
    assert.equal((await mine.ask({ ask: 'clear', by: 'bob', why: '' })).ok, true);
    assert.deepEqual(it.deeds, [
      'noted guard.emergency alice: smoke',
      'emergency alice: smoke',
      'noted guard.clear bob: ',
      'clear bob: bob cleared it',
    ]);
  });
});
