// Owns what comes over the house from outside during the soak: workers killed at random, memory taken by somebody else.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Corral } from '../../src/corral.ts';

/** How the storm blows. */
export interface StormOptions {
  readonly corral: Corral;
  readonly random: () => number;
  /** Between two kills (ms), on average. */
  readonly killEveryMs: number;
  /** What another program takes, for how long, and how often (bytes, ms). */
  readonly hogBytes: number;
  readonly hogMs: number;
  readonly hogEveryMs: number;
}

/** What the storm has done so far. */
export interface StormTally {
  workersKilled: number;
  hogs: number;
}

/** Blows until the signal aborts; resolves once nothing of it is left. */
export async function blow(
  { corral, random, killEveryMs, hogBytes, hogMs, hogEveryMs }: StormOptions,
  signal: AbortSignal,
): Promise<StormTally> {
  const tally: StormTally = { workersKilled: 0, hogs: 0 };
  const kills = repeat(
    signal,
    () => killEveryMs * (0.5 + random()),
    async () => {
      const pids = corral.workerPids;
      const pid = pids[Math.floor(random() * pids.length)];
      if (pid === undefined || pid <= 0) return;
      try {
        process.kill(pid, 'SIGKILL');
        tally.workersKilled += 1;
      } catch {
        // Gone in the meantime.
      }
    },
  );
  const hogs = repeat(
    signal,
    () => hogEveryMs,
    async () => {
      tally.hogs += 1;
      await hog(hogBytes, hogMs, signal);
    },
  );
  await Promise.all([kills, hogs]);
  return tally;
}

async function repeat(
  signal: AbortSignal,
  everyMs: () => number,
  work: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    await sleep(everyMs(), undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) await work();
  }
}

/** A program that holds memory for a while, every page of it touched. */
async function hog(bytes: number, ms: number, signal: AbortSignal): Promise<void> {
  const code = `const held = Buffer.alloc(${bytes}, 1); setTimeout(() => held.length, ${ms});`;
  const child: ChildProcess = spawn(process.execPath, ['-e', code], { stdio: 'ignore' });
  const stop = () => child.kill('SIGKILL');
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  await once(child, 'exit');
  signal.removeEventListener('abort', stop);
}
