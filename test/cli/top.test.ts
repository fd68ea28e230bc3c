import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Corral, createCorral } from '../../src/corral.ts';
import { corral as cli, jsonLines, ROOT } from '../support/cli.ts';
import { tempDir } from '../support/temp.ts';
import { NO_TERMINAL, Terminal } from '../support/terminal.ts';

const TAKEN = '\u001b[?1049h\u001b[?25l\u001b[?7l';
const GIVEN_BACK = '\u001b[?7h\u001b[?25h\u001b[?1049l';
const SIZE = { columns: 100, rows: 30 };

const temp = tempDir();
const dir = join(temp.path, 'control');
let corral: Corral;
before(async () => {
  corral = createCorral({
    controlDir: dir,
    dump: 'never',
    workers: { warm: 0 },
  });
  assert.equal((await corral.control).problem, null);
});
after(async () => {
  await corral.close();
  temp[Symbol.dispose]();
});

/** A macro that sleeps until it is stopped. */
async function asleep(name: string) {
  const run = corral.start(`// ==Macro==\n// @name ${name}\n// ==/Macro==\nawait sleep(200_000)`, {
    owner: 'alice',
  });
  const running = Promise.withResolvers<void>();
  run.on('state', ({ state }) => {
    if (state === 'running') running.resolve();
  });
  await running.promise;
  return run;
}

function top(...flags: string[]): Terminal {
  const command = [process.execPath, join(ROOT, 'src/cli/main.ts'), 'top', '--control-dir', dir];
  const env = { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? '' };
  return new Terminal([...command, ...flags], { ...SIZE, env });
}

describe('corral top on a terminal', { skip: NO_TERMINAL }, () => {
  test('follows what runs, pauses, resumes and stops it by keys, and gives the terminal back', async () => {
    await using terminal = top();
    await terminal.shows(/no macro is running/);
    const run = await asleep('sleeper');
    await terminal.shows(/› sleeper +alice +running/);
    terminal.type('p');
    await terminal.shows(/› sleeper +alice +paused/);
    assert.equal(run.state, 'paused');
    terminal.type('r');
    await terminal.shows(/› sleeper +alice +running/);
    terminal.type('s');
    await terminal.shows(/Stop sleeper\? y stops it/);
    terminal.type('y');
    const end = await run.result;
    assert.match(end.message, /^it was stopped by \S+$/);
    await terminal.shows(/sleeper has ended \(cancelled\)/);
    await terminal.shows(/sleeper ended: cancelled/);
    await terminal.shows(/no macro is running/);
    terminal.type('q');
    assert.equal(await terminal.exited(), 0);
    assert.equal(terminal.written.split(TAKEN).length, 2);
    assert.ok(terminal.written.trimEnd().endsWith(GIVEN_BACK));
  });

  test('says that nothing was stopped when the word for it is mistyped', async () => {
    const run = await asleep('goes-on');
    await using terminal = top();
    await terminal.shows(/› goes-on/);
    terminal.type('eemergncy\r');
    await terminal.shows(/Not stopped: it wants the word emergency/);
    assert.equal(run.state, 'running');
    await run.stop();
  });

  test('stops all runs of the Corral it shows by the word, says who did, and clears it', async () => {
    const run = await asleep('stopped');
    await using terminal = top();
    await terminal.shows(/› stopped/);
    terminal.type('e');
    await terminal.shows(/type emergency and Enter to stop all runs of the Corral shown/);
    terminal.type('emergency\r');
    await terminal.shows(/EMERGENCY STOP by \S+: from corral top · e clears it/);
    await terminal.shows(/Corral \d+: all its runs are being stopped, and it lets nothing new in/);
    assert.equal((await run.result).reason, 'emergency');
    terminal.type('eclear\r');
    await terminal.shows(/Corral \d+: it lets new runs in again/);
    assert.equal(corral.emergencyState, null);
  });

  test('leaves the marker with its run when another one comes to stand above', async () => {
    const run = await asleep('sleeper');
    await using terminal = top();
    await terminal.shows(/› sleeper/);
    const busy = corral.start(
      `// ==Macro==\n// @name busy\n// ==/Macro==\nfor (let n = 1; ; n++) if (n % 1e6 === 0) await sleep(1)`,
      { lint: false, limits: { cpu: '5min' } },
    );
    await terminal.shows(/ {2}busy .*\n› sleeper/);
    terminal.type('s');
    await terminal.shows(/Stop sleeper\? y stops it/);
    await run.stop();
    await terminal.shows(/› busy .*\n.*sleeper has ended/s);
    await busy.stop();
  });

  test('writes nothing of a line that has not changed', async () => {
    const run = await asleep('still');
    await using terminal = top();
    await terminal.shows(/still/);
    terminal.type('?');
    await terminal.shows(/any key goes back/);
    terminal.type('x');
    await terminal.shows(/› still/);
    const title = terminal.written.split('RECENT').length - 1;
    assert.equal(title, 1, 'what stood there all the time was written once');
    await run.stop();
  });

  test('gives the terminal back on SIGTERM, and exits with 130', async () => {
    await using terminal = top();
    await terminal.shows(/no macro is running/);
    process.kill(terminal.pid, 'SIGTERM');
    assert.equal(await terminal.exited(), 130);
    assert.ok(terminal.written.trimEnd().endsWith(GIVEN_BACK));
  });

  test('gives it back on a crash too, before the error is told', async () => {
    const path = join(ROOT, 'test/cli/top/support/crashing.ts');
    await using terminal = new Terminal([process.execPath, path], SIZE);
    assert.equal(await terminal.exited(), 1);
    const [drawn = '', after = ''] = terminal.written.split(GIVEN_BACK);
    assert.match(drawn, /it is drawn/);
    assert.match(after, /nobody catches this/);
    assert.match(terminal.screen, /nobody catches this/);
  });
});

