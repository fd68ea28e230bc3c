// Owns finding the system's small programs that put up walls, and hearing from them whether they work here.

import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/** A program that hangs is as good as none (ms). */
const ANSWER_MS = 10_000;
const WORDS_MAX = 200;

/** Where a program is: by PATH, or without one where systems keep theirs; null where it is not. */
export function findProgram(name: string): string | null {
  const path = process.env.PATH || ['/usr/bin', '/bin', '/usr/sbin'].join(delimiter);
  for (const folder of path.split(delimiter)) {
    // A relative folder would take a program from wherever Corral happens to be started.
    if (!isAbsolute(folder)) continue;
    const program = join(folder, name);
    try {
      accessSync(program, constants.X_OK);
      return program;
    } catch {
      // Not here: the next folder.
    }
  }
  return null;
}

/** Runs a command with an empty environment; null where it did what it should, else the first thing it said against it. */
export function whyNot(command: readonly string[]): string | null {
  const [program = '', ...args] = command;
  const { status, signal, error, stderr } = spawnSync(program, args, {
    env: {},
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: ANSWER_MS,
    killSignal: 'SIGKILL',
    maxBuffer: 64 * 1024,
  });
  if (status === 0) return null;
  if (error) return error.message.slice(0, WORDS_MAX);
  const said = stderr.toString('utf8').trim().split('\n', 1)[0] ?? '';
  return (said || `it ended with ${signal ?? `exit code ${status}`}`).slice(0, WORDS_MAX);
}
