// A process that starts a worker without walls around it, stops it where it is, so that it cannot notice anything, and tells
// its pid. Then it ends and leaves an orphan; told to `stay`, it stays until its stdin ends. Told `wrapped`, it starts
// bubblewrap, which is to start a worker and is stopped before. Started by path, never imported.

import { spawn } from 'node:child_process';
import { toWorkerProgram } from '../../../src/supervisor/worker-program.ts';

const isWrapped = process.argv.includes('wrapped');
const { path, args } = toWorkerProgram('worker', ['33554432']);
const walls = [
  'bwrap',
  '--unshare-pid',
  '--dev-bind',
  '/',
  '/',
  '--block-fd',
  '3',
  '--json-status-fd',
  '4',
];
const [first = path, ...rest] = [...(isWrapped ? walls : []), path, ...args];
const child = spawn(first, rest, {
  env: {},
  detached: true,
  stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
});
// Its first word: it has begun, and is what it will be.
child.stdio[isWrapped ? 4 : 3]?.once('data', () => {
  process.kill(-(child.pid ?? 0), 'SIGSTOP');
  process.stdout.write(`${child.pid}\n`, () => {
    if (!process.argv.includes('stay')) process.exit();
    process.stdin.resume().once('end', () => process.exit());
  });
});