describe('corral top where there is no terminal', () => {
  test('prints one table and ends; a hostile name is harmless', async () => {
    const run = corral.start(
      '// ==Macro==\n// @name \u001b[2J\u202edizzy\n// ==/Macro==\nawait sleep(200_000)',
    );
    const { code, stdout, stderr } = await cli(['top', '--control-dir', dir]);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    const [head, row, rest] = stdout.split('\n');
    assert.match(head ?? '', /^MACRO +STATE +CPU HEAP +CMD\/S +RISK +AGE$/);
    assert.match(row ?? '', /^\\x1b\[2J\\u\{202e\}dizzy +(starting|running) +\d+%/);
    assert.equal(rest, '');
    await run.stop();
  });

  test('--json prints an object for each Corral and each run, --watch again and again', async () => {
    const run = await asleep('counted');
    const args = ['top', '--control-dir', dir, '--json', '--watch', '0.2'];
    const { code, stdout } = await cli(args, {
      interrupt: { after: /"counted".*"counted"/s, signal: 'SIGINT' },
    });
    assert.equal(code, 130);
    const [first, second] = jsonLines(stdout);
    assert.equal(first?.type, 'corral');
    assert.equal(first?.pid, process.pid);
    assert.equal(first?.problem, null);
    assert.equal('runs' in (first ?? {}), false);
    assert.deepEqual(
      [second?.type, second?.pid, second?.macro, second?.id, second?.owner],
      ['run', process.pid, 'counted', run.id, 'alice'],
    );
    await run.stop();
  });

  test('says so when none is running, and how to start one', async () => {
    const none = join(temp.path, 'none');
    const { code, stdout, stderr } = await cli(['top', '--control-dir', none]);
    assert.deepEqual({ code, stdout }, { code: 0, stdout: '' });
    assert.match(stderr, /^No Corral is running in .*none\.\nStart one in this folder: corral run/);
    const json = await cli(['top', '--control-dir', none, '--json']);
    assert.deepEqual([json.code, json.stdout], [0, '']);
  });

  test('a folder that cannot be read ends with 2', async () => {
    const { code, stderr } = await cli(['top', '--control-dir', join(ROOT, 'package.json')]);
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^error Cannot look for running Corrals in .*: a part of its path is no folder/,
    );
    assert.equal((await cli(['top', '--watch', 'often'])).code, 2);
  });
});
