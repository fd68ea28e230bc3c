// The probe: started as a worker is, it tries to get through each wall, and tells on descriptor 3 what came of it. Started
// by path, never imported; only `corral doctor` starts it, and it runs no macro.

import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { connect } from 'node:net';
import { getPriority } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { AttemptId, KnockOrder, ProbeOrder, ProbeReport } from '../model/probe.ts';

const told = JSON.parse(process.argv[2] ?? '') as ProbeOrder;
/** What has not answered by then was held back (ms). */
const ANSWER_MS = 2_000;
/** Memory is taken in pieces of this (bytes). */
const HOLD_BYTES = 4 * 1024 * 1024;

if (told.mode === 'spin') {
  writeSync(3, 'here\n');
  for (;;);
}
if (told.mode === 'grow') {
  writeSync(3, 'here\n');
  hold(told.bytesMax);
}
const order = told as KnockOrder;

/** In this order: the last may change what the probe is. */
const attempts: Record<AttemptId, () => unknown> = {
  'read-passwd': () => `${readFileSync('/etc/passwd').length} bytes`,
  'list-home': () => `${readdirSync(order.home).length} files`,
  'write-temp': () => writeFileSync(order.temp, ''),
  'write-own': () => writeFileSync(order.own, ''),
  'write-root': () => writeFileSync(order.root, ''),
  // Opened only: nothing is written, it is the whole machine's.
  'open-setting': () => closeSync(openSync('/proc/sys/kernel/core_pattern', 'r+')),
  'connect-tcp': () => connectTo(order.tcpPort),
  'send-udp': () => sendTo(order.udpPort),
  'look-up-name': async () => (await lookup('example.com')).address,
  'start-process': () => startProcess(),
  'start-thread': () => startThread(),
  'signal-outside': () => process.kill(order.pid, 0),
  'change-user': () => process.setuid?.(process.getuid?.() === 0 ? 65_534 : 0),
};

async function attempt(id: AttemptId): Promise<ProbeReport['attempts'][number]> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('no answer')), ANSWER_MS);
  try {
    const result = await Promise.race([(async () => await attempts[id]())(), late.promise]);
    return { id, done: true, detail: typeof result === 'string' ? result : 'done' };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { id, done: false, detail: String(code ?? message).slice(0, 300) };
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for a byte on descriptor 3, then takes memory and never gives it back; tells once it has all it may. */
function hold(bytesMax: number): never {
  for (const poll = new Int32Array(new SharedArrayBuffer(4)); !hasByte(); )
    Atomics.wait(poll, 0, 0, 5);
  const all: Buffer[] = [];
  while (all.length * HOLD_BYTES < bytesMax) all.push(Buffer.alloc(HOLD_BYTES, 1));
  writeSync(3, `${all.length}\n`);
  process.exit();
}

/** The descriptor does not block, and this thread has nothing else to do. */
function hasByte(): boolean {
  try {
    return readSync(3, Buffer.alloc(1)) === 1;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return false;
    throw error;
  }
}

function connectTo(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port }, () => {
      socket.destroy();
      resolve();
    });
    socket.on('error', reject);
  });
}

function sendTo(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.on('error', reject);
    socket.send('x', port, '127.0.0.1', (error) => {
      socket.close();
      if (error) reject(error);
      else resolve();
    });
  });
}

function startProcess(): Promise<void> {
  return new Promise((resolve, reject) => {
    spawn('/bin/sh', ['-c', ':'], { stdio: 'ignore' })
      .on('error', reject)
      .on('exit', () => resolve());
  });
}

function startThread(): Promise<void> {
  return new Promise((resolve, reject) => {
    new Worker('', { eval: true }).on('error', reject).on('exit', () => resolve());
  });
}

/** What the kernel tells this process about itself; null where Node does not let it look. */
function look<Seen>(see: () => Seen): Seen | null {
  try {
    return see();
  } catch {
    return null;
  }
}

const field = (file: string, pattern: RegExp): string | null =>
  look(() => pattern.exec(readFileSync(file, 'utf8'))?.[1] ?? '');

function linkOf(fd: string): string[] {
  const link = look(() => readlinkSync(`/proc/self/fd/${fd}`));
  return link === null ? [] : [link.slice(0, 300)];
}

// Looked at first: what the attempts open and start is not to be seen.
const noNewPrivileges = field('/proc/self/status', /^NoNewPrivs:\s+(\d)/m);
const seen = {
  environment: Object.keys(process.env)
    .slice(0, 200)
    .map((name) => name.slice(0, 300)),
  descriptors: look(() => readdirSync('/proc/self/fd').slice(0, 1000).flatMap(linkOf)),
  noNewPrivileges: noNewPrivileges === null ? null : noNewPrivileges === '1',
  capabilities: field('/proc/self/status', /^CapEff:\s+(\w+)/m),
  processes: look(() => readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length),
  threads: look(() => readdirSync('/proc/self/task').length),
  coreBytes: field('/proc/self/limits', /^Max core file size\s+(\w+)/m),
  nice: getPriority(),
  sessionNice: field('/proc/self/autogroup', /nice (-?\d+)/),
};
const made: ProbeReport['attempts'] = [];
for (const id of Object.keys(attempts) as AttemptId[]) made.push(await attempt(id));
writeSync(3, `${JSON.stringify({ ...seen, attempts: made } satisfies ProbeReport)}\n`);
process.exit();
