import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { ControlGroups } from '../../../src/supervisor/host/control-groups.ts';
import { EventLoopMeter } from '../../../src/supervisor/host/event-loop.ts';
import { GpuMeter } from '../../../src/supervisor/host/gpu.ts';
import { KernelFiles } from '../../../src/supervisor/host/kernel-files.ts';
import { readOpenFiles } from '../../../src/supervisor/host/open-files.ts';
import { readStalls } from '../../../src/supervisor/host/stalls.ts';
import { readThreads } from '../../../src/supervisor/host/threads.ts';
import { type Files, groupFiles, inGroup2, inGroups1, machineOf } from '../support/machine.ts';
import { until } from '../support/processes.ts';
import { scratchDir } from '../support/scratch.ts';

const NO_PROC = { skip: process.platform !== 'linux' && 'no /proc here' };
const limits = (name: string, soft: number | string): Files => ({
  '/proc/self/limits': `Limit                     Soft Limit           Hard Limit           Units\n${name.padEnd(26)}${String(soft).padEnd(21)}unlimited            files\n`,
});

describe('open files', () => {
  const open = (count: number): Files =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`/proc/self/fd/${at}`, '']));

  test('count against what this process may open', () => {
    const { files } = machineOf({ ...open(30), ...limits('Max open files', 40) });
    const reading = readOpenFiles(files);
    assert.deepEqual([reading?.used, reading?.limit, reading?.of], [30, 40, 'process']);
  });

  test('count against what the machine may open, where that is tighter', () => {
    const { files } = machineOf({
      ...open(3),
      ...limits('Max open files', 40),
      '/proc/sys/fs/file-nr': '900\t0\t1000\n',
    });
    assert.deepEqual([readOpenFiles(files)?.share, readOpenFiles(files)?.of], [0.9, 'machine']);
  });

  test('without a limit, or untold, are not read', () => {
    const unlimited = { ...open(3), ...limits('Max open files', 'unlimited') };
    for (const some of [unlimited, {}, { '/proc/sys/fs/file-nr': 'x y z' }])
      assert.equal(readOpenFiles(machineOf(some).files), null);
  });

  test('of this process are counted', NO_PROC, () => {
    const reading = readOpenFiles(new KernelFiles());
    assert.ok((reading?.used ?? 0) > 2 && (reading?.share ?? 2) <= 1);
  });
});

describe('threads', () => {
  const read = (some: Files) => {
    const { files } = machineOf(some);
    const reading = readThreads(files, new ControlGroups(files));
    return reading && `${reading.of} ${reading.used}/${reading.limit}`;
  };
  const machine = {
    '/proc/loadavg': '0.1 0.2 0.3 1/400 1234\n',
    '/proc/sys/kernel/threads-max': '1000\n',
    '/proc/sys/kernel/pid_max': '500\n',
  };

  test('count against the tighter of what the machine may have', () => {
    assert.equal(read(machine), 'machine 400/500');
  });

  test('count against every group around this process', () => {
    const pids = (own: number | string, above: number | string) => ({
      ...inGroups1({ pids: '/a' }),
      ...groupFiles('pids/a', { 'pids.current': 45, 'pids.max': own }),
      ...groupFiles('pids', { 'pids.current': 90, 'pids.max': above }),
    });
    assert.equal(read({ ...machine, ...pids(50, 'max') }), 'cgroup 45/50');
    assert.equal(read({ ...machine, ...pids('max', 95) }), 'cgroup 90/95');
    assert.equal(read({ ...machine, ...pids('max', 'max') }), 'machine 400/500');
  });

  test('of a user are counted process by process only where they may be many', () => {
    // A user's limit does not hold for root: where root runs this test, the files are given to somebody else.
    const own = process.getuid?.() ?? 0;
    const uid = own || 7;
    const running = (threads: number) => `Name: x\nThreads:\t${threads}\n`;
    const user = machineOf({
      ...machine,
      '/proc/self/status': `Uid:\t${uid}\t${uid}\n`,
      '/proc/11/status': running(20),
      '/proc/12/status': running(30),
      '/proc/sys/kernel/pid_max': '100000\n',
      '/proc/sys/kernel/threads-max': '100000\n',
    });
    if (own === 0) for (const pid of [11, 12]) user.chown(`/proc/${pid}`, uid);
    const used = () => {
      const reading = readThreads(user.files, new ControlGroups(user.files));
      return [reading?.of, reading?.used, reading?.limit];
    };
    user.write(limits('Max processes', 2000));
    assert.deepEqual(used(), ['process', 400, 2000]);
    user.write(limits('Max processes', 60));
    assert.deepEqual(used(), ['process', 50, 60]);
  });

  test("of root have no user's limit", () => {
    const root = { ...machine, '/proc/self/status': 'Uid:\t0\t0\t0\t0\n' };
    assert.equal(read({ ...root, ...limits('Max processes', 10) }), 'machine 400/500');
  });

  test('untold are not read', () => {
    assert.equal(read({}), null);
    assert.equal(read({ '/proc/loadavg': 'x', '/proc/sys/kernel/pid_max': 'max' }), null);
  });

  test('of this machine are read', NO_PROC, () => {
    const files = new KernelFiles();
    assert.ok((readThreads(files, new ControlGroups(files))?.used ?? 0) > 0);
  });
});

