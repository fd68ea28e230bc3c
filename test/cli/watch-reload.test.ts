// SIGHUP with a real process: settings that are changed, kept where the file is wrong, and a terminal that is closed.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { CHILD_LIFE } from '../support/child-life.ts';
import { ROOT } from '../support/cli.ts';
import { tempDir } from '../support/temp.ts';

const MAIN = join(ROOT, 'src/cli/main.ts');
const DEADLINE_MS = 60_000;

/** Waits for a condition. */
async function until(condition: () => boolean, what: string): Promise<void> {
  const start = performance.now();
  while (!condition()) {
    assert.ok(performance.now() - start < DEADLINE_MS, what);
    await wait(20);
  }
}

/** A run in a session of its own, without a terminal, as a service would have it. */
function startRun(cwd: string): { child: ChildProcess; says: (text: RegExp) => Promise<void> } {
  const child = spawn(process.execPath, [MAIN, 'run', 'm.js'], {
    cwd,
    detached: true,
    env: { PATH: process.env.PATH ?? '', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...CHILD_LIFE,
  });
  let told = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    told += chunk.toString();
  });
  return {
    child,
    says: (text) => until(() => text.test(told), `${text} in: ${told}`),
  };
}

describe('SIGHUP to a run', () => {
  test('reads its configuration again, keeps the old one where that is wrong, and goes on', async () => {
    using dir = tempDir();
    const file = join(dir.path, 'corral.yaml');
    writeFileSync(file, 'level: medium\n');
    writeFileSync(join(dir.path, 'm.js'), "log('up'); await sleep(100_000)");
    const { child, says } = startRun(dir.path);
    try {
      await says(/up/);
      writeFileSync(file, 'level: high\nload: { active: 50 }\ndumps: { dir: crash }\n');
      child.kill('SIGHUP');
      await says(
        /Read corral\.yaml again: what starts from now on has level medium → high, limits\.wall 5m → 2m.* dumps\.dir will change with the next start\./,
      );
      writeFileSync(file, 'level: high\nload: { activ: 50 }\n');
      child.kill('SIGHUP');
      await says(
        /warning The settings stay as they were\. Cannot use this configuration: corral\.yaml:2:9: .*did you mean `active`\?/,
      );
      writeFileSync(file, 'level: high\nload: { active: 50 }\n');
      child.kill('SIGHUP');
      await says(/Read corral\.yaml again: nothing changes\./);
      assert.equal(child.exitCode, null, 'it is still running');
    } finally {
      child.kill('SIGTERM');
    }
    const [code] = await once(child, 'exit');
    assert.equal(code, 130);
  });

  const script = spawnSync('script', ['--version']);
  const isMissing = script.error !== undefined || !script.stdout.toString().includes('util-linux');
  test('ends it when it comes from a terminal that is closed', {
    skip: isMissing && 'no `script` of util-linux to make a terminal',
  }, async () => {
    using dir = tempDir();
    writeFileSync(join(dir.path, 'm.js'), "log('up'); await sleep(100_000)");
    const command = `echo $$ > pid; exec '${process.execPath}' '${MAIN}' run m.js`;
    const terminal = spawn('script', ['-qfec', command, 'said'], {
      cwd: dir.path,
      env: { PATH: process.env.PATH ?? '', NO_COLOR: '1', SHELL: '/bin/sh' },
      stdio: ['ignore', 'ignore', 'ignore'],
      ...CHILD_LIFE,
    });
    const read = (name: string) => {
      try {
        return readFileSync(join(dir.path, name), 'utf8');
      } catch {
        return '';
      }
    };
    await until(() => /up/.test(read('said')), 'the macro runs');
    const pid = Number(read('pid'));
    try {
      terminal.kill('SIGKILL');
      await until(() => !isAlive(pid), 'the run is over');
    } finally {
      if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    }
  });
});

function isAlive(pid: number): boolean {
  try {
    // A process that has ended and that nobody has waited for is over too.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
