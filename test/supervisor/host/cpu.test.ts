import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ControlGroups } from '../../../src/supervisor/host/control-groups.ts';
import { CpuMeter } from '../../../src/supervisor/host/cpu.ts';
import { KernelFiles } from '../../../src/supervisor/host/kernel-files.ts';
import {
  type Files,
  groupFiles,
  inGroup2,
  inGroups1,
  type Machine,
  machineOf,
} from '../support/machine.ts';

/** /proc/stat after so much busy and idle time (ticks). */
const stat = (busy: number, idle: number): Files => ({
  '/proc/stat': `cpu  ${busy} 0 0 ${idle} 0 0 0 0 0 0\ncpu0 1 1 1 1\n`,
});

function meterOf(machine: Machine): CpuMeter {
  return new CpuMeter(machine.files, new ControlGroups(machine.files));
}

describe('the processors', () => {
  test('are read from one look to the next, not at the first', () => {
    const machine = machineOf(stat(100, 100));
    const meter = meterOf(machine);
    assert.equal(meter.read(0), null);
    machine.write(stat(175, 125));
    const reading = meter.read(1000);
    assert.deepEqual([reading?.of, reading?.share], ['machine', 0.75]);
  });

  test('are in use in all they do but waiting', () => {
    const machine = machineOf({ '/proc/stat': 'cpu 0 0 0 0 0 0 0 0 0 0\n' });
    const meter = meterOf(machine);
    meter.read(0);
    // User, nice, system, irq, softirq and steal are work; idle and iowait are not; guests are in user already.
    machine.write({ '/proc/stat': 'cpu 10 10 10 20 20 10 10 10 99 99\n' });
    assert.equal(meter.read(1000)?.share, 0.6);
  });

  test('are looked at over five looks: a short peak is hardly seen', () => {
    const machine = machineOf(stat(0, 0));
    const meter = meterOf(machine);
    meter.read(0);
    let busy = 0;
    let idle = 0;
    const share = (more: number) => {
      busy += more;
      idle += 100 - more;
      machine.write(stat(busy, idle));
      return meter.read(0)?.share;
    };
    for (let look = 0; look < 4; look++) share(0);
    assert.equal(share(100), 0.2);
    for (let look = 0; look < 3; look++) share(100);
    assert.equal(share(100), 1);
  });

  test('of a group of version 2 count against its quota, where that is tighter', () => {
    const usage = (ms: number) => ({
      ...groupFiles('a', { 'cpu.max': '50000 100000', 'cpu.stat': `usage_usec ${ms * 1000}` }),
      ...groupFiles('', { 'cpu.max': 'max 100000', 'cpu.stat': 'usage_usec 1' }),
    });
    const machine = machineOf({ ...inGroup2('/a'), ...stat(0, 0), ...usage(0) });
    const meter = meterOf(machine);
    meter.read(0);
    // 400 ms of the 500 ms that half a processor has in a second.
    machine.write({ ...stat(20, 80), ...usage(400) });
    const reading = meter.read(1000);
    assert.deepEqual([reading?.of, reading?.share], ['cgroup', 0.8]);
    machine.write({ ...stat(200, 80), ...usage(400) });
    assert.equal(meter.read(2000)?.of, 'machine');
  });

  test('of a group of version 1 are counted where its usage is, mounted together or apart', () => {
    for (const apart of [false, true]) {
      const name = apart ? 'cpu' : 'cpu,cpuacct';
      const counting = apart ? 'cpuacct/a' : `${name}/a`;
      const groups = inGroups1(apart ? { cpu: '/a', cpuacct: '/a' } : { [name]: '/a' });
      const usage = (ms: number) => ({
        ...groupFiles(`${name}/a`, { 'cpu.cfs_quota_us': 200_000, 'cpu.cfs_period_us': 100_000 }),
        ...groupFiles(counting, { 'cpuacct.usage': ms * 1e6 }),
        ...groupFiles(name, { 'cpu.cfs_quota_us': -1, 'cpu.cfs_period_us': 100_000 }),
      });
      const machine = machineOf({ ...groups, ...usage(1000) });
      const meter = meterOf(machine);
      meter.read(0);
      machine.write(usage(2000));
      const reading = meter.read(1000);
      assert.deepEqual([reading?.of, reading?.share], ['cgroup', 0.5], name);
    }
  });

  test('are never more than all, nor less than none', () => {
    const machine = machineOf(stat(100, 100));
    const meter = meterOf(machine);
    meter.read(0);
    machine.write(stat(300, 50));
    assert.equal(meter.read(1000)?.share, 1);
    // A machine that was restored from a snapshot counts from anywhere.
    machine.write(stat(10, 400));
    assert.equal(meter.read(2000)?.share, 0);
  });

  test('are not read where the machine does not tell, or tells nonsense', () => {
    for (const text of ['', 'cpu\n', 'cpu a b c d\n', 'cpu0 1 2 3 4\n', 'intr 5\n']) {
      const machine = machineOf({ '/proc/stat': text });
      const meter = meterOf(machine);
      meter.read(0);
      assert.equal(meter.read(1000), null, JSON.stringify(text));
    }
  });

  test('are looked at anew after a time without looks', () => {
    const machine = machineOf(stat(0, 0));
    const meter = meterOf(machine);
    meter.read(0);
    meter.forget();
    machine.write(stat(100, 0));
    assert.equal(meter.read(1000), null);
  });

  test('of this machine are read', {
    skip: process.platform !== 'linux' && 'no /proc here',
  }, () => {
    const files = new KernelFiles();
    const meter = new CpuMeter(files, new ControlGroups(files));
    meter.read(performance.now());
    const from = performance.now();
    // The kernel counts in steps of 10 ms.
    while (performance.now() - from < 60);
    const share = meter.read(performance.now())?.share ?? Number.NaN;
    assert.ok(share > 0 && share <= 1, String(share));
  });
});
