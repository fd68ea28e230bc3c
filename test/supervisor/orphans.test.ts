// What becomes of workers whose supervisor is killed with SIGKILL: whatever they do, they notice and are gone.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { findProgram } from '../../src/supervisor/walls/programs.ts';
import { CHILD_LIFE } from '../support/child-life.ts';
import { descendants, isAlive, until } from './support/processes.ts';
import { scratchDir } from './support/scratch.ts';

const SUPERVISOR = new URL('./support/every-state.ts', import.meta.url).pathname;
const dir = scratchDir();

/** A machine that has these programs and no others. */
function machineWith(...programs: readonly string[]): string {
  const bin = join(dir, programs.join('-') || 'nothing');
  mkdirSync(bin);
  for (const name of programs) symlinkSync(findProgram(name) ?? '', join(bin, name));
  return bin;
}

/** Everything a supervisor has started, once it has a worker in every state. */
async function startAll(path: string) {
  const child = spawn(process.execPath, [SUPERVISOR, dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PATH: path },
    ...CHILD_LIFE,
  });
  const exited = once(child, 'exit');
  const [line] = await Promise.race([
    once(child.stdout as Readable, 'data') as Promise<[Buffer]>,
    exited.then(([code]) => assert.fail(`it ended by itself: ${code}`)),
  ]);
  const workers = Number(line.toString());
  // And what starts them, which is one process more.
  await until('all are started', () => descendants(child.pid ?? 0).length > workers);
  return { child, exited, pids: descendants(child.pid ?? 0), workers };
}

describe('a supervisor that is killed leaves no worker behind, be it idle, starting, asleep, busy, paused or stuck', () => {
  for (const [what, programs] of [
    ['inside bubblewrap', ['nice', 'prlimit', 'bwrap']],
    ['with no more than setpriv', ['setpriv']],
    ['with nothing around it', []],
  ] as const) {
    const missing = programs.filter((name) => findProgram(name) === null);
    test(what, { skip: missing.length > 0 && `${missing} is not installed here` }, async () => {
      const { child, exited, pids, workers } = await startAll(machineWith(...programs));
      assert.ok(workers >= 7 && pids.length > workers, `${workers} workers, processes ${pids}`);
      assert.ok(pids.filter(isAlive).length >= workers);
      child.kill('SIGKILL');
      await exited;
      await until('the end of all of them', () => !pids.some(isAlive));
    });
  }
});