describe('stalls', () => {
  const psi = (some: number, full: number) =>
    `some avg10=${some.toFixed(2)} avg60=0.00 avg300=0.00 total=1\nfull avg10=${full.toFixed(2)} avg60=0.00 avg300=0.00 total=1\n`;
  const read = (some: Files) => {
    const { files } = machineOf(some);
    return readStalls(files, new ControlGroups(files)).map(
      ({ what, of, share }) => `${what} ${of} ${share}`,
    );
  };

  test('count where all wait for memory or disks, and where anybody waits for a processor', () => {
    const machine = {
      '/proc/pressure/memory': psi(50, 25),
      '/proc/pressure/cpu': psi(75, 0),
      '/proc/pressure/io': psi(90, 5),
    };
    assert.deepEqual(read(machine), [
      'memory-stall machine 0.25',
      'cpu-stall machine 0.75',
      'io-stall machine 0.05',
    ]);
  });

  test("of this process's own group count where that waits more", () => {
    const machine = {
      ...inGroup2('/a'),
      '/proc/pressure/memory': psi(1, 1),
      ...groupFiles('a', { 'memory.pressure': psi(60, 40), 'io.pressure': psi(30, 20) }),
    };
    assert.deepEqual(read(machine), ['memory-stall cgroup 0.4', 'io-stall cgroup 0.2']);
  });

  test('are not read where the kernel does not count them', () => {
    assert.deepEqual(read({}), []);
    assert.deepEqual(read({ '/proc/pressure/memory': 'full avg10=lots avg60=0\n' }), []);
  });
});

describe('the event loop', () => {
  test('is late by what holds it up, and is not told before anything was seen', async () => {
    const meter = new EventLoopMeter();
    assert.equal(meter.read(), null);
    assert.equal(meter.start(), true);
    assert.equal(meter.start(), false);
    try {
      await until('a try', () => meter.read() !== null);
      const block = () => {
        const from = performance.now();
        while (performance.now() - from < 350);
      };
      const blocking = setInterval(block, 0);
      let worst = 0;
      try {
        await until('a late loop', () => {
          worst = Math.max(worst, meter.read()?.used ?? 0);
          return worst > 150;
        });
      } finally {
        clearInterval(blocking);
      }
    } finally {
      meter.stop();
    }
    assert.equal(meter.read(), null);
  });
});

describe('graphics cards', () => {
  const dir = scratchDir();
  const { PATH } = process.env;
  after(() => {
    process.env.PATH = PATH;
  });

  /** Puts a program named nvidia-smi first in PATH. */
  function install(script: string): void {
    const folder = mkdtempSync(join(dir, 'bin-'));
    const path = join(folder, 'nvidia-smi');
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    process.env.PATH = `${folder}${delimiter}${PATH}`;
  }

  test('are asked for the memory of each, and the fullest counts', async () => {
    install(`echo "$@" > "${dir}/asked"; printf '512, 8192\\n6144, 8192\\n[N/A], [N/A]\\n'`);
    const meter = new GpuMeter();
    meter.ask(0);
    await until('an answer', () => meter.reading !== null);
    const { what, of, share, unit } = meter.reading ?? {};
    assert.deepEqual([what, of, share, unit], ['gpu-memory', 'machine', 0.75, 'bytes']);
  });

  test('are asked rarely, and one question at a time', async () => {
    install(`echo x >> "${dir}/count"; printf '1, 2\\n'`);
    const meter = new GpuMeter();
    const asked = () => new KernelFiles().text(join(dir, 'count'))?.length ?? 0;
    meter.ask(0);
    meter.ask(70_000);
    await until('an answer', () => meter.reading !== null);
    meter.ask(59_000);
    assert.equal(asked(), 2);
    meter.ask(130_000);
    await until('a second question', () => asked() === 4);
    meter.stop();
  });

  test('that answer with an error, or nonsense, are not told', async () => {
    for (const script of ['printf "1, 2\\n"; exit 9', `echo x > ${dir}/done; echo nonsense`]) {
      install(script);
      const meter = new GpuMeter();
      meter.reading = {
        what: 'gpu-memory',
        of: 'machine',
        share: 1,
        used: 1,
        limit: 1,
        unit: 'bytes',
      };
      meter.ask(0);
      await until('an answer', () => meter.reading === null);
    }
  });

  test('are not asked again where there is no such program', async () => {
    process.env.PATH = dir;
    const meter = new GpuMeter();
    meter.ask(0);
    await until('the answer that there is none', () => meter.isAbsent);
    install('printf "1, 2\\n"');
    meter.ask(100_000);
    assert.equal(meter.reading, null);
  });

  test('that hang are asked no more once nobody wants to know', async () => {
    install(`echo $$ > "${dir}/pid"; exec sleep 600`);
    const meter = new GpuMeter();
    meter.ask(0);
    const pid = () => Number(new KernelFiles().text(join(dir, 'pid')) ?? 0);
    await until('the question', () => pid() > 0);
    meter.stop();
    await until('its end', () => new KernelFiles().text(`/proc/${pid()}/stat`) === null);
  });
});
