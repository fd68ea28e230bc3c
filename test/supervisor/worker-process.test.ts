import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { CorralError } from '../../src/model/errors.ts';
import type { FromWorker } from '../../src/model/wire.ts';
import { type WorkerExit, WorkerProcess } from '../../src/supervisor/worker-process.ts';
import { withWorkersFrom, writeImpostor } from './support/impostor.ts';
import { isAlive, until } from './support/processes.ts';
import { scratchDir } from './support/scratch.ts';

const HEAP_BYTES = 64 * 1024 * 1024;
const dir = scratchDir();
const created: WorkerProcess[] = [];
after(() => {
  for (const worker of created) worker.kill();
});

function createWorker(): WorkerProcess {
  const worker = new WorkerProcess({ heapBytes: HEAP_BYTES });
  created.push(worker);
  return worker;
}

const createImpostor = (body: string): Promise<WorkerProcess> =>
  withWorkersFrom(writeImpostor(dir, body), createWorker);

describe('a worker process', () => {
  test('gets ready, tells its version, and dies when told', async () => {
    const worker = createWorker();
    await worker.ready;
    assert.match(worker.isolatedVm, /^\d+\./);
    assert.equal(worker.dead, false);
    worker.kill();
    const exit = await worker.exited;
    assert.equal(exit.signal, 'SIGKILL');
    assert.equal(worker.dead, true);
    assert.equal(isAlive(worker.pid), false);
    worker.send({ type: 'pause', run: 'nobody hears this' });
  });

  test('tells each listener of its end once, late ones too, and those who left not at all', async () => {
    const worker = createWorker();
    await worker.ready;
    const told: [string, WorkerExit['signal']][] = [];
    const listen = (run: string) =>
      worker.listen(run, { hear: () => undefined, gone: ({ signal }) => told.push([run, signal]) });
    listen('a');
    listen('b');
    worker.unlisten('b');
    worker.kill();
    await worker.exited;
    listen('late');
    assert.deepEqual(told, [
      ['a', 'SIGKILL'],
      ['late', 'SIGKILL'],
    ]);
  });

  test('that may not compile is told so', async () => {
    const worker = new WorkerProcess({ heapBytes: HEAP_BYTES, compiles: false });
    created.push(worker);
    await worker.ready;
    assert.match(
      readFileSync(`/proc/${worker.pid}/cmdline`, 'utf8'),
      /--jitless\0|--no-opt\0--no-maglev\0/,
    );
    const other = createWorker();
    await other.ready;
    assert.doesNotMatch(readFileSync(`/proc/${other.pid}/cmdline`, 'utf8'), /--no-opt|--jitless/);
  });

  test('starts with an empty environment', async () => {
    process.env.CORRAL_TEST_SECRET = 'secret';
    const worker = await createImpostor(
      `send({ type: 'ready', isolatedVm: String(process.env.CORRAL_TEST_SECRET) });`,
    );
    await worker.ready;
    assert.equal(worker.isolatedVm, 'undefined');
  });

  test('that cannot start is told with what it said', async () => {
    const worker = await createImpostor(`console.error('no such library'); process.exit(7);`);
    await assert.rejects(worker.ready, (error) => {
      assert.ok(error instanceof CorralError);
      assert.equal(error.code, 'worker-start');
      assert.match(error.message, /no such library/);
      return true;
    });
    assert.equal((await worker.exited).exitCode, 7);
  });

  test('whose program is missing is told too', async () => {
    const worker = await withWorkersFrom(join(dir, 'nothing-here'), createWorker);
    await assert.rejects(worker.ready, { code: 'worker-start' });
    await worker.exited;
  });
});

describe('a worker that breaks the protocol is killed, and says why', () => {
  const violations: Record<string, string> = {
    'text that is no JSON': `send('{"type": ');`,
    'a frame of 4 GB': `channel.write(Buffer.from([255, 255, 255, 255]));`,
    'a message nobody knows': `send({ type: 'obey' });`,
    'a message that is no object': `send('null');`,
    'a run that is no text': `send({ type: 'paused', run: 5 });`,
    'a log line over its bound': `send({ type: 'log', run: 'r', level: 'info', text: 'x'.repeat(70000) });`,
    'a level nobody knows': `send({ type: 'log', run: 'r', level: '__proto__', text: '' });`,
    'usage that is no number': `send({ type: 'sample', run: 'r', realm: 0, beacon: 0, heapUsed: null, heapTotal: 0, external: 0, rss: 0, cpuMs: 0 });`,
    'CPU below 0': `send({ type: 'done', run: 'r', realm: 0, cpuMs: -1, value: '1', error: null, tooLong: false });`,
    'a realm below 0': `send({ type: 'limit', run: 'r', realm: -1, name: 'cpu', measured: 1, beacon: 0 });`,
    'frames without end': `send({ type: 'examined', run: 'r', realm: 0, asleep: false, frames: Array(100).fill({ functionName: '', realm: 0, line: 1, column: 1, async: false, locals: [] }), pending: [], heapStatistics: null, beacon: 0, cpuMs: 0 });`,
  };
  for (const [name, body] of Object.entries(violations)) {
    test(name, async () => {
      const worker = await createImpostor(`ready(); ${body}`);
      const heard: FromWorker[] = [];
      worker.listen('r', { hear: (message) => heard.push(message), gone: () => undefined });
      const exit = await worker.exited;
      assert.equal(exit.signal, 'SIGKILL');
      assert.match(exit.stderr, /protocol: /);
      assert.ok(exit.stderr.length < 1000);
      assert.deepEqual(heard, []);
    });
  }
});

describe('a worker that is only strange is borne', () => {
  test('messages for runs it does not have go nowhere', async () => {
    const worker = await createImpostor(
      `ready(); send({ type: 'paused', run: 'nobody' }); send({ type: 'paused', run: '__proto__' }); send({ type: 'paused', run: 'r' });`,
    );
    const heard: string[] = [];
    worker.listen('r', { hear: ({ type }) => heard.push(type), gone: () => undefined });
    await until('its last message', () => heard.length > 0);
    assert.deepEqual(heard, ['paused']);
  });

  test('what it writes to stderr is bounded', async () => {
    const worker = await createImpostor(
      `for (let i = 0; i < 200; i++) fs.writeSync(2, 'x'.repeat(10000)); fs.writeSync(2, 'the end'); process.exit(1);`,
    );
    const { stderr } = await worker.exited;
    assert.ok(stderr.length <= 8192);
    assert.match(stderr, /the end$/);
  });

  test('one that no longer reads is killed before it fills the memory', async () => {
    const worker = await createImpostor(`ready();`);
    await worker.ready;
    const value = 'x'.repeat(8 * 1024 * 1024);
    const answer = { type: 'answer', run: 'r', realm: 0, id: 0, value, error: null } as const;
    for (let sent = 0; sent < 12 && !worker.dead; sent++) worker.send(answer);
    assert.equal((await worker.exited).signal, 'SIGKILL');
  });
});
