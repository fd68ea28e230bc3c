import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Child, ChildEnd } from '../../../src/supervisor/processes/child.ts';
import { Launcher, STARTED_HERE } from '../../../src/supervisor/processes/launcher.ts';
import { descendants, isAlive, until } from '../support/processes.ts';

const parentOf = (pid: number) =>
  Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1]);
/** Says its pid on descriptor 3, echoes what comes there, and ends as it is told to. */
const ECHO = [
  process.execPath,
  '-e',
  `const c = new (require('node:net').Socket)({ fd: 3 });
   c.write(String(process.pid) + '\\n');
   c.on('data', (d) => { if (String(d) === 'exit') { console.error('bye'); process.exitCode = 7; c.end(); } else c.write(d); });`,
];

const open = () => {
  const launcher = new Launcher();
  return Object.assign(launcher, { [Symbol.asyncDispose]: () => launcher.close() });
};
const closed = async (child: Child) => ((await once(child, 'closed')) as [ChildEnd])[0];
const said = async (child: Child) => String((await once(child.pipes[1] as never, 'data'))[0]);

/** Has a launcher's first few processes behind it, and waits until it starts the next ones. */
async function booted(launcher: Launcher): Promise<void> {
  for (let n = 0; n < STARTED_HERE; n++) await closed(launcher.start(['/bin/true'], 2));
  for (let n = 0; n < 500; n++) {
    const child = launcher.start(['/bin/true'], 2);
    const isByLauncher = child.pid === null;
    await closed(child);
    if (isByLauncher) return;
    await sleep(10);
  }
  assert.fail('the launcher takes no orders');
}

/** Where a launcher listens, as anybody can see; others may be running beside it. */
function addressOf(pid: number): string | undefined {
  const own = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  const lines = readFileSync('/proc/net/unix', 'utf8').split('\n');
  return lines
    .map((line) => / (\d+) (@corral-launcher-[0-9a-f]+)$/.exec(line))
    .find((match) => own.includes(`socket:[${match?.[1]}]`))?.[2];
}

describe('the launcher', () => {
  test('is not there for the first few, which are children of this process', async () => {
    await using launcher = open();
    for (let n = 0; n < STARTED_HERE; n++) {
      const child = launcher.start(['/bin/sleep', '5'], 2);
      assert.equal(parentOf(child.pid as number), process.pid);
      child.kill(null);
      assert.deepEqual(await closed(child), { code: null, signal: 'SIGKILL', why: null });
    }
    assert.equal(launcher.pid, null);
  });

  test('starts a process whose pipes lead here, and tells how it ended', async () => {
    await using launcher = open();
    await booted(launcher);
    const child = launcher.start(ECHO, 2);
    assert.equal(child.pid, null, 'not known yet');
    let errors = '';
    child.pipes[0]?.on('data', (text) => (errors += text));
    const ended = closed(child);
    const [pid, started] = await Promise.all([said(child), once(child, 'started')]);
    assert.deepEqual(started, []);
    assert.equal(Number(pid), child.pid);
    assert.equal(parentOf(Number(pid)), launcher.pid);
    for (const text of ['a', 'b'.repeat(60_000)]) {
      let back = '';
      child.pipes[1]?.on('data', (part) => (back += part));
      child.pipes[1]?.write(text);
      await until('it came back', () => back === text);
      child.pipes[1]?.removeAllListeners('data');
    }
    child.pipes[1]?.resume().write('exit');
    assert.deepEqual(await ended, { code: 7, signal: null, why: null });
    assert.equal(errors, 'bye\n');
    assert.equal(child.isThere, false);
  });

  test('kills a whole session, also one that it is about to start', async () => {
    await using launcher = open();
    await booted(launcher);
    const child = launcher.start(['/bin/sh', '-c', 'sleep 50 & echo $! >&3; wait'], 2);
    const inner = Number(await said(child));
    child.kill(null);
    assert.deepEqual(await closed(child), { code: null, signal: 'SIGKILL', why: null });
    await until('all of the session is gone', () => !isAlive(inner));

    const early = launcher.start(['/bin/sleep', '50'], 2);
    const end = Promise.race([closed(early), once(early, 'failed')]);
    early.kill(null);
    await end;
    assert.equal(early.isThere, false);
    assert.deepEqual(
      descendants(process.pid).filter((pid) => pid !== launcher.pid),
      [],
    );
  });

  test('tells what cannot be started', async () => {
    await using launcher = open();
    await booted(launcher);
    const child = launcher.start(['/nowhere/at/all'], 2);
    const [error] = await once(child, 'failed');
    assert.match(error.message, /ENOENT/);
    assert.deepEqual([child.pid, child.isThere], [null, false]);
    assert.ok(child.pipes.every(({ destroyed }) => destroyed));
  });

  test('takes its processes along when it dies, and there is another one for the next', async () => {
    await using launcher = open();
    await booted(launcher);
    const child = launcher.start(ECHO, 2);
    const pid = Number(await said(child));
    const ended = closed(child);
    const first = launcher.pid as number;
    process.kill(first, 'SIGKILL');
    const { signal, why } = await ended;
    assert.equal(signal, 'SIGKILL');
    assert.match(String(why), /the process that starts the workers has died/);
    await until('its process is gone', () => !isAlive(pid));
    await booted(launcher);
    assert.notEqual(launcher.pid, first);
  });

  test('hands no pipe to a stranger who does not know the token, however many there are', async () => {
    await using launcher = open();
    await booted(launcher);
    const address = addressOf(launcher.pid as number);
    assert.ok(address, 'it is to be seen by everybody');
    const strangers = Array.from({ length: 200 }, () => connect(address.replace('@', '\0')));
    for (const each of strangers) each.on('error', () => undefined);
    strangers[199]?.write(`${'0'.repeat(32)}         1 1`);
    await once(strangers[199] as never, 'close');
    const child = launcher.start(ECHO, 2);
    assert.equal(Number(await said(child)), child.pid);
    child.kill(null);
    await closed(child);
    for (const each of strangers) each.destroy();
  });

  test('is gone once it is closed, and leaves nothing', async () => {
    const launcher = new Launcher();
    await booted(launcher);
    const pid = launcher.pid as number;
    await launcher.close();
    assert.equal(existsSync(`/proc/${pid}`), false);
    await launcher.close();
  });

  test('is gone too where it hangs', async () => {
    const launcher = new Launcher();
    await booted(launcher);
    const pid = launcher.pid as number;
    process.kill(pid, 'SIGSTOP');
    await launcher.close();
    assert.equal(existsSync(`/proc/${pid}`), false);
  });
});
