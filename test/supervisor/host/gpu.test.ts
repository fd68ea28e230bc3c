// A program that cannot be started is no reason to kill anybody: for a child that was never there, Node kills whatever number
// it finds in memory, and 0 is everybody in the process group of whoever asks. A whole run of this suite died of that.

import assert from 'node:assert/strict';
import { ChildProcess } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { GpuMeter } from '../../../src/supervisor/host/gpu.ts';
import { tempDir } from '../../support/temp.ts';
import { until } from '../support/processes.ts';

const { PATH } = process.env;
const kill = ChildProcess.prototype.kill;
const killed: (number | undefined)[] = [];
before(() => {
  ChildProcess.prototype.kill = function killNoted(this: ChildProcess, signal) {
    killed.push(this.pid);
    return this.pid !== undefined && kill.call(this, signal);
  };
});
after(() => {
  ChildProcess.prototype.kill = kill;
  process.env.PATH = PATH;
});

/** Asks with nothing but this program's text to find, and stops at once. */
function askAndStop(program: string | null): GpuMeter {
  const temp = tempDir();
  after(() => temp[Symbol.dispose]());
  if (program !== null) {
    writeFileSync(join(temp.path, 'nvidia-smi'), program);
    chmodSync(join(temp.path, 'nvidia-smi'), 0o755);
  }
  process.env.PATH = temp.path;
  killed.length = 0;
  const meter = new GpuMeter();
  meter.ask(0);
  meter.stop();
  return meter;
}

test('where there is no nvidia-smi, whoever stops asking at once kills nobody', async () => {
  const meter = askAndStop(null);
  await until('it to be known', () => meter.isAbsent);
  assert.deepEqual(killed, []);
});

test('and where there is one that cannot be started', async () => {
  const meter = askAndStop('#!/nowhere/at/all\n');
  await until('it to be known', () => meter.isAbsent);
  assert.deepEqual(killed, []);
});

test('one that is answering is killed', () => {
  askAndStop('#!/bin/sh\nwhile :; do :; done\n');
  assert.equal(typeof killed[0], 'number');
});
