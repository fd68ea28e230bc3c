// Owns what `corral doctor` tries by running macros: that Corral works here at all, and that memory has a ceiling.

import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Corral, createCorral } from '../../corral.ts';
import { toMessage } from '../../model/errors.ts';
import type { WallCheck } from '../../model/wall.ts';

/** One thing that has to work. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly found: string;
}

const MB = 1024 * 1024;
const NODE_MAJOR = '24';
const HEAP_MB = 32;
/** What a process may take above its limit before it is gone (MB). */
const ABOVE_MB = 128;
/** How often a worker's memory is looked at here (ms). */
const LOOK_MS = 5;

/** Checks Node, isolated-vm and the clocks. Throws for nothing. */
export async function checkMachinery(): Promise<readonly Check[]> {
  const node = {
    name: 'node',
    ok: process.versions.node.startsWith(`${NODE_MAJOR}.`),
    found: `${process.versions.node}; Corral runs on ${NODE_MAJOR}`,
  };
  try {
    return await inCorral(async (corral) => [
      node,
      await checkIsolate(corral),
      await checkClock(corral),
    ]);
  } catch (error) {
    return [node, { name: 'worker', ok: false, found: toMessage(error) }];
  }
}

async function checkIsolate(corral: Corral): Promise<Check> {
  const { value, reason, message } = await corral.start('return 1 + 1').result;
  const ok = value === 2;
  return {
    name: 'isolated-vm',
    ok,
    found: ok ? 'runs 1 + 1, which is 2' : `${reason}: ${message}`,
  };
}

async function checkClock(corral: Corral): Promise<Check> {
  const { reason, cpuMs } = await corral.start('for (;;);', {
    lint: false,
    limits: { cpu: '50ms', wall: '20s' },
  }).result;
  const ok = reason === 'cpu-limit';
  return {
    name: 'cpu clock',
    ok,
    found: `a loop that may use 50ms ended as ${reason} after ${Math.round(cpuMs)}ms`,
  };
}

/**
 * Lets a macro ask for memory without end, and looks from outside at what its process got.
 * @param kernel what is known of the wall from trying what the kernel does
 */
export async function checkMemory(kernel: WallCheck): Promise<WallCheck> {
  const { reason, baseBytes, peakBytes } = await inCorral(growWithoutEnd);
  const aboveMb = Math.round((peakBytes - baseBytes) / MB);
  const isKnown = peakBytes > 0;
  const holds = reason === 'heap-limit' && aboveMb <= HEAP_MB + ABOVE_MB;
  return {
    ...kernel,
    state: isKnown && !holds ? 'broken' : kernel.state,
    tried: [
      ...kernel.tried,
      `grow an array for ever with ${HEAP_MB}mb of heap: ended as ${reason}, the process grew by at most ${aboveMb}mb`,
    ],
  };
}

async function growWithoutEnd(corral: Corral) {
  await corral.start('return 1').result;
  const [pid = -1] = corral.workerPids;
  const baseBytes = residentBytes(pid);
  let peakBytes = 0;
  const timer = setInterval(() => {
    peakBytes = Math.max(peakBytes, ...corral.workerPids.map(residentBytes));
  }, LOOK_MS);
  const macro = 'const all = []; for (;;) all.push(new Array(100_000).fill(all.length));';
  const limits = { heap: `${HEAP_MB}mb`, cpu: '10s', wall: '20s' };
  const { reason } = await corral.start(macro, { lint: false, limits }).result;
  clearInterval(timer);
  return { reason, baseBytes, peakBytes };
}

function residentBytes(pid: number): number {
  try {
    const rss = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return Number(rss?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

async function inCorral<Result>(use: (corral: Corral) => Promise<Result>): Promise<Result> {
  const dumpDir = await mkdtemp(join(tmpdir(), 'corral-doctor-'));
  try {
    await using corral = createCorral({
      dumpDir,
      dump: 'never',
      share: false,
      workers: { max: 1, warm: 1 },
    });
    return await use(corral);
  } finally {
    await rm(dumpDir, { recursive: true, force: true });
  }
}
