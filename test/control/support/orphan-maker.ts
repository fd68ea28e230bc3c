// A process that starts a worker without walls around it, stops it where it is, so that it cannot notice anything, and tells
// its pid. Then it ends and leaves an orphan; told to `stay`, it stays until its stdin ends. Started by path, never imported.

import { spawn } from 'node:child_process';
import { toWorkerProgram } from '../../../src/supervisor/worker-program.ts';

const { path, args } = toWorkerProgram('worker', ['33554432']);
const child = spawn(path, args, {
  env: {},
  detached: true,
  stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
});
// Its first word: it has begun, and is what it will be.
child.stdio[3]?.once('data', () => {
  process.kill(child.pid ?? 0, 'SIGSTOP');
  process.stdout.write(`${child.pid}\n`, () => {
    if (process.argv[2] !== 'stay') process.exit();
    process.stdin.resume().once('end', () => process.exit());
  });
});
