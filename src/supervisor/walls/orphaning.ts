// Owns trying whether a worker that answers to nothing dies with the process that runs Corral.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CorralError } from '../../model/errors.ts';
import { sweepGroups } from './group-home.ts';

const START_MS = 60_000;
const FORGET_MS = 1_000;

/**
 * Starts a supervisor with a worker in an endless loop, kills the supervisor; true when the worker is gone too.
 * @param patienceMs how long it may take
 */
export async function diesWithItsSupervisor(patienceMs: number): Promise<boolean> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const orphan = fileURLToPath(new URL(`orphan.${extension}`, import.meta.url));
  const child = spawn(process.execPath, [orphan], {
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: START_MS,
    killSignal: 'SIGKILL',
  });
  const exited = once(child, 'exit');
  const [line] = await Promise.race([once(child.stdout, 'data'), exited.then(() => [''])]);
  const pid = Number.parseInt(String(line), 10);
  child.kill('SIGKILL');
  await exited;
  if (!Number.isInteger(pid)) throw new CorralError('worker-start', 'No worker could be started.');
  const until = performance.now() + patienceMs;
  while (isRunning(pid) && performance.now() < until) await sleep(5);
  const isGone = !isRunning(pid);
  if (!isGone) process.kill(pid, 'SIGKILL');
  // What was killed could not tidy up after itself; the kernel needs a moment to forget it.
  while (!sweepGroups() && performance.now() < until + FORGET_MS) await sleep(5);
  return isGone;
}

function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}
