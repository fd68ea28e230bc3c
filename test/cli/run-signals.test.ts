// How `corral run` takes the signals that ask it to end.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { descendants, isAlive, until } from '../supervisor/support/processes.ts';
import { CHILD_LIFE } from '../support/child-life.ts';
import { tempDir } from '../support/temp.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const temp = tempDir();
after(() => temp[Symbol.dispose]());
let files = 0;

/** `corral run` with a macro that says `ready`; everything it has started by then. */
async function ready(source: string) {
  const file = join(temp.path, `macro-${++files}.js`);
  writeFileSync(file, source);
  const child: ChildProcess = spawn(process.execPath, [MAIN, 'run', file, '--no-lint'], {
    cwd: temp.path,
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
    ...CHILD_LIFE,
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const closed = once(child, 'close') as Promise<[number | null]>;
  await until('the macro to run', () => said.includes('ready'));
  return { child, closed, pids: descendants(child.pid ?? 0), said: () => said };
}

describe('Emergency stop: SIGTERM', () => {
  test('cancels: the macro may tidy up, the end is told, and no process is left', async () => {
    const { child, closed, pids, said } = await ready(
      `signal.addEventListener('abort', () => log('tidied up')); log('ready'); await sleep(60_000)`,
    );
    assert.ok(pids.length > 0);
    child.kill('SIGTERM');
    assert.deepEqual((await closed)[0], 130);
    assert.match(said(), /tidied up[\s\S]*■ macro-\d+ was cancelled after/);
    await until('its processes to be gone', () => !pids.some(isAlive));
  });

  test('a second time ends it on the spot, and its worker with it', async () => {
    const { child, closed, pids, said } = await ready(`log('ready'); await sleep(60_000)`);
    // A worker that answers to nothing would be waited for: seconds, in which the second signal comes.
    const worker = pids.at(-1) ?? 0;
    process.kill(worker, 'SIGSTOP');
    // One that comes at once counts as the same (a terminal sends it to everybody in the foreground): so again and again.
    const again = setInterval(() => child.kill('SIGTERM'), 50);
    assert.deepEqual((await closed)[0], 130);
    clearInterval(again);
    assert.doesNotMatch(said(), /was cancelled/, 'it did not wait for the end');
    if (isAlive(worker)) process.kill(worker, 'SIGCONT');
    await until('its processes to be gone', () => !pids.some(isAlive));
  });
});
