import assert from 'node:assert/strict';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { diesWithItsSupervisor } from '../../../src/supervisor/walls/orphaning.ts';
import { readWalls } from '../../../src/supervisor/walls/walls.ts';
import { WorkerProcess } from '../../../src/supervisor/worker-process.ts';
import { withWorkersFrom, writeImpostor } from '../support/impostor.ts';
import { lone } from '../support/lone.ts';
import { descendants, isAlive, until } from '../support/processes.ts';
import { scratchDir } from '../support/scratch.ts';

const dir = scratchDir();
const created: WorkerProcess[] = [];
after(() => {
  for (const worker of created) worker.kill();
});

async function start(): Promise<WorkerProcess> {
  const worker = new WorkerProcess({ heapBytes: 64 * 1024 * 1024 });
  created.push(worker);
  await worker.ready;
  return worker;
}

const stands = (id: string) => readWalls().some((wall) => wall.id === id && wall.up);
const read = (pid: number, file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8');
const linksOf = (pid: number) =>
  readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));

describe('a worker inside its walls', () => {
  test('is known by the pid of its own process, not of what started it', async () => {
    const worker = await start();
    assert.match(read(worker.pid, 'cmdline'), /^[^\0]*node\0--permission\0.*worker\.[jt]s\0/);
    assert.ok(worker.restUsage.rssBytes > 20 * 1024 * 1024, 'and that one is measured');
  });

  test('is gone with all that stood around it once it was killed', async () => {
    const before = new Set(descendants(process.pid));
    const worker = await start();
    const added = descendants(process.pid).filter((pid) => !before.has(pid));
    assert.ok(added.includes(worker.pid));
    worker.kill();
    assert.equal((await worker.exited).signal, 'SIGKILL');
    assert.equal(existsSync(`/proc/${worker.pid}`), false);
    await until('all of it is gone', () => !added.some(isAlive));
  });

  test('is gone too where only what stands around it was killed, however early', {
    skip: !stands('network') && 'no bwrap',
  }, async () => {
    // bubblewrap's process in the namespace waits for the other for some ms; then it would wait for ever.
    for (let n = 0; n < 10; n++) {
      const worker = new WorkerProcess({ heapBytes: 64 * 1024 * 1024 });
      created.push(worker);
      worker.ready.catch(() => undefined);
      const outer = worker.pid;
      const from = performance.now();
      let inner: number[] = [];
      while (inner.length === 0 && performance.now() - from < 2000) inner = descendants(outer);
      process.kill(outer, 'SIGKILL');
      assert.equal((await worker.exited).signal, 'SIGKILL');
      await until('all of it is gone', () => !inner.some(isAlive));
    }
  });

  test('that dies by itself is told with the signal it died of', async () => {
    const impostor = writeImpostor(dir, `ready(); setTimeout(() => process.abort(), 20);`);
    const worker = await withWorkersFrom(impostor, start);
    const exit = await worker.exited;
    assert.deepEqual([exit.signal, exit.exitCode], ['SIGABRT', null]);
  });

  test('cannot write a core dump, and gives way', {
    skip: !stands('core-dumps') && 'no prlimit',
  }, async () => {
    const { pid } = await start();
    assert.match(read(pid, 'limits'), /^Max core file size +0 +0 /m);
    const nice = Number(read(pid, 'stat').split(') ').at(-1)?.split(' ')[16]);
    assert.ok(nice >= 5, `nice value ${nice}`);
  });

  test('gives way as a session too, the more with a macro that is not known to be calm', {
    skip: !existsSync('/proc/self/autogroup') && 'a kernel that does not group by session',
  }, async () => {
    const worker = await start();
    const nice = () => Number(/nice (\d+)/.exec(read(worker.pid, 'autogroup'))?.[1]);
    await until('it gives way', () => nice() === 5);
    worker.giveWay(10);
    await until('it gives way to calm ones', () => nice() === 10);
    worker.giveWay(5);
    await until('it is calm again', () => nice() === 5);
  });

  test('can gain no privileges and has none', {
    skip: !stands('privileges') && 'neither bwrap nor setpriv',
  }, async () => {
    const status = read((await start()).pid, 'status');
    assert.match(status, /^NoNewPrivs:\t1$/m);
    assert.match(status, /^CapEff:\t0+$/m);
  });

  test('has a network, a file system and processes of its own', {
    skip: !stands('network') && 'no bwrap',
  }, async () => {
    const { pid } = await start();
    for (const kind of ['net', 'mnt', 'pid', 'ipc', 'uts'])
      assert.notEqual(
        readlinkSync(`/proc/${pid}/ns/${kind}`),
        readlinkSync(`/proc/self/ns/${kind}`),
        kind,
      );
    const mounts = read(pid, 'mountinfo').trim().split('\n');
    assert.ok(mounts.some((mount) => / \/proc /.test(mount)));
    // /proc too: in it are settings of the kernel, which root could write.
    for (const mount of mounts) assert.match(mount, / ro,/, 'nothing may be written');
  });
});

describe('a worker', () => {
  test('gets no descriptor that its supervisor was handed', async () => {
    const secret = writeImpostor(dir, '// a file that is open');
    const fd = openSync(secret, 'r');
    // Low ones Node closes to its children itself, up to the first gap; these are the others.
    const gap = Array.from({ length: 40 }, () => 'ignore' as const);
    const { pids, kill } = await lone(dir, `log('up'); await sleep(60_000)`, fd, ...gap, fd, fd);
    closeSync(fd);
    try {
      for (const pid of pids) {
        const links = linksOf(pid);
        assert.ok(links.length > 3);
        assert.ok(!links.includes(secret), links.join(' '));
      }
    } finally {
      await kill();
    }
  });

  test('inside one built-in that never ends dies with its supervisor', {
    skip: !stands('lifetime') && 'neither bwrap nor setpriv',
  }, async () => {
    const { pids, kill } = await lone(
      dir,
      `log('up'); await sleep(1); Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1);`,
    );
    assert.ok(pids.length >= 2 && pids.every(isAlive), pids.join(' '));
    await kill();
    await until('the workers died', () => !pids.some(isAlive));
  });

  test(
    'whose main thread answers to nothing dies with it too',
    { skip: !stands('lifetime') && 'neither bwrap nor setpriv' },
    async () => assert.equal(await diesWithItsSupervisor(15_000), true),
  );
});

test('what is kept alive for, and not, again and again, adds nothing to pipes that are closed', async () => {
  const worker = await start();
  const warned: string[] = [];
  const note = (warning: Error) => warned.push(warning.message);
  process.on('warning', note);
  worker.kill();
  await worker.exited;
  for (let n = 0; n < 20; n++) worker.ref(n % 2 === 0);
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', note);
  assert.deepEqual(warned, []);
});
