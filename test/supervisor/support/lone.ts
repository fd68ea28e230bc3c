// Owns starting a process that runs Corral and that a test may kill.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { CHILD_LIFE } from '../../support/child-life.ts';

const LONE = new URL('lone-supervisor.ts', import.meta.url).pathname;

/**
 * A supervisor that is to be killed: its workers' pids once it has said them.
 * @param dir for its dumps
 * @param source a macro that logs when they may be asked for
 * @param handed descriptors it gets from 3 on
 */
export async function lone(
  dir: string,
  source: string,
  ...handed: readonly (number | 'ignore')[]
): Promise<{ readonly pids: readonly number[]; kill(): Promise<void> }> {
  const child = spawn(process.execPath, [LONE, dir, source], {
    stdio: ['ignore', 'pipe', 'inherit', ...handed],
    ...CHILD_LIFE,
  });
  const exited = once(child, 'exit');
  const [line] = (await once(child.stdout as Readable, 'data')) as [Buffer];
  const pids = line.toString().trim().split(' ').map(Number);
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  return { pids, kill };
}
