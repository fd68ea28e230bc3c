// Owns the peers that give each run a thread or a process: worker_threads with limits, and a fork.

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

/** One thread with resource limits per run. */
export function runInThread(code: string): Promise<unknown> {
  const source = `require('node:worker_threads').parentPort.postMessage(eval(${JSON.stringify(code)}))`;
  const worker = new Worker(source, {
    eval: true,
    resourceLimits: { maxOldGenerationSizeMb: 128 },
    env: {},
  });
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (value) => worker.terminate().then(() => resolve(value), reject));
  });
}

/** One child process per run. */
export function runInFork(code: string): Promise<unknown> {
  const child = fork(fileURLToPath(new URL('./forked.js', import.meta.url)), [], {
    env: {},
    execArgv: ['--max-old-space-size=128'],
  });
  return new Promise((resolve, reject) => {
    let value: unknown;
    child.once('error', reject);
    child.once('message', (message) => {
      value = message;
    });
    child.once('exit', () => resolve(value));
    child.send(code);
  });
}
